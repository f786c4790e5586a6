"""Serving the pages on this machine only, until Ctrl-C."""

from __future__ import annotations

import socket
from contextlib import suppress

import typer
import uvicorn
from sqlalchemy import Engine

from services.pages.app import make_app
from services.single import Rules, now

HOST = "127.0.0.1"
TRIES = 20


def serve(engine: Engine, by: Rules, port: int) -> None:
    """Serve until interrupted. Of the ports from `port` on, the first that is free. Raises OSError if none is."""
    listening = _listen(port)
    where = f"http://{HOST}:{listening.getsockname()[1]}"
    typer.echo(f"The same on {where}  (Ctrl-C ends it)")
    config = uvicorn.Config(
        make_app(engine, by, now), log_level="warning", access_log=False, server_header=False, proxy_headers=False,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])
    typer.echo("Ended.")


def _listen(port: int) -> socket.socket:
    for candidate in [0] if port == 0 else range(port, min(port + TRIES, 65536)):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, candidate))
            listening.listen(64)
        except OSError:
            listening.close()
            continue
        return listening
    raise OSError(98, f"none of the ports from {port} on is free; name another with --port", HOST)
