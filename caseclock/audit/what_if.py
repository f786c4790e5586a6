"""What if: the log folded by other rules beside those of now. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Engine

from caseclock.audit.folding import Folding
from caseclock.runtime import Rules
from schemas.clock import Clock
from schemas.store.engine import reader
from schemas.store.garbage import collected_seldom
from schemas.time.days import end_of_day, london_day
from services.timeliness.figures.lines import MEASURES, By, Counts, Line, grouped, lines_of, total
from services.timeliness.figures.periods import Period
from services.timeliness.fold.rungs import rungs
from services.timeliness.table.progress import head_of

_LATE = ("missed", "overdue")


class SideBySide(msgspec.Struct):
    """A measure of a standard and group, by the rules of now and by the others."""

    standard: str
    group: str
    measure: str
    now: int
    what_if: int


class Moved(msgspec.Struct):
    """A clock, its due day and verdict by either; null where there is no such clock."""

    child: str
    standard: str
    clock: str
    due_on: date | None
    status: str | None
    what_if_due_on: date | None
    what_if_status: str | None


class Messages(msgspec.Struct):
    """Messages a week to the manager of a team: a day with news is one digest."""

    team: str
    now: float
    what_if: float


class WhatIf(msgspec.Struct):
    """What would be otherwise."""

    figures: list[SideBySide]
    deadlines_moved: list[Moved]
    breaches_made: list[Moved]
    breaches_unmade: list[Moved]
    messages: list[Messages]


class _Side:
    """Everything that one set of rules makes of the log."""

    def __init__(self, rules: Rules, period: Period, as_of: datetime) -> None:
        self.folding, self._period, self._as_of = Folding(rules), period, as_of
        self.asked = self.folding.asked(period, as_of)
        self.counts: dict[str, list[Counts]] = {}
        self.counting: set[str] = set()  # the clocks that add something
        self._days: dict[str, set[date]] = {}

    def fold(self, child: str, clocks: list[Clock], lines: list[Line]) -> dict[str, Clock]:
        for line in lines:
            self.counts.setdefault(line.standard, []).append(line.added)
        for clock in clocks:
            for day in self._told_on(clock):
                self._days.setdefault(clock.team, set()).add(day)
        self.counting |= {line.clock for line in lines if line.clock is not None}
        return {clock.id: clock for clock in clocks}

    def _told_on(self, clock: Clock) -> Iterator[date]:
        """The days in the period on which a step of its ladder comes while it runs."""
        standard = self.folding.rules.register.standards[clock.standard]
        due = clock.due_on
        if due is None or (clock.ended_on is not None and clock.ended_on < self._period.first):
            return
        for _, at in rungs(standard, clock, self.folding.rules.calendar):
            day = london_day(at)
            if day in self._period and (clock.ended_on is None or day <= clock.ended_on):
                yield day

    def messages(self, weeks: float) -> dict[str, float]:
        return {team: round(len(days) / weeks, 2) for team, days in self._days.items()}


class _Both(NamedTuple):
    now: _Side
    other: _Side


def what_if(engine: Engine, rules: Rules, other: Rules, period: Period, by: By, now: datetime) -> WhatIf:
    """Folds all of the log by the rules of now and by others, as of the period's end, or now if that is earlier."""
    as_of = min(now, end_of_day(period.last))
    both = _Both(_Side(rules, period, as_of), _Side(other, period, as_of))
    moved: list[Moved] = []
    with reader(engine) as connection, collected_seldom():
        head = head_of(connection)
        views = [side.folding.view(connection, head, as_of) for side in both]
        for one, another in zip(*(view.histories() for view in views), strict=True):
            clocks = []
            for side, history in zip(both, (one, another), strict=True):
                ((child, theirs, spells),) = side.folding.each([history])
                clocks.append(side.fold(child, theirs, lines_of(child, theirs, spells, side.asked)))
            moved += _moved(clocks[0], clocks[1], both.now.counting | both.other.counting, as_of)
            both.now.counting.clear()
            both.other.counting.clear()
    weeks = ((period.last - period.first).days + 1) / 7
    return WhatIf(
        list(_side_by_side(both, by)),
        [one for one in moved if one.due_on != one.what_if_due_on],
        [one for one in moved if one.what_if_status in _LATE and one.status not in _LATE],
        [one for one in moved if one.status in _LATE and one.what_if_status not in _LATE],
        _messages(both.now.messages(weeks), both.other.messages(weeks)),
    )


def _moved(now: dict[str, Clock], other: dict[str, Clock], counting: set[str], as_of: datetime) -> Iterable[Moved]:
    """Of the clocks that count in the period by either."""
    for id_ in sorted(counting):
        was, is_ = now.get(id_), other.get(id_)
        clock = was or is_
        assert clock is not None
        made = Moved(
            clock.child,
            clock.standard,
            id_,
            was.due_on if was else None,
            was.status(as_of) if was else None,
            is_.due_on if is_ else None,
            is_.status(as_of) if is_ else None,
        )
        if (made.due_on, made.status) != (made.what_if_due_on, made.what_if_status):
            yield made


def _side_by_side(both: _Both, by: By) -> Iterator[SideBySide]:
    found = [{s: grouped(total(many), by) for s, many in side.counts.items()} for side in both]
    keys = {(s, group, measure) for one in found for s, sums in one.items() for group, measure in sums}
    for standard, group, measure in sorted(keys, key=lambda key: (*key[:2], MEASURES.index(key[2]))):
        now, other = (one.get(standard, {}).get((group, measure), 0) for one in found)
        yield SideBySide(standard, group, measure, now, other)


def _messages(now: dict[str, float], other: dict[str, float]) -> list[Messages]:
    return [Messages(team, now.get(team, 0.0), other.get(team, 0.0)) for team in sorted(now.keys() | other.keys())]
