"""Looks at the store the whole time: how many events are folded, and when; and lets the crew start what ended."""

from __future__ import annotations

from threading import Event, Thread
from time import monotonic
from typing import NamedTuple

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from caseclock.runtime import now
from caseclock.workers.status import unfolded
from schemas.store.engine import reader
from services.timeliness.table import progress
from tests.chaos.crew import Crew

A_LOOK = 0.25  # seconds


class Sample(NamedTuple):
    """So many events were in the log and seen by clocks, at this moment of the run, in seconds."""

    at: float
    folded: int


class Watch:
    """A thread while the block lasts. Moments are in seconds since it began."""

    def __init__(self, store: Engine, crew: Crew) -> None:
        self._store, self._crew = store, crew
        self._begun, self._end = monotonic(), Event()
        self._thread = Thread(target=self._run, name="watch", daemon=True)
        self.samples: list[Sample] = []

    def moment(self) -> float:
        return monotonic() - self._begun

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(A_LOOK):
            self._crew.tend()
            try:
                folded = self._folded()
            except SQLAlchemyError:
                continue
            self.samples.append(Sample(self.moment(), folded))

    def _folded(self) -> int:
        with reader(self._store) as connection:
            head = progress.head_of(connection) if progress.live_of(connection) else 0
        return max(0, head - unfolded(self._store, now()).events)  # what comes between counts as behind

    def reached(self, events: int, since: float) -> float | None:
        """When, after a moment, so many were folded; None if not yet."""
        return next((one.at for one in self.samples if one.at >= since and one.folded >= events), None)
