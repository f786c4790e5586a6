"""Where the stack is: its folder and its ports. Ports are chosen once, free ones, and kept for the next time."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path

from deploy.stack.needs import Missing

ROOT = Path(__file__).parents[2]
FIRST_PORT = 19092


def folder() -> Path:
    """The stack's folder: what CASECLOCK_STACK names, else `.stack` in the project's."""
    named = os.environ.get("CASECLOCK_STACK")
    return (Path(named) if named else ROOT / ".stack").absolute()


class Ports:
    """Ports by the name of what listens there."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ports.json"
        try:
            self._known: dict[str, int] = json.loads(self._file.read_text())
        except (OSError, ValueError):
            self._known = {}

    def of(self, name: str) -> int:
        """The port kept for a name, or else the next that is free."""
        if name not in self._known:
            first = int(os.environ.get("CASECLOCK_STACK_PORT") or FIRST_PORT)
            self._known[name] = next(free(first, self._known.values()))
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps(self._known, indent=1) + "\n")
        return self._known[name]


def free(first: int, taken: Iterable[int] = ()) -> Iterator[int]:
    """Ports from `first` on where nobody listens on loopback."""
    kept = set(taken)
    yield from (port for port in range(first, 65536) if port not in kept and is_free(port))


def is_free(port: int) -> bool:
    """Whether one could listen there, on loopback."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def must_be_free(port: int) -> None:
    """Raises Missing if something else listens there."""
    if not is_free(port):
        raise Missing(f"port {port} is in use by another program; end it, or remove ports.json to choose others")
