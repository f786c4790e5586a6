"""Says what a clock adds to the counts that the views add up. Pure.

A clock counts in *cells*: (standard, team, division, part, from). A part is a week, cut where a month begins, named by
its first day; so weeks and months are both sums of parts. A cell counts from its day `from` on: what is true today is
the sum over cells with `from` <= today, and nothing here knows what day that is. Of a clock that is settled (it has
ended, and not on a day that lay ahead) all is in the past: its cells count always, and so are few.

`met` to `completed_in_time` are counted in the part of the due day, or of the day done; `received`, `received_again` in
that of the start. `opened` to `up_to_date` are
changes on a day; summed from the beginning they are what stands at a part's end. Of a recurring duty `in_scope` and
`up_to_date` are what is to be added to those open, and to those of them that are not overdue: who was never seen, and
who was only excused (less than none).

    due on Sunday 10 March, done on Wednesday 13th, settled:
      +1 missed in the part of the 10th, +1 completed in that of the 13th; open from its start until the 13th,
      overdue from the 11th until the 13th

It says of each day what `kpi` says of a clock asked at the end of that day; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from schemas.clock import Clock
from schemas.time.days import ONE_DAY, start_of_day
from services.timeliness.figures.held import Held
from services.timeliness.fold.child import ScopeSpell

Series = tuple[str, str, str]  # standard, team, division
Cell = tuple[str, str, str, date, date]  # and part, from
ALWAYS = date(1, 1, 1)
FIRST = date(2000, 1, 1)  # the calendar begins here, and so do the figures by week and month
BEFORE = date(1999, 12, 31)  # one part for all that was earlier

MEASURES = (
    "met",
    "missed",
    "recorded_late",
    "instead",
    "excused",
    "cancelled",
    "voided",
    "voided_late",
    "not_measured",
    "completed",
    "completed_in_time",
    "received",
    "received_again",
    "opened",
    "overdue",
    "in_scope",
    "up_to_date",
)
(
    MET,
    MISSED,
    RECORDED_LATE,
    INSTEAD,
    EXCUSED,
    CANCELLED,
    VOIDED,
    VOIDED_LATE,
    NOT_MEASURED,
    COMPLETED,
    IN_TIME,
    RECEIVED,
    RECEIVED_AGAIN,
    OPENED,
    OVERDUE,
    IN_SCOPE,
    UP_TO_DATE,
) = range(len(MEASURES))
_NONE = [0] * len(MEASURES)


class Counted(NamedTuple):
    """A clock with its division on the day it counts for, whether it is settled, and where others were responsible or
    its division was another while it was open, from when to when (`held`)."""

    clock: Clock
    division: str
    settled: bool
    held: tuple[Held, ...] = ()


Divided = Callable[[str, date, date | None], Iterable[tuple[date, date | None, str]]]


@lru_cache(maxsize=65536)
def part_of(day: date) -> date:
    """The first day of a day's part: its Monday, or the first of the month if that is later. One for all before the
    calendar."""
    if day < FIRST:
        return BEFORE
    monday, first = day - timedelta(days=day.weekday()), day.replace(day=1)
    return monday if monday > first else first


class Counts:
    """Adds up clocks and spells, or takes them away again (`sign` -1)."""

    def __init__(self) -> None:
        self.cells: dict[Cell, list[int]] = {}
        self.took: dict[tuple[Any, ...], int] = {}  # a cell's key and how long it took

    def clock(self, counted: Counted, sign: int = 1) -> None:
        """One clock."""
        c, division, settled, _ = counted
        series = c.standard, c.team, division
        begun = c.started_on
        if c.started_at is not None and c.started_at >= start_of_day(begun + ONE_DAY):
            begun += ONE_DAY  # known only by its day, it runs from the end of that
        if c.begun_again is not None:
            self._count(series, settled, RECEIVED, c.started_on, begun, sign)
            if c.begun_again:
                self._count(series, settled, RECEIVED_AGAIN, c.started_on, begun, sign)
        if c.ended == "voided" and c.ended_on is not None:
            self._voided(counted, series, begun, sign)
        elif c.unmeasured is not None:
            self._count(series, settled, NOT_MEASURED, c.due_on or c.started_on, begun, sign)
            if c.took is not None and not c.prohibits:
                self._completed(counted, series, begun, sign)
        elif c.prohibits:
            self._prohibition(counted, series, begun, sign)
        else:
            self._duty(counted, series, begun, sign)

    def _duty(self, counted: Counted, series: Series, begun: date, sign: int) -> None:
        c, settled = counted.clock, counted.settled
        due, end, late = c.due_on, c.ended_on, c.ended_late()
        if due is not None:
            lapsed = end if end is not None else _after(c.lasts_to)
            if late or lapsed is None:
                self._count(series, settled, MISSED, due, max(_past(c, due), begun), sign)
                if c.instead is not None:
                    self._count(series, settled, INSTEAD, due, max(_past(c, due), begun), sign)
            elif c.ended == "stopped":
                self._count(series, settled, MET, due, max(lapsed, begun), sign)
                if c.recorded_late:
                    self._count(series, settled, RECORDED_LATE, due, max(lapsed, begun), sign)
            else:
                what = EXCUSED if c.ended == "excused" else CANCELLED
                self._count(series, settled, what, due, max(lapsed, begun), sign)
        self._completed(counted, series, begun, sign)
        self._held(counted, series, OPENED, begun, _end(c), sign)
        if due is not None:
            self._held(counted, series, OVERDUE, max(_past(c, due), begun), _end(c), sign)
        if c.after_excuse:  # of those open and not overdue it is not up to date
            over = _first(_end(c), None if due is None else max(_past(c, due), begun))
            self._held(counted, series, UP_TO_DATE, begun, over, -sign)

    def _completed(self, counted: Counted, series: Series, begun: date, sign: int) -> None:
        """Counts work done, on its day, wherever its due day lies."""
        c, settled = counted.clock, counted.settled
        if c.ended != "stopped" or c.ended_on is None:
            return
        since = max(c.ended_on, begun)
        self._count(series, settled, COMPLETED, c.ended_on, since, sign)
        if not c.ended_late():
            self._count(series, settled, IN_TIME, c.ended_on, since, sign)
        if c.took is not None:
            key = (*series, part_of(c.ended_on), ALWAYS if settled else since, c.took)
            self.took[key] = self.took.get(key, 0) + sign

    def _prohibition(self, counted: Counted, series: Series, begun: date, sign: int) -> None:
        """Met once its time is over, missed on the day it happened."""
        c, settled = counted.clock, counted.settled
        due = c.due_on
        if due is None:
            self._held(counted, series, OPENED, begun, _end(c), sign)
            return
        over, end = max(_past(c, due), begun), _end(c)
        if c.ended == "stopped" and c.ended_on is not None:
            what, since = (MISSED if c.broken else MET), c.ended_on
        elif end is None or c.ended_late():
            what, since = MET, over
        else:
            what, since = CANCELLED, end
        self._count(series, settled, what, due, max(since, begun), sign)
        self._held(counted, series, OPENED, begun, over if end is None else min(end, over), sign)

    def _voided(self, counted: Counted, series: Series, begun: date, sign: int) -> None:
        """The duty never arose. Where that lies ahead, it counts until then as if nothing had ended it."""
        c, settled = counted.clock, counted.settled
        end = c.ended_on
        assert end is not None
        if c.due_on is not None:
            what = VOIDED_LATE if end > c.due_on else VOIDED
            self._count(series, settled, what, c.due_on, max(end, begun), sign)
        if not settled:
            before = Counts()
            running = msgspec.structs.replace(c, ended=None, ended_on=None, ended_at=None)
            before.clock(counted._replace(clock=running, settled=False))
            for cell, counts in before.cells.items():
                self._add(cell, counts, sign)
                self._add((*cell[:4], max(cell[4], end)), counts, -sign)

    def scopes(self, scopes: Iterable[ScopeSpell], clocks: Iterable[Clock], divided: Divided, sign: int = 1) -> None:
        """The spells of must-hold standards, and how far no gap was open in them; those in which a recurring duty was
        never done. `divided`: the divisions that a team belonged to from a day to a day."""
        gaps: dict[tuple[str, str], list[tuple[date, date | None]]] = {}
        spells = list(scopes)
        if not spells:
            return
        standards = {spell.standard for spell in spells if not spell.undone}
        for c in clocks:
            if c.standard in standards and c.unmeasured is None and c.ended != "voided":
                gaps.setdefault((c.standard, c.child), []).append((c.started_on, _end(c)))
        for spell in spells:
            of_child = gaps.get((spell.standard, spell.child), [])
            for first, last, division in divided(spell.team, spell.from_on, spell.to_on):
                series, end = (spell.standard, spell.team, division), _after(last)
                self._stands(series, False, IN_SCOPE, first, end, sign)
                if spell.undone:
                    continue
                self._stands(series, False, UP_TO_DATE, first, end, sign)
                for gap_from, gap_end in _joined(of_child):
                    within = max(first, gap_from), _first(end, gap_end)
                    self._stands(series, False, UP_TO_DATE, *within, -sign)

    def _count(self, series: Series, settled: bool, measure: int, on: date, since: date, sign: int) -> None:
        standard, team, division = series
        key = standard, team, division, part_of(on), ALWAYS if settled else since
        try:
            self.cells[key][measure] += sign
        except KeyError:
            cell = self.cells[key] = _NONE.copy()
            cell[measure] = sign

    def _held(self, counted: Counted, series: Series, measure: int, first: date, end: date | None, sign: int) -> None:
        """From a day until (and not on) another, for whoever was responsible."""
        for since, last, team, division in counted.held:
            within = max(first, since), _first(end, _after(last))
            self._stands((series[0], team, division), counted.settled, measure, *within, sign)
        if not counted.held:
            self._stands(series, counted.settled, measure, first, end, sign)

    def _stands(self, series: Series, settled: bool, measure: int, first: date, end: date | None, sign: int) -> None:
        """From a day until (and not on) another; None: with no end."""
        if end is None:
            self._count(series, settled, measure, first, first, sign)
        elif first < end:
            self._count(series, settled, measure, first, first, sign)
            self._count(series, settled, measure, end, end, -sign)

    def _add(self, cell: Cell, counts: list[int], sign: int) -> None:
        there = self.cells.setdefault(cell, _NONE.copy())
        for measure, count in enumerate(counts):
            there[measure] += sign * count


def _past(c: Clock, due: date) -> date:
    """The first day at whose end it is past due: one in hours on the very day."""
    return due if c.due_at is not None else due + ONE_DAY


def _end(c: Clock) -> date | None:
    """The first day at whose end it does not run: the day it ended, or the day after the duty lapsed."""
    return _first(c.ended_on, _after(c.lasts_to))


def _after(day: date | None) -> date | None:
    return None if day is None else day + ONE_DAY


def _first(one: date | None, other: date | None) -> date | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _joined(spans: list[tuple[date, date | None]]) -> Iterator[tuple[date, date | None]]:
    """The spans, those that overlap as one, so that no day is taken away twice."""
    begun: date | None = None
    until: date | None = None
    for first, end in sorted(spans, key=lambda span: span[0]):
        if begun is None:
            begun, until = first, end
        elif until is None or first <= until:
            until = None if until is None or end is None else max(until, end)
        else:
            yield begun, until
            begun, until = first, end
    if begun is not None:
        yield begun, until
