"""The front page: a week's figures, for the county and its divisions or for some teams alone; the longest overdue;
every team with what it holds; the newest alerts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine

from caseclock.queries.alerts import Shown, count_alerts, newest_alerts
from caseclock.queries.kept import Kept
from caseclock.queries.overview import COUNTY, UNASSIGNED, Cell, cell, figures_of, measured, week_to
from caseclock.queries.teams import TeamLine, team_lines
from caseclock.queries.worklist import Overdue, longest_overdue
from caseclock.runtime import Rules
from schemas.store.engine import reader
from schemas.time.days import london_day
from services.timeliness.figures.kpi import Figure
from services.timeliness.figures.periods import Period

ALERTS = 10


class Line(NamedTuple):
    """A standard: what is measured of it, and a cell for each column; None where a group has nothing of it."""

    standard: str
    title: str
    measured: str
    cells: list[Cell | None]


class Board(NamedTuple):
    """All of it. `columns`: the groups; `none_due`: the standards of which nothing could be judged in this time;
    `not_whole`: what returns hold of it, where that is not all."""

    week: Period
    columns: list[str]
    lines: list[Line]
    none_due: list[str]
    not_whole: list[str]
    worst: list[Overdue]
    overdue: int
    teams: list[TeamLine]
    alerts: list[Shown]
    told: int


class Boards:
    """Makes them. What reads every clock of the county is kept while the log has not moved on, for a minute at most,
    and serves everybody; what is of some teams alone is read for whoever asks."""

    def __init__(self, engine: Engine, rules: Rules) -> None:
        self._engine, self._by = engine, rules
        self._figures: Kept[list[Figure]] = Kept(8)
        self._lines: Kept[list[TeamLine]] = Kept(1)
        self._longest: Kept[tuple[list[Overdue], int]] = Kept(64)

    def board(
        self, at: datetime, head: int, teams: Collection[str] | None = None, period: Period | None = None
    ) -> Board:
        """As of an instant, of the seven days to it unless a period is named. `head`: how many events there are.
        `teams`: of these alone; None: of all."""
        minute = at.replace(second=0, microsecond=0)
        week = period or week_to(london_day(at))
        figures = [
            figure
            for group in ((COUNTY, "division") if teams is None else ("team",))
            for figure in self._of_the_week(minute, head, week, group)
            if teams is None or figure.group in teams
        ]
        columns = sorted({figure.group for figure in figures}, key=_last_are_the_unassigned)
        lines = _lines(self._by, figures, columns, week)
        held = self._held(minute, head, teams)
        worst, overdue = self._overdue(minute, head, teams)
        with reader(self._engine) as connection:
            alerts = newest_alerts(connection, teams, minute, ALERTS)
            told = count_alerts(connection, teams)
        judged = [line for line in lines if any(one is not None and one.lead.of for one in line.cells)]
        none_due = [line.standard for line in lines if line not in judged]
        parts = sorted({figure.not_whole for figure in figures if figure.not_whole is not None})
        return Board(week, columns, judged, none_due, parts, worst, overdue, held, alerts, told)

    def _held(self, minute: datetime, head: int, teams: Collection[str] | None) -> list[TeamLine]:
        """Returns what each team holds; of those asked for all, also one that holds nothing."""
        lines = self._lines.get((minute, head), lambda: team_lines(self._engine, self._by.divisions, minute))
        if teams is None:
            return lines
        idle = set(teams) - {line.team for line in lines}
        today = london_day(minute)
        none = [TeamLine(team, self._by.divisions.of(team, today), 0, 0, 0) for team in sorted(idle)]
        return [line for line in lines if line.team in teams] + none

    def _of_the_week(self, minute: datetime, head: int, week: Period, group: str) -> list[Figure]:
        question = minute, head, week, group
        return self._figures.get(question, lambda: figures_of(self._engine, self._by, week, minute, group))

    def _overdue(self, minute: datetime, head: int, teams: Collection[str] | None) -> tuple[list[Overdue], int]:
        def longest() -> tuple[list[Overdue], int]:
            with reader(self._engine) as connection:
                return longest_overdue(connection, self._by, minute, teams=teams)

        return self._longest.get((minute, head, None if teams is None else frozenset(teams)), longest)


def _last_are_the_unassigned(group: str) -> tuple[bool, bool, str]:
    """The county first, then by name, what belongs to none last."""
    return group == UNASSIGNED, group != COUNTY, group


def _lines(rules: Rules, figures: Sequence[Figure], columns: list[str], week: Period) -> list[Line]:
    cells: dict[str, dict[str, Cell]] = {}
    for figure in figures:
        cells.setdefault(figure.standard, {})[figure.group] = cell(rules, figure, week.last)
    return [
        Line(standard.id, standard.file.title, measured(standard), [cells[standard.id].get(c) for c in columns])
        for standard in rules.register.standards.values()
        if standard.id in cells
    ]
