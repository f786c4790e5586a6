"""Figures of the week and of the year before it, for the whole and for each group. Pure."""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from typing import NamedTuple

from caseclock.pack.read import Read
from caseclock.pack.request import PackRequest
from caseclock.runtime import Rules
from schemas.clock import Clock
from schemas.time.days import london_day
from services.timeliness.figures.chart_units import Units
from services.timeliness.figures.control import Point, chart
from services.timeliness.figures.counts import (
    IN_SCOPE,
    MEASURES,
    MET,
    MISSED,
    OPENED,
    OVERDUE,
    RECEIVED,
    RECEIVED_AGAIN,
    UP_TO_DATE,
    Counted,
    Counts,
)
from services.timeliness.figures.held import held
from services.timeliness.figures.kpi import Figure, depends, figures, snapshots
from services.timeliness.figures.periods import Period

COUNTY, DIVISION, TEAM = "county", "division", "team"
Of = tuple[str, str, str]  # standard, kind of group, group


class Weekly(NamedTuple):
    """`this`, `last`: figures of the week and the week before. `lead`: good and of for each week of the trend, of the
    whole, by standard. `points`: the control chart by series. `oldest`: days since the due day of what is longest
    overdue as of then."""

    this: dict[Of, Figure]
    last: dict[Of, Figure]
    lead: dict[str, list[tuple[int, int]]]
    points: dict[Of, list[Point]]
    oldest: dict[Of, int]
    whole: tuple[str, str]  # kind and name of what the pack is of


def weekly(rules: Rules, asked: PackRequest, read: Read) -> Weekly:
    """All of the figures that the pack shows."""
    groups = _Groups(rules, asked)
    this, last = (_figures(rules, asked, read, groups, week) for week in (asked.week, asked.last_week))
    series: dict[Of, Units] = {}
    oldest: dict[Of, int] = {}
    counts = Counts()
    for clock in read.clocks:
        status = clock.status(asked.as_of)
        if status is None:
            continue
        mine = groups.of(clock)
        counts.clock(Counted(clock, groups.division(clock), False, held(clock, rules.divisions)))
        for kind, group in mine:
            key = clock.standard, kind, group
            if clock.begun_again is None:
                series.setdefault(key, Units()).add(clock, status)
            if status == "overdue" and clock.due_on is not None:
                oldest[key] = max(oldest.get(key, 0), (asked.as_of_on - clock.due_on).days)
    counts.scopes(read.scopes, read.clocks, rules.divisions.spans)
    return Weekly(this, last, _leads(rules, asked, counts), _points(asked, series), oldest, groups.whole)


class _Groups:
    """To which groups a clock counts: those shown."""

    def __init__(self, rules: Rules, asked: PackRequest) -> None:
        self._by, self._asked, self._today = rules, asked, london_day(asked.as_of)
        self.whole = (DIVISION, asked.division) if asked.division else (COUNTY, COUNTY)

    def of(self, clock: Clock) -> list[tuple[str, str]]:
        """The whole first; none where it is of another division."""
        division, team = (DIVISION, self.division(clock)), (TEAM, clock.team)
        if self._asked.division is None:
            return [self.whole, division, team]
        return [division, team] if division == self.whole else []

    def division(self, clock: Clock) -> str:
        """The division of its team on the day it counts for."""
        return self._by.divisions.of(clock.team, clock.counts_on(self._today))

    def kinds(self) -> tuple[str, ...]:
        return (DIVISION, TEAM) if self._asked.division else (COUNTY, DIVISION, TEAM)

    def shown(self, kind: str, group: str) -> bool:
        """Teams of a division: those that are in it at the end of the week."""
        wanted = self._asked.division
        if wanted is None or kind == COUNTY:
            return True
        return (group if kind == DIVISION else self._by.divisions.of(group, self._asked.week.last)) == wanted


def _figures(rules: Rules, asked: PackRequest, read: Read, groups: _Groups, week: Period) -> dict[Of, Figure]:
    near = [clock for clock in read.clocks if depends(week, clock)]
    found: dict[Of, Figure] = {}
    for kind in groups.kinds():
        of = {COUNTY: lambda team, day: COUNTY, DIVISION: rules.divisions.of, TEAM: lambda team, day: team}[kind]
        for figure in figures(near, read.scopes, snapshots(rules.register.standards.values()), week, of, asked.as_of):
            if groups.shown(kind, figure.group):
                found[figure.standard, kind, figure.group] = figure
    return found


def _leads(rules: Rules, asked: PackRequest, counts: Counts) -> dict[str, list[tuple[int, int]]]:
    """Good and of, week by week, of each standard that has any."""
    ends = [week.last for week in asked.weeks]
    changes: dict[str, list[list[int]]] = {}
    for (standard, _, division, part, from_on), counted in counts.cells.items():
        if from_on > asked.as_of_on or part > ends[-1] or asked.division not in (None, division):
            continue
        at = max(0, bisect_right([week.first for week in asked.weeks], part))
        weeks = changes.setdefault(standard, [[0] * len(MEASURES) for _ in range(len(ends) + 1)])
        for measure, n in enumerate(counted):
            weeks[at][measure] += n
    kinds = snapshots(rules.register.standards.values()) | {
        s.id: "rate" for s in rules.register.standards.values() if s.file.rate
    }
    return {standard: _lead(weeks, kinds.get(standard)) for standard, weeks in changes.items()}


def _lead(weeks: list[list[int]], kind: str | None) -> list[tuple[int, int]]:
    """`weeks`: what each added, the first all that was before. What stands is the sum from the beginning."""
    if kind is None:
        return [(week[MET], week[MET] + week[MISSED]) for week in weeks[1:]]
    if kind == "rate":
        return [(week[RECEIVED_AGAIN], week[RECEIVED]) for week in weeks[1:]]
    out, stands = [], [0] * len(MEASURES)
    for week in weeks:
        stands = [a + b for a, b in zip(stands, week, strict=True)]
        if kind == "must_hold":
            out.append((stands[UP_TO_DATE], stands[IN_SCOPE]))
        else:
            out.append((stands[OPENED] - stands[OVERDUE], stands[OPENED]))
    return out[1:]


def _points(asked: PackRequest, series: dict[Of, Units]) -> dict[Of, list[Point]]:
    """The control chart of each series, of the weeks of the trend."""
    mondays = [week.first for week in asked.weeks]
    before = [mondays[0] - timedelta(days=7 * back) for back in range(len(mondays) - 1, 0, -1)]
    return {key: chart(units.weeks([*before, *mondays]))[len(before) :] for key, units in series.items()}
