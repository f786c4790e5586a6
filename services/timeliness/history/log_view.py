"""Reading the log for the fold: children's histories, as all of it tells or as known at a past moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from schemas.events.event import trusted
from schemas.store.engine import Stored, batches, driver_rows, literally, table_of
from schemas.store.tables import LoggedEvent
from services.timeliness.history.coverage import Coverage
from services.timeliness.history.facts import Fact, fact_of
from services.timeliness.history.history import History, history, in_effect
from services.timeliness.history.merged import ever_joined, members, one_of, survivors
from services.timeliness.history.workers import HELD, LEFT, leavings, no_longer_held

LOG = table_of(LoggedEvent)
_COLUMNS = (LOG.c.subject, LOG.c.payload, LOG.c.known_at)


class LogView:
    """The log up to `known_at` (None: all of it) and up to position `to`, inclusive (None: all of it), without what
    occurred after `as_of` (None: nothing left out).

    `survivor_of`: ids that were merged away, to the id that stands for them. `linked`: for each id that a merge names,
    standing or withdrawn, the ids it was ever joined with. `coverage`: by source. `stating`: (source, subject) of every
    statement of coverage, standing or withdrawn. `left`: who left, by worker; `ever_left`: the same, also where it was
    withdrawn. `sources`: those whose rank is set, highest first.
    """

    def __init__(
        self,
        connection: Connection,
        known_at: datetime | None = None,
        as_of: datetime | None = None,
        sources: Sequence[str] = (),
        to: int | None = None,
    ) -> None:
        self._sources = sources
        self._known: list[ColumnElement[bool]] = [LOG.c.payload.is_not(None)]  # an erased row has nothing to say
        self._known += [] if known_at is None else [LOG.c.known_at <= known_at]
        self._known += [] if to is None else [LOG.c.seq <= to]
        self.connection, self.known_at, self.as_of = connection, known_at, as_of
        self._instant_of = Stored.by(connection).instant_of
        merges = self._of_type("child.merged")
        self.linked = ever_joined(merges)
        orders = in_effect(self._of_type("order.made") if merges else [], one_of(self.linked))
        adopted = {e.event.subject for e in orders if e.kind == "order.made" and e.data.order == "adoption"}
        self.survivor_of = survivors(merges, frozenset(adopted))
        self.members = members(self.survivor_of)
        statements = self._of_type("feed.covered")
        self.stating = {(e.source, e.event.subject) for e in statements}
        self.coverage = _coverage(statements)
        left = self._of_type(LEFT)
        self.ever_left = {e.event.subject for e in left}
        self.left = leavings(left)

    def histories(self, children: Iterable[str] | None = None) -> Iterator[History]:
        """The history of each child (a group of merged ids counts as one, under its survivor), in no set order."""
        if children is None:
            yield from self._all()
            return
        wanted = sorted({self.survivor_of.get(child, child) for child in children})
        for batch in batches(wanted, 400):
            ids = {one: survivor for survivor in batch for one in self.members.get(survivor, [survivor])}
            events: dict[str, list[Fact]] = {}
            for subject, rows in self._rows(LOG.c.subject.in_(ids), LOG.c.subject):
                events.setdefault(ids[subject], []).extend(self._facts(rows))
            for child in batch:
                yield self.history(child, events.get(child, []))

    def held_by(self, workers: set[str]) -> set[str]:
        """Returns the children who were ever allocated to any of some workers, however that was corrected since."""
        query = select(LOG.c.subject, LOG.c.payload).where(literally(LOG.c.type, HELD), LOG.c.payload.is_not(None))
        rows = self.connection.execute(query) if workers else ()
        return {subject for subject, payload in rows if trusted(payload).data.worker in workers}

    def has_silent_source(self) -> bool:
        """Tells whether any source speaks that does not state what it carries."""
        query = select(LOG.c.seq).where(LOG.c.source.not_in(sorted(self.coverage)), *self._known).limit(1)
        return self.connection.execute(query).first() is not None

    def history(self, child: str, events: list[Fact]) -> History:
        """Returns the history of a child (or group), given every event of it."""
        return history(child, events, self.coverage, self.as_of, partial(no_longer_held, left=self.left), self._sources)

    def _all(self) -> Iterator[History]:
        merged: dict[str, list[Fact]] = {}
        grouped = {one for ids in self.members.values() for one in ids}
        # by a sorter, and not by an index, whose rows lie far from each other
        for subject, rows in self._rows(LOG.c.subject.is_not(None), func.coalesce(LOG.c.subject, "")):
            events = self._facts(rows)
            if subject in grouped:
                merged.setdefault(self.survivor_of.get(subject, subject), []).extend(events)
            elif events:
                yield self.history(subject, events)
        for child in sorted(merged):
            yield self.history(child, merged[child])

    def _rows(self, which: Any, order: Any) -> Iterator[tuple[str, Iterator[Sequence[Any]]]]:
        """Rows of the log by id of a child."""
        query = select(*_COLUMNS).where(which, *self._known).order_by(order)
        return groupby(driver_rows(self.connection, query), key=itemgetter(0))

    def _facts(self, rows: Iterable[Sequence[Any]]) -> list[Fact]:
        """The events of rows, of those that are about the child."""
        instant_of = self._instant_of
        return [
            fact_of(event, instant_of(known_at))
            for _, payload, known_at in rows
            if (event := trusted(payload)).about == "child"
        ]

    def _of_type(self, type_: str) -> list[Fact]:
        """Every event of a kind with whatever replaces or retracts them."""
        query = select(*_COLUMNS).where(literally(LOG.c.type, type_), *self._known)
        found = [fact_of(trusted(payload), at) for _, payload, at in self.connection.execute(query)]
        if not found:
            return []
        subjects = {e.event.subject for e in found}
        if type_ == "child.merged":
            subjects |= {e.data.into for e in found}
        else:
            subjects |= {one for subject in subjects for one in self.linked.get(subject, ())}
        for batch in batches(sorted(subjects), 400):
            query = select(*_COLUMNS).where(LOG.c.type == "event.retracted", LOG.c.subject.in_(batch), *self._known)
            found += [fact_of(trusted(payload), at) for _, payload, at in self.connection.execute(query)]
        return found


def _coverage(events: list[Fact]) -> dict[str, Coverage]:
    """Returns what each source that states anything carries."""
    stated: dict[str, list[Fact]] = {}
    for event in in_effect(events, child_of=str):
        if event.kind == "feed.covered":
            stated.setdefault(event.source, []).append(event)
    return {source: Coverage.stated(e.event for e in them) for source, them in stated.items()}
