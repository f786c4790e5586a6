"""Workers as processes of their own, on the tests' broker and PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic

from sqlalchemy import Engine, func, select

from schemas.store.engine import reader, table_of
from schemas.store.tables import LoggedEvent
from services.timeliness.table import progress

PATIENCE = 60.0  # seconds; far more than anything takes


class Worker:
    """One `caseclock worker NAME`."""

    def __init__(self, name: str, environ: Mapping[str, str], folder: Path, number: int = 1) -> None:
        self.name = name
        self.log = folder / f"{name}-{number}.log"
        own = {"CASECLOCK_WORKER": f"{name}-{number}", "CASECLOCK_NOTICES": str(folder / "notices")}
        command = [sys.executable, "-m", "caseclock.cli.main", "worker", name]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **environ, **own}
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """Its exit code, told to end as an operator would."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def said(self) -> str:
        return self.log.read_text(errors="replace")


@contextmanager
def running(names: str, environ: Mapping[str, str], folder: Path, number: int = 1) -> Iterator[list[Worker]]:
    """Workers by their names; killed at the end if they still run."""
    workers = [Worker(name, environ, folder, number) for name in names.split()]
    try:
        yield workers
    finally:
        for worker in workers:
            if worker.process.poll() is None:
                worker.kill()


def until(so: Callable[[], bool], workers: list[Worker] | None = None, seconds: float = PATIENCE) -> float:
    """Waits until it is so; gives how many seconds that took. Fails with what the workers said."""
    begun, never = monotonic(), Event()
    while not so():
        if monotonic() - begun > seconds:
            raise AssertionError("\n".join(["it did not come to pass", *(w.said()[-3000:] for w in workers or [])]))
        never.wait(0.05)
    return monotonic() - begun


def logged(engine: Engine) -> int:
    with reader(engine) as connection:
        return connection.execute(select(func.count()).select_from(table_of(LoggedEvent))).scalar_one()


def all_folded(engine: Engine, events: int) -> bool:
    """Whether so many events are in the log, and all folded."""
    with reader(engine) as connection:
        states = progress.states(connection)
        return progress.head_of(connection) >= events and bool(states) and not any(s.behind for s in states)
