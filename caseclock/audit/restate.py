"""Restating a published figure: from what was frozen to now, one thing changed at a time, every difference with one
cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, func, select

from caseclock.audit.code import code_digest
from caseclock.audit.folding import Folding
from caseclock.audit.kept import digests_of, read_back
from caseclock.audit.publications import Kept, KeptLine, find, lines_of
from caseclock.audit.walk import Family, Placed, Walk
from caseclock.runtime import Rules
from schemas.store.engine import reader, table_of
from schemas.store.garbage import collected_seldom
from schemas.store.tables import Erasure
from services.timeliness.figures.lines import Asked, Counts, less, total
from services.timeliness.figures.restating import (
    Cause,
    Change,
    State,
    arrived_by,
    blanked,
    changes,
    frozen_state,
    state_of,
)
from services.timeliness.history.history import History
from services.timeliness.table.progress import head_of

_ERASURE = table_of(Erasure)
Tallied = dict[str, dict[tuple[str, str, str], int]]  # counts by standard


class Restated(NamedTuple):
    """A publication, and counts by standard: as published, after what is not of later events, and now. `left`: what no
    change explains, which is nothing. `head`: where the log ends now."""

    kept: Kept
    published: Tallied
    rebased: Tallied
    now: Tallied
    changes: list[Change]
    left: Tallied
    head: int


def restate(engine: Engine, rules: Rules, name: str, standard: str | None = None) -> Restated:
    """Says why a publication is another now. Raises NoSuchPublication, Unreadable."""
    with reader(engine) as connection, collected_seldom():
        return Restating(connection, rules, find(connection, name), standard).all()


def against(restated: Restated, rules: Rules) -> dict[str, Any]:
    """Returns what a publication was held against: where the log ends, and the digests of rules and software."""
    return {"position": restated.head, **digests_of(rules)._asdict(), "code": code_digest()}


class Restating:
    """One publication on its way to now."""

    def __init__(self, connection: Connection, rules: Rules, kept: Kept, standard: str | None = None) -> None:
        self._connection, self._kept = connection, kept
        then = read_back(connection, kept.digests)
        register, was, is_now = rules.register, kept.digests, digests_of(rules)
        of_rules = then._replace(register=register)
        of_calendar = of_rules._replace(calendar=rules.calendar)
        self._then = Folding(then, standard)
        self._same_rules = (was.register, was.sources) == (is_now.register, is_now.sources)
        self._steps: list[tuple[Cause, Folding]] = []
        if not self._same_rules:
            self._steps.append(("rule changed", Folding(of_rules, standard)))
        if was.calendar != is_now.calendar:
            self._steps.append(("calendar changed", Folding(of_calendar, standard)))
        if was.teams != is_now.teams:
            self._steps.append(("team changed", Folding(rules, standard)))
        self._now = Folding(rules, standard)
        self._standard = standard
        self._as_of = kept.shown.as_of
        self._until = arrived_by(self._as_of, kept.last_known_at)
        self._erased_since = kept.shown.code == code_digest() and _erased_since(connection, kept)
        self._found: list[Change] = []
        self._to_check: set[str] = set()
        self._rebased: list[tuple[str, Counts]] = []
        self._ends: list[tuple[str, Counts]] = []

    def all(self) -> Restated:
        lines = [line for line in lines_of(self._connection, self._kept.shown.publication) if self._asked_for(line)]
        self._found += [blanked(line.standard, line.added) for line in lines if line.line is None]
        self._by_child: dict[str, list[KeptLine]] = {}
        for line in lines:
            if line.line is not None:
                self._by_child.setdefault(line.line.child, []).append(line)
        head = head_of(self._connection)
        walk = self._walk(head)
        self._untouched(walk.ids())
        for family, placed in walk.each():
            self._touched(walk, family, placed)
        for history in walk.now.histories(sorted(self._to_check)):  # by another way than event by event
            self._ends += _added(self._state(self._now, [history]))
        for child in sorted(self._by_child):
            self._one({child}, [], [])
        return self._result(lines, head)

    def _asked_for(self, line: KeptLine) -> bool:
        return self._standard is None or line.standard == self._standard

    def _walk(self, to: int) -> Walk:
        sources = self._now.rules.register.sources
        return Walk(self._connection, self._kept.shown.position, to, self._as_of, sources)

    def _untouched(self, touched: set[str]) -> None:
        """The children of whom nothing became known since."""
        position = self._kept.shown.position
        view = self._then.view(self._connection, position, self._as_of)
        ranked = self._now.view(self._connection, position, self._as_of) if self._ranks_differ() else None
        both = zip_longest(view.histories(), ranked.histories() if ranked is not None else ())
        for history, by_rank in both:
            if history.child not in touched:
                ids = {history.child, *view.members.get(history.child, ())}
                self._ends += _added(self._one(ids, [history], [by_rank] if by_rank is not None else [history]))

    def _ranks_differ(self) -> bool:
        return self._then.rules.register.sources != self._now.rules.register.sources

    def _touched(self, walk: Walk, family: Family, placed: Sequence[Placed]) -> None:
        """A family of whom something became known since: its steps to now, then event by event."""
        position = self._kept.shown.position
        ranked = walk.histories(placed, position)
        then = ranked
        if self._ranks_differ():
            then_walk = self._then.view(self._connection, position, self._as_of)
            then = list(then_walk.histories(sorted({h.child for h in ranked})))
        state = self._one(family.ids, then, ranked)
        matter = walk.matter(family, placed)
        if matter:
            self._to_check |= family.ids
        else:
            self._ends += _added(state)
        for one in matter:
            after = self._state(self._now, walk.histories(placed, one.seq))
            if after.lines != state.lines:
                happened = walk.happened(one, placed)
                self._found += changes(state, after, happened, self._as_of, self._until)
            state = after

    def _one(self, ids: Iterable[str], then: Sequence[History], now: Sequence[History]) -> State:
        """Some ids of one child, from what was frozen to the rules of now."""
        frozen = [line for id_ in ids for line in self._by_child.pop(id_, ())]
        state = frozen_state(line.line for line in frozen if line.line is not None)
        after = self._state(self._then, then)
        lacks = self._erased_since or any(line.lacks for line in frozen)
        self._found += changes(state, after, "erased" if lacks else "software fixed", self._as_of, self._until)
        state = after
        for cause, folding in self._steps:
            after = self._state(folding, now)
            self._found += changes(state, after, cause, self._as_of, self._until)
            state = after
        self._rebased += _added(state)
        return state

    def _state(self, folding: Folding, histories: Sequence[History]) -> State:
        return state_of(folding.each(histories), self._asked(folding))

    def _asked(self, folding: Folding) -> Asked:
        return folding.asked(self._kept.period, self._as_of)

    def _result(self, lines: Sequence[KeptLine], head: int) -> Restated:
        published = _tally((line.standard, line.added) for line in lines)
        rebased, now = _tally(self._rebased), _tally(self._ends)
        explained = _tally([*published.items(), *((change.standard, change.added) for change in self._found)])
        left = {s: over for s in explained.keys() | now.keys() if (over := less(now.get(s, {}), explained.get(s, {})))}
        return Restated(self._kept, published, rebased, now, self._found, left, head)


def _added(state: State) -> list[tuple[str, Counts]]:
    return [(line.standard, line.added) for line in state.lines.values()]


def _tally(added: Iterable[tuple[str, Counts]]) -> Tallied:
    of: dict[str, list[Counts]] = {}
    for standard, counts in added:
        of.setdefault(standard, []).append(counts)
    return {standard: total(many) for standard, many in of.items()}


def _erased_since(connection: Connection, kept: Kept) -> bool:
    """Whether anything that a publication came from was erased after it was frozen."""
    theirs = (_ERASURE.c.seq <= kept.shown.position, _ERASURE.c.erased_at >= kept.shown.frozen_at)
    return bool(connection.execute(select(func.count()).where(*theirs)).scalar())
