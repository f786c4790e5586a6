"""`/healthz`, `/readyz` and `/metrics` of a worker, over HTTP, on a thread of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from caseclock.workers.state import State
from schemas.settings.settings import BadSettings

TEXT = "text/plain; charset=utf-8"


@contextmanager
def served(state: State, host: str, port: int) -> Iterator[int]:
    """Serves while the block lasts; gives the port. Port 0 serves nothing. Raises BadSettings if nobody
    can listen there."""
    if port == 0:
        yield 0
        return
    try:
        listening = _Server((host, port), state)
    except OSError as wrong:
        raise BadSettings(f"CASECLOCK_HEALTH_PORT is {port}: {host}: {wrong.strerror}; choose another") from None
    with listening as server:
        Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], state: State) -> None:
        self.state = state
        super().__init__(address, _Answer)


class _Answer(BaseHTTPRequestHandler):
    server: _Server
    server_version = "caseclock"
    sys_version = ""

    def do_GET(self) -> None:
        state = self.server.state
        if self.path == "/healthz":
            self._say(state.health())
        elif self.path == "/readyz":
            self._say(state.readiness())
        elif self.path == "/metrics":
            self._send(200, CONTENT_TYPE_LATEST, generate_latest(state.registry))
        else:
            self._send(404, TEXT, b"/healthz, /readyz and /metrics are here\n")

    def _say(self, wrong: str | None) -> None:
        self._send(200 if wrong is None else 503, TEXT, f"{wrong or 'ok'}\n".encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: whoever asks, asks every few seconds."""
