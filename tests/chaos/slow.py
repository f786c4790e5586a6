"""An import beside the workers that takes its time: it locks the log, reads slowly, and commits late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Event, Thread

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from caseclock.runtime import now
from schemas.store.engine import open_engine
from services.ingest.intake.intake import take_in
from services.ingest.readers.given import Given

NAME = "chaos import"


class Slow(Given):
    """Records that come at once but for the last, which is late; `reading` is set when the first was given."""

    def __init__(self, records: Sequence[bytes], seconds: float, reading: Event) -> None:
        super().__init__(records, NAME)
        self._seconds, self._reading = seconds, reading

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for position, raw in super().__iter__():
            yield position, raw
            if position == 1:
                self._reading.set()
                Event().wait(self._seconds)


class Imports:
    """What came by the other way so far. `taken`: how many events; what fails is tried again at the next."""

    def __init__(self, url: str, records: Sequence[bytes], deeds: int) -> None:
        self._url, self._left = url, list(records)
        self._share = max(1, len(records) // max(1, deeds))
        self.taken = 0

    def begin(self, seconds: float) -> Thread:
        """One import on a thread of its own; comes back once it has the log locked, or could not."""
        some = self._left[: self._share] or [b"nothing is left"]
        del self._left[: self._share]
        reading = Event()
        thread = Thread(target=self._take, args=(some, seconds, reading), daemon=True)
        thread.start()
        reading.wait(20)
        return thread

    def rest(self, engine: Engine) -> None:
        """Whatever is left, when all is quiet."""
        if self._left:
            self.taken += take_in(engine, Given(self._left, NAME), history=False, now=now()).accepted
            self._left = []

    def _take(self, some: list[bytes], seconds: float, reading: Event) -> None:
        engine = open_engine(self._url)
        try:
            self.taken += take_in(engine, Slow(some, seconds, reading), history=False, now=now()).accepted
        except (DBAPIError, SQLAlchemyError):
            self._left += some  # the database went away: nothing of it happened, or all; both are well
        finally:
            reading.set()
            engine.dispose()
