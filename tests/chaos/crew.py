"""The workers: each a process, started again when it ends, as whatever runs services does."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Event, RLock

from deploy.stack.workers import Worker

READY = 120.0  # seconds until all work, at most, on a busy machine


class Crew:
    """Workers by their names. `tend` starts again those that ended; how often one ended by itself is counted. `ports`:
    for their health."""

    def __init__(self, folder: Path, environ: Mapping[str, str], guard: int, ports: Iterator[int]) -> None:
        self._folder, self._environ, self._guard, self._ports = folder, environ, guard, ports
        self._wanted: dict[str, Worker] = {}
        self._lock = RLock()
        self.ended: dict[str, int] = {}  # by worker, how often it ended by itself

    def add(self, service: str) -> Worker:
        """One more of a service."""
        with self._lock:
            taken = {name for name in self._wanted if name.startswith(service)}
            number = next(n for n in range(1, 99) if f"{service}-{n}" not in taken)
            worker = Worker(self._folder, service, number, next(self._ports))
            worker.start(self._environ, self._guard)
            self._wanted[worker.name] = worker
            return worker

    def of(self, service: str) -> list[Worker]:
        with self._lock:
            return [worker for name, worker in self._wanted.items() if name.startswith(service)]

    def all(self) -> list[Worker]:
        with self._lock:
            return list(self._wanted.values())

    def tend(self) -> None:
        """Starts again what ended by itself."""
        with self._lock:
            for worker in self._wanted.values():
                if worker.process.running() is None:
                    self.ended[worker.name] = self.ended.get(worker.name, 0) + 1
                    worker.start(self._environ, self._guard)

    def kill(self, workers: list[Worker], away: float, never: Event, again: bool = True) -> None:
        """Kills them all, and so many seconds later starts them."""
        with self._lock:
            for worker in workers:
                self._wanted.pop(worker.name, None)
            for worker in workers:
                worker.process.kill()
        never.wait(away)
        if again:
            self.back(workers)

    def back(self, workers: list[Worker]) -> None:
        with self._lock:
            for worker in workers:
                worker.start(self._environ, self._guard)
                self._wanted[worker.name] = worker

    def remove(self, worker: Worker) -> None:
        """Told to end, it finishes what it has in hand."""
        with self._lock:
            self._wanted.pop(worker.name, None)
        worker.process.stop(seconds=60)

    def freeze(self, worker: Worker, seconds: float, never: Event) -> None:
        """Stands still, and goes on as if nothing had been."""
        self._signal(worker, signal.SIGSTOP)
        never.wait(seconds)
        self._signal(worker, signal.SIGCONT)

    def _signal(self, worker: Worker, how: signal.Signals) -> None:
        if (pid := worker.process.running()) is not None:
            with suppress(ProcessLookupError):
                os.killpg(pid, how)

    def wait(self) -> None:
        """Until all say that they can work. Raises Died."""
        for worker in self.all():
            worker.wait(READY)

    def stop(self) -> None:
        with self._lock:
            workers, self._wanted = list(self._wanted.values()), {}
        for worker in workers:
            worker.process.ask_to_end()
        for worker in workers:
            worker.process.stop(seconds=40)

    def said(self) -> str:
        """Everything they logged."""
        return "".join(log.read_text(errors="replace") for log in sorted(self._folder.glob("*.log")))
