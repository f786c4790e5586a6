"""The workers of the stack: those `caseclock worker --list` names, so many of each, each with a port for its health."""

from __future__ import annotations

import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path

from deploy.stack.places import ROOT, Ports
from deploy.stack.processes import Died, Process

READY = 60  # seconds
CASECLOCK = ROOT / ".venv" / "bin" / "caseclock"


def names(environ: Mapping[str, str]) -> list[str]:
    """The workers there are."""
    return caseclock(environ, "worker", "--list").split()


def caseclock(environ: Mapping[str, str], *arguments: str) -> str:
    """Runs the command to its end, and gives what it put out. Raises Died with what it said."""
    ran = subprocess.run(
        [CASECLOCK, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=environ
    )
    if ran.returncode:
        raise Died(f"`caseclock {' '.join(arguments)}`: {ran.stderr.strip()}")
    return ran.stdout


class Worker:
    """One worker, by its name and number: `ingest-1`."""

    def __init__(self, folder: Path, name: str, number: int, port: int) -> None:
        self.port = port
        self.name = f"{name}-{number}"
        self._worker = name
        self.process = Process(folder, self.name)

    def start(self, environ: Mapping[str, str], guard: int | None = None) -> None:
        """Starts it, unless it runs. `guard`: the number of a process that it must not outlive."""
        if self.process.running() is None:
            own = {"CASECLOCK_WORKER": self.name, "CASECLOCK_HEALTH_PORT": str(self.port)}
            self.process.start([CASECLOCK, "worker", self._worker], {**environ, **own}, guard=guard)

    def wait(self, seconds: float = READY) -> None:
        """Until it says that it can work. Raises Died."""
        self.process.wait(self._ready, seconds)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def of(folder: Path, ports: Ports, listed: Iterable[str], each: int) -> list[Worker]:
    """So many of each of the workers listed."""
    wanted = [(name, number) for name in listed for number in range(1, each + 1)]
    return [Worker(folder, name, number, ports.of(f"{name}-{number}")) for name, number in wanted]


def started(folder: Path) -> list[Process]:
    """Those that were started in a folder at any time, whatever is listed now."""
    return [Process(folder, file.stem) for file in sorted(folder.glob("*.pid"))]


def own_environ(added: Mapping[str, str]) -> dict[str, str]:
    """What a worker of the stack is to see: the stack's settings, and none of ours that say where else things are."""
    places = ("CASECLOCK_DB", "CASECLOCK_KAFKA", "CASECLOCK_HEALTH_PORT", "CASECLOCK_WORKER")
    return {**{name: value for name, value in os.environ.items() if name not in places}, **added}
