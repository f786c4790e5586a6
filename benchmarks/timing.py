"""What a measure took: wall clock, processor time, memory at its highest."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, process_time
from typing import Any

import msgspec


class Took(msgspec.Struct):
    """Seconds by the wall clock and of the processor (all threads)."""

    wall: float = 0.0
    cpu: float = 0.0


class Measured(msgspec.Struct):
    """What one process measured. `parts`: by name, in the order in which they came; `memory`: bytes at the highest, of
    the whole process; `told`: answers to compare, and what else is to be said."""

    events: int
    parts: dict[str, Took]
    memory: int
    told: dict[str, Any] = {}


class Stopwatch:
    """Adds up the time spent in each part.

    >>> watch = Stopwatch()
    >>> with watch("reading"):
    ...     pass
    """

    def __init__(self) -> None:
        self.parts: dict[str, Took] = {}

    @contextmanager
    def __call__(self, part: str) -> Iterator[None]:
        took = self.parts.setdefault(part, Took())
        wall, cpu = perf_counter(), process_time()
        try:
            yield
        finally:
            took.wall += perf_counter() - wall
            took.cpu += process_time() - cpu

    def measured(self, events: int, **told: Any) -> Measured:
        return Measured(events, self.parts, highest_memory(), told)


def highest_memory() -> int:
    """Bytes this process has held at most (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
