"""The front page: a week's figures, for the county and its divisions or for some teams alone; the longest overdue;
every team with what it holds; the newest alerts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine

from schemas.days import london_day
from schemas.store import reader
from services.answering import Shown, count_alerts, newest_alerts
from services.overview import COUNTY, UNASSIGNED, Cell, cell, figures_of, measured, week_to
from services.single import Rules
from services.teamlist import TeamLine, team_lines
from services.timeliness.kpi import Figure
from services.timeliness.periods import Period
from services.worklists import Overdue, longest_overdue

ALERTS = 10


class Line(NamedTuple):
    """A standard: what is measured of it, and a cell for each column; None where a group has nothing of it."""

    standard: str
    title: str
    measured: str
    cells: list[Cell | None]


class Board(NamedTuple):
    """All of it. `columns`: the groups; `none_due`: the standards of which nothing could be judged in this time."""

    week: Period
    columns: list[str]
    lines: list[Line]
    none_due: list[str]
    worst: list[Overdue]
    overdue: int
    teams: list[TeamLine]
    alerts: list[Shown]
    told: int


def board(
    engine: Engine,
    by: Rules,
    at: datetime,
    teams: Collection[str] | None = None,
    period: Period | None = None,
) -> Board:
    """As of an instant, of the seven days to it unless a period is named. `teams`: of these alone; None: of all."""
    week = period or week_to(london_day(at))
    figures = _figures(engine, by, week, at, teams)
    columns = sorted({figure.group for figure in figures}, key=_last_are_the_unassigned)
    lines = _lines(by, figures, columns, week)
    with reader(engine) as connection:
        worst, overdue = longest_overdue(connection, by, at, teams=teams)
        alerts = newest_alerts(connection, teams, at, ALERTS)
        told = count_alerts(connection, teams)
    judged = [line for line in lines if any(one is not None and one.lead.of for one in line.cells)]
    none_due = [line.standard for line in lines if line not in judged]
    return Board(
        week,
        columns,
        judged,
        none_due,
        worst,
        overdue,
        team_lines(engine, by.divisions, at, teams),
        alerts,
        told,
    )


def _figures(
    engine: Engine, by: Rules, week: Period, at: datetime, teams: Collection[str] | None
) -> list[Figure]:
    if teams is None:
        return [f for group in (COUNTY, "division") for f in figures_of(engine, by, week, at, group)]
    return [figure for figure in figures_of(engine, by, week, at, "team") if figure.group in teams]


def _last_are_the_unassigned(group: str) -> tuple[bool, bool, str]:
    """The county first, then by name, what belongs to none last."""
    return group == UNASSIGNED, group != COUNTY, group


def _lines(by: Rules, figures: Sequence[Figure], columns: list[str], week: Period) -> list[Line]:
    cells: dict[str, dict[str, Cell]] = {}
    for figure in figures:
        cells.setdefault(figure.standard, {})[figure.group] = cell(by, figure, week.last)
    return [
        Line(
            standard.id, standard.file.title, measured(standard), [cells[standard.id].get(c) for c in columns]
        )
        for standard in by.register.standards.values()
        if standard.id in cells
    ]
