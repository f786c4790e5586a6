"""The one page a weekly meeting begins with: figures by standard and division, the worst of what is overdue, what
managers were told. Read from the store; shown in the terminal by `caseclock.cli.tables`, in a browser by
`caseclock.web`."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, func, select

from caseclock.queries.worklist import Overdue, longest_overdue
from caseclock.runtime import Rules
from schemas.store.engine import reader, table_of
from schemas.store.quarantine import how_many_wait
from schemas.store.tables import LoggedEvent, Notice
from schemas.time.days import london_day
from services.alerts.reports.summary import SentMessage, StepCounts, newest_messages, told_by_step
from services.timeliness.figures.kpi import Figure
from services.timeliness.figures.periods import Period
from services.timeliness.figures.questions import Question, figures_for
from services.timeliness.figures.targets import Lead, Standing, lead, standing
from services.timeliness.standards.compiled import Standard

_NOTICE, _LOG = table_of(Notice), table_of(LoggedEvent)
COUNTY, UNASSIGNED = "county", "unassigned"


class Cell(NamedTuple):
    """One figure with how it stands."""

    figure: Figure
    lead: Lead
    standing: Standing


class Row(NamedTuple):
    """A standard: what is measured of it, the county's cell, and that of each division that has one."""

    standard: str
    title: str
    measured: str
    county: Cell
    divisions: dict[str, Cell]


class Overview(NamedTuple):
    """All of it, as of `at`. `week`: the seven days that end with the day of `at`."""

    at: datetime
    week: Period
    divisions: list[str]
    rows: list[Row]
    worst: list[Overdue]
    overdue: int
    told: list[StepCounts]
    notices: int
    newest: list[SentMessage]
    events: int
    quarantined: int

    @property
    def none_due(self) -> list[str]:
        """The standards with something open and nothing to judge in this time."""
        return [row.standard for row in self.rows if not row.county.lead.of]


def named(group: str) -> str:
    """A group as a heading: `county-wide` is County wide."""
    words = group.replace("-", " ")
    return "No team" if group == UNASSIGNED else words[:1].upper() + words[1:]


def week_to(day: date) -> Period:
    """The seven days that end with a day: a whole week on whatever day it is asked."""
    return Period(day - timedelta(days=6), day)


def overview(engine: Engine, rules: Rules, at: datetime, period: Period | None = None, newest: int = 5) -> Overview:
    """The overview at an instant. `newest`: how many notices to give whole."""
    week = period or week_to(london_day(at))
    figures = {group: figures_of(engine, rules, week, at, group) for group in (COUNTY, "division")}
    with reader(engine) as connection:
        worst, overdue = longest_overdue(connection, rules, at)
        told = told_by_step(connection)
        return Overview(
            at,
            week,
            _divisions(figures["division"]),
            _rows(rules, figures, week),
            worst,
            overdue,
            told,
            connection.execute(select(func.count()).select_from(_NOTICE)).scalar_one(),
            newest_messages(connection, newest),
            connection.execute(select(func.coalesce(func.max(_LOG.c.seq), 0))).scalar_one(),
            how_many_wait(connection),
        )


def figures_of(engine: Engine, rules: Rules, period: Period, at: datetime, group: str) -> list[Figure]:
    """The figures of a period by county, division or team, now."""
    return figures_for(engine, rules.register, rules.calendar, rules.divisions, period, Question(at), group)


def cell(rules: Rules, figure: Figure, on: date) -> Cell:
    """A figure with how it stands against the target in force on a day."""
    found = lead(figure)
    return Cell(figure, found, standing(found, rules.register.standards[figure.standard].file.targets, on))


def _rows(rules: Rules, figures: dict[str, list[Figure]], week: Period) -> list[Row]:
    rows = []
    for figure in figures[COUNTY]:
        own = [f for f in figures["division"] if f.standard == figure.standard]
        standard = rules.register.standards[figure.standard]
        cells = {f.group: cell(rules, f, week.last) for f in own}
        rows.append(
            Row(figure.standard, standard.file.title, measured(standard), cell(rules, figure, week.last), cells)
        )
    return rows


def measured(standard: Standard) -> str:
    """Returns what the lead figure counts."""
    if standard.file.measure == "must_hold":
        return "as it must be today"
    if standard.recurring:
        return "up to date today"
    if standard.file.rate:
        return standard.file.rate
    return "did not happen" if standard.file.measure == "must_not_happen" else "in time, of those due"


def _divisions(figures: list[Figure]) -> list[str]:
    """In order, what belongs to none last."""
    return sorted({figure.group for figure in figures}, key=lambda name: (name == UNASSIGNED, name))
