"""Serving the pages until Ctrl-C. Nothing is logged of who asks for what: the access log in the store is for that."""

from __future__ import annotations

import socket
from contextlib import suppress

import typer
import uvicorn
from sqlalchemy import Engine

from caseclock.runtime import OTHER_RULES, Rules, by_these_rules, now
from caseclock.web.app import make_app
from caseclock.web.impatient import Impatient
from caseclock.web.sign_in import SignIn
from schemas.settings.settings import LOOPBACK

TRIES = 20
OPEN = SignIn()


def serve(
    engine: Engine, rules: Rules, port: int, host: str = LOOPBACK[0], door: SignIn = OPEN, key: str | None = None
) -> None:
    """Serve until interrupted. Of the ports from `port` on, the first that is free. Raises OSError if none is."""
    if not by_these_rules(engine, rules):
        typer.echo(OTHER_RULES, err=True)
    listening = _listen(host, port)
    at = f"[{host}]" if ":" in host else host
    typer.echo(f"The pages are on http://{at}:{listening.getsockname()[1]}  (Ctrl-C ends it)")
    config = uvicorn.Config(
        make_app(engine, rules, now, door, key),
        log_config=None,  # our own way of laying it out: a fault without what it stumbled over
        log_level="error",  # a warning for each request that is none could fill a disk
        http=Impatient,
        ws="none",  # nothing here speaks it, and it would have no such patience
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
    typer.echo("Ended.")


def _listen(host: str, port: int) -> socket.socket:
    for candidate in [0] if port == 0 else range(port, min(port + TRIES, 65536)):
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, candidate))
            listening.listen(512)
        except OSError:
            listening.close()
            continue
        return listening
    raise OSError(98, f"none of the ports from {port} on is free; name another with --port", host)
