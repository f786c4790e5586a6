"""Taking in a source: every record is accepted, a duplicate or quarantined, in one transaction for the whole source.

Killed at any moment, it has either happened or not. Memory does not grow with the source.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, select

from schemas.errors import CaseclockError
from schemas.events.event import CaseEvent
from schemas.store.engine import add_rows, table_of
from schemas.store.garbage import collected_seldom
from schemas.store.tables import Feed
from services.ingest.decide.accept import Accepted, Duplicate, Rejected, decide, read
from services.ingest.decide.naming import Names
from services.ingest.intake.again import acceptable_now, may_say_who_is_one_child
from services.ingest.intake.known import known_of
from services.ingest.intake.quarantine import Refused, keep
from services.ingest.intake.quarantine import taken as settle_taken
from services.ingest.log.append import Log
from services.ingest.log.guards import guard
from services.ingest.log.said_again import ids_in
from services.ingest.readers import Reader

RECORDS_AT_ONCE = 5000
BYTES_AT_ONCE = 16 * 1024 * 1024

Record = tuple[int, bytes]
log = logging.getLogger(__name__)
NAMING = (
    "%s of %s events taken have the child's id in ids of their own: it is then in whatever names them. They were taken,"
    " and an erasure takes those ids away too; ask whoever makes the feed for ids without it (docs/feeds.md)"
)


class Taken(NamedTuple):
    """Holds what became of the records read: each of them is counted as one of the others, and the sum is looked at."""

    read: int
    accepted: int
    duplicate: int
    rejected: int


class Unaccounted(Exception):
    """A fault of ours: a record became nothing."""


class HistoryRefused(CaseclockError):
    """History was offered for a source that is already live: what it tells would have been known all along."""


def take_in(
    engine: Engine,
    reader: Reader,
    *,
    history: bool,
    now: datetime,
    progress: Callable[[int], None] | None = None,
    at_once: int = RECORDS_AT_ONCE,
) -> Taken:
    """Takes in all that a reader gives.

    `history`: known when it was recorded, if that was before `now`, and nobody is to be told of it; otherwise its
    sources are live from now on. `progress` is called with how far it has got, in the unit of `reader.size`, after
    every `at_once` records, which is also how many are held in memory. Raises Unreadable or HistoryRefused; then
    nothing was taken in.
    """
    guard(engine)
    with engine.begin() as connection, collected_seldom():
        intake = Intake(connection, reader, history, now)
        for batch in in_batches(reader, at_once, BYTES_AT_ONCE):
            intake.take(batch)
            if progress is not None:
                progress(getattr(reader, "done", intake.read))
        taken = intake.taken()
    if intake.naming:
        log.warning(NAMING, intake.naming, taken.accepted)
    return taken


class Intake:
    """One source on its way in, within its transaction."""

    def __init__(self, connection: Connection, reader: Reader, history: bool, now: datetime) -> None:
        self._connection, self._reader, self._now = connection, reader, now
        self._log = Log(connection, now, history)
        self._feeds = _Feeds(connection, history, now)
        self.read = self.accepted = self.duplicate = self.rejected = self.naming = 0

    def take(self, batch: Sequence[Record]) -> None:
        self.read += len(batch)
        events = [read(raw) for _, raw in batch]
        self._feeds.check(events)
        known = known_of(self._connection, events)
        accepted: list[Accepted] = []
        refused: list[Refused] = []
        for (position, raw), event in zip(batch, events, strict=True):
            outcome = decide(event, known)
            if isinstance(outcome, Accepted):
                known.add(outcome)
                accepted.append(outcome)
                self.naming += _names_the_child(outcome)
            elif isinstance(outcome, Rejected):
                refused.append(Refused(raw, self._reader.place(position), outcome))
            elif isinstance(outcome, Duplicate):
                self.duplicate += 1
        self._log.append(accepted)
        settle_taken(self._connection, accepted, self._log.now)
        self._feeds.go_live(accepted)
        keep(self._connection, refused, self._log.now)
        if may_say_who_is_one_child(accepted):
            self._take_again()
        self.accepted += len(accepted)
        self.rejected += len(refused)

    def _take_again(self) -> None:
        """Takes what was refused as another child's and is of the same one now. Each may be a merge withdrawn."""
        while again := acceptable_now(self._connection):
            self._log.append(again)
            settle_taken(self._connection, again, self._log.now)

    def taken(self) -> Taken:
        """Returns the counts. Raises Unaccounted where a record is none of them; then nothing was taken in."""
        taken = Taken(self.read, self.accepted, self.duplicate, self.rejected)
        if self.read != self.accepted + self.duplicate + self.rejected:
            raise Unaccounted(f"of the records read not every one is accounted for: {taken}; nothing was taken in")
        return taken


def _names_the_child(one: Accepted) -> bool:
    """Whether an id that an event has, its own or a family's, has the child's id in it, and not by chance as a part of
    a hash."""
    child = one.event.subject
    if one.payload.count(child.encode()) < 2 or one.event.about != "child":
        return False
    return any(map(Names({child}).within, ids_in(msgspec.json.decode(one.payload))))


class _Feeds:
    """Which sources are live. Live events make their source live; history is refused for it from then on."""

    def __init__(self, connection: Connection, history: bool, now: datetime) -> None:
        feed = table_of(Feed)
        self._connection, self._history, self._now = connection, history, now
        rows = connection.execute(select(feed.c.source, feed.c.live_since))
        self._live: dict[str, datetime] = {row.source: row.live_since for row in rows}

    def check(self, events: Iterable[CaseEvent | Rejected]) -> None:
        """Raises HistoryRefused if these are history and one is from a live source."""
        if not self._history or not self._live:
            return
        for event in events:
            if isinstance(event, CaseEvent) and event.source in self._live:
                raise HistoryRefused(
                    f"the source {event.source} is live since {self._live[event.source]:%Y-%m-%d %H:%M} UTC:"
                    " import this without --history, and it counts as known from now"
                )

    def go_live(self, accepted: Iterable[Accepted]) -> None:
        if self._history:
            return
        new = {one.event.source for one in accepted} - self._live.keys()
        add_rows(self._connection, Feed, [{"source": source, "live_since": self._now} for source in sorted(new)])
        self._live |= dict.fromkeys(new, self._now)


def in_batches(records: Iterable[Record], at_once: int, bytes_at_once: int) -> Iterator[list[Record]]:
    """The records in lists small enough to hold: a list ends with the record that reaches either bound."""
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record[1])
        if len(batch) >= at_once or size >= bytes_at_once:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
