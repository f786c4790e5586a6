"""What became known after a position of the log, child by child and event by event, with the histories at each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from schemas.events.chains import corrects, settle
from schemas.events.event import CaseEvent, trusted
from schemas.store.engine import Stored, among, batches, driver_rows, table_of
from schemas.store.tables import LoggedEvent
from schemas.time.days import london_day
from services.timeliness.figures.restating import Happened
from services.timeliness.history.facts import Fact, fact_of
from services.timeliness.history.history import History, in_effect
from services.timeliness.history.log_view import LogView
from services.timeliness.history.merged import ever_joined, one_of, survivors
from services.timeliness.history.workers import LEFT

_LOG = table_of(LoggedEvent)
_ROW = (_LOG.c.seq, _LOG.c.subject, _LOG.c.payload, _LOG.c.known_at)
_SHARED = (
    "child.merged",
    "feed.covered",
    "order.made",
    LEFT,
)  # they tell of more than what happened to a child that day
_AT_ONCE = 400


class Placed(NamedTuple):
    """An event and its place in the log."""

    seq: int
    event: CaseEvent
    known_at: datetime


class Family(NamedTuple):
    """Ids that were ever joined, and the events that touch them after a position, in the order of the log."""

    ids: frozenset[str]
    touched_by: list[Placed]


class Walk:
    """The log from one position to another."""

    def __init__(
        self, connection: Connection, position: int, to: int, as_of: datetime, sources: Sequence[str] = ()
    ) -> None:
        self._connection, self._position, self._as_of, self._sources = connection, position, as_of, sources
        self._instant_of = Stored.by(connection).instant_of
        self.now = LogView(connection, None, as_of, sources, to)
        self.to = to
        later = list(self._placed(_LOG.c.seq > position, _LOG.c.seq <= to))
        self._turns = [one.seq for one in later if self._turns_all(one.event)]
        self._views: dict[int, LogView] = {to: self.now}
        self.families = self._families(later)

    def ids(self) -> set[str]:
        """Every id that is touched, or was ever joined with one that is."""
        return {one for family in self.families for one in family.ids}

    def each(self) -> Iterator[tuple[Family, list[Placed]]]:
        """Families, with every event of them up to the end, in the order of the log."""
        for some in batches(self.families, _AT_ONCE):
            of = {one: at for at, family in enumerate(some) for one in family.ids}
            placed: list[list[Placed]] = [[] for _ in some]
            for one in self._placed(among(self._connection, _LOG.c.subject, list(of)), _LOG.c.seq <= self.to):
                placed[of[one.event.subject]].append(one)
            yield from zip(some, placed, strict=True)

    def histories(self, placed: Iterable[Placed], seq: int) -> list[History]:
        """The histories of a family as the log told them up to a position, inclusive."""
        facts = [fact_of(one.event, one.known_at) for one in placed if one.seq <= seq]
        stands_for = _survivors(facts)
        of: dict[str, list[Fact]] = {}
        for fact in facts:
            if fact.event.about == "child":
                of.setdefault(stands_for.get(fact.event.subject, fact.event.subject), []).append(fact)
        view = self._view_at(seq)
        return [view.history(child, theirs) for child, theirs in sorted(of.items())]

    def matter(self, family: Family, placed: Sequence[Placed]) -> list[Placed]:
        """The events that can change anything: not what only happened after as-of, and corrects nothing."""
        named = {name for one in placed for name in (one.event.replaces, one.event.retracts) if name}
        return [one for one in family.touched_by if self._counts(one.event, named)]

    def happened(self, one: Placed, placed: Sequence[Placed]) -> Happened:
        """What an event is, among those of its family."""
        event = one.event
        before = [each.event for each in placed if each.seq < one.seq]
        return Happened(
            one.seq,
            event.id,
            event.kind,
            event.recordedtime,
            one.known_at,
            event.replaces is not None,
            event.retracts is not None,
            event.replaces is not None and _in_effect(event, before),
            _of_a_merge(event, [*before, event]),
        )

    def _counts(self, event: CaseEvent, named: Collection[str]) -> bool:
        if corrects(event) or event.kind in _SHARED or event.id in named or self.now.coverage:
            return True
        if event.time is not None:
            return event.time <= self._as_of
        return event.occurredon is not None and event.occurredon <= london_day(self._as_of)

    def _placed(self, *which: object) -> Iterator[Placed]:
        query = select(*_ROW).where(*which, _LOG.c.payload.is_not(None)).order_by(_LOG.c.seq)  # type: ignore[arg-type]
        for seq, _, payload, known_at in driver_rows(self._connection, query):
            yield Placed(seq, trusted(payload), self._instant_of(known_at))

    def _turns_all(self, event: CaseEvent) -> bool:
        """Whether an event says something of other children than its own."""
        if event.kind in ("feed.covered", LEFT):
            return True
        taken = event.retracts is not None
        return taken and ((event.source, event.subject) in self.now.stating or event.subject in self.now.ever_left)

    def _view_at(self, seq: int) -> LogView:
        """The log as it was when what holds of all was last another; only that is asked of it."""
        at = bisect_right(self._turns, seq)
        last = self._turns[at - 1] if at else self._position
        if last not in self._views:
            self._views[last] = LogView(self._connection, None, self._as_of, self._sources, last)
        return self._views[last]

    def _families(self, later: Iterable[Placed]) -> list[Family]:
        touching: dict[frozenset[str], dict[int, Placed]] = {}
        linked: dict[str, frozenset[str]] = {}
        for one in later:
            for subject in self._touched(one.event):
                if subject not in linked:
                    linked[subject] = frozenset(self.now.linked.get(subject, (subject,)))
                touching.setdefault(linked[subject], {})[one.seq] = one
        return [Family(ids, [of[seq] for seq in sorted(of)]) for ids, of in sorted(touching.items(), key=_by_ids)]

    def _touched(self, event: CaseEvent) -> Collection[str]:
        found = {event.subject} if event.about == "child" else set()
        if not self._turns_all(event):
            return found
        if event.kind == LEFT or event.subject in self.now.ever_left:
            found |= self.now.held_by({event.subject})
        if event.kind == "feed.covered" or (event.source, event.subject) in self.now.stating:
            query = select(_LOG.c.subject).where(
                _LOG.c.source == event.source, _LOG.c.seq <= self.to, _LOG.c.payload.is_not(None)
            )
            found |= set(self._connection.execute(query.distinct()).scalars())
        return found


def _by_ids(item: tuple[frozenset[str], object]) -> list[str]:
    return sorted(item[0])


def _survivors(facts: Sequence[Fact]) -> dict[str, str]:
    """Which ids of a family are one child, as these facts say."""
    merges = [fact for fact in facts if fact.kind == "child.merged"]
    if not merges:
        return {}
    taken = [fact for fact in facts if fact.event.retracts is not None]
    of = one_of(ever_joined(merges))
    orders = in_effect([*(fact for fact in facts if fact.kind == "order.made"), *taken], of)
    adopted = {fact.event.subject for fact in orders if fact.kind == "order.made" and fact.data.order == "adoption"}
    return survivors([*merges, *taken], frozenset(adopted))


def _in_effect(event: CaseEvent, before: Sequence[CaseEvent]) -> bool:
    """Whether the fact that an event replaces held before it."""
    of = [one for one in before if one.source == event.source]
    for standing in settle(of).standing:
        if of[standing.at].id == event.replaces or event.replaces in standing.names:
            return True
    return False


def _of_a_merge(event: CaseEvent, among_them: Sequence[CaseEvent]) -> bool:
    """Whether it is a merge, or goes back to one by what it names."""
    by_id = {one.id: one for one in among_them if one.source == event.source}
    seen: set[str] = set()
    at: CaseEvent | None = event
    while at is not None and at.id not in seen:
        if at.kind == "child.merged":
            return True
        seen.add(at.id)
        at = by_id.get(at.retracts or at.replaces or "")
    return False
