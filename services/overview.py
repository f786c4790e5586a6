"""The one page a weekly meeting begins with: figures by standard and division, the worst of what is overdue, what
managers were told. Read from the store; shown in the terminal by `services.show`, in a browser by `services.pages`."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, and_, func, or_, select

from schemas.days import london_day
from schemas.store import reader, table_of
from schemas.tables import Alert, LoggedEvent, Notice, Quarantined
from services.single import Rules
from services.timeliness.answers import CLOCK, Question, figures_for, stored_clocks
from services.timeliness.compiled import Standard
from services.timeliness.kpi import Figure
from services.timeliness.periods import Period
from services.timeliness.targets import Lead, Standing, lead, standing

_ALERT, _NOTICE, _LOG, _QUARANTINE = (table_of(t) for t in (Alert, Notice, LoggedEvent, Quarantined))
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


class Overdue(NamedTuple):
    """A clock past due and open. `days`: since the due day."""

    child: str
    standard: str
    due_on: date
    days: int
    team: str
    division: str


class ToDo(NamedTuple):
    """A clock that its team must act on. `status`: due_soon or overdue. `days`: since the due day."""

    child: str
    standard: str
    due_on: date
    status: str
    days: int
    booked_on: date | None


class Told(NamedTuple):
    """A step of the ladder, in words, and how many were told of it."""

    what: str
    number: int


class Message(NamedTuple):
    """A notice that went out."""

    team: str
    text: str
    created_at: datetime


class Overview(NamedTuple):
    """All of it, as of `at`. `week`: the seven days that end with the day of `at`."""

    at: datetime
    week: Period
    divisions: list[str]
    rows: list[Row]
    worst: list[Overdue]
    overdue: int
    told: list[Told]
    notices: int
    newest: list[Message]
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


def overview(
    engine: Engine, by: Rules, at: datetime, period: Period | None = None, newest: int = 5
) -> Overview:
    """The overview at an instant. `newest`: how many notices to give whole."""
    week = period or week_to(london_day(at))
    figures = {group: figures_of(engine, by, week, at, group) for group in (COUNTY, "division")}
    with reader(engine) as connection:
        worst, overdue = _overdue(connection, by, at)
        told = _told(connection)
        return Overview(
            at, week, _divisions(figures["division"]), _rows(by, figures, week), worst, overdue, told,
            connection.execute(select(func.count()).select_from(_NOTICE)).scalar_one(),
            _newest(connection, newest),
            connection.execute(select(func.coalesce(func.max(_LOG.c.seq), 0))).scalar_one(),
            connection.execute(select(func.count()).select_from(_QUARANTINE)).scalar_one(),
        )  # fmt: skip


def figures_of(engine: Engine, by: Rules, period: Period, at: datetime, group: str) -> list[Figure]:
    """The figures of a period by county, division or team, now."""
    return figures_for(engine, by.register, by.calendar, by.divisions, period, Question(at), group)


def cell(by: Rules, figure: Figure, on: date) -> Cell:
    """A figure with how it stands against the target in force on a day."""
    found = lead(figure)
    return Cell(figure, found, standing(found, by.register.standards[figure.standard].file.targets, on))


def _rows(by: Rules, figures: dict[str, list[Figure]], week: Period) -> list[Row]:
    rows = []
    for figure in figures[COUNTY]:
        own = [f for f in figures["division"] if f.standard == figure.standard]
        standard = by.register.standards[figure.standard]
        cells = {f.group: cell(by, f, week.last) for f in own}
        rows.append(
            Row(figure.standard, standard.file.title, _measured(standard), cell(by, figure, week.last), cells)
        )
    return rows


def _measured(standard: Standard) -> str:
    """What the lead figure counts."""
    if standard.file.measure == "must_hold":
        return "as it must be today"
    if standard.recurring:
        return "up to date today"
    return "did not happen" if standard.file.measure == "must_not_happen" else "in time, of those due"


def _divisions(figures: list[Figure]) -> list[str]:
    """In order, what belongs to none last."""
    return sorted({figure.group for figure in figures}, key=lambda name: (name == UNASSIGNED, name))


def worklist(engine: Engine, team: str, at: datetime) -> list[ToDo]:
    """What a team has to do: overdue first, the longest first, then what is due soon. The team is the one responsible
    now."""
    today = london_day(at)
    with reader(engine) as connection:
        clocks = list(
            stored_clocks(connection, CLOCK.c.team_now == team, _running(today), CLOCK.c.due_on.is_not(None))
        )
    return [
        ToDo(clock.child, clock.standard, clock.due_on, status, (today - clock.due_on).days, clock.booked_on)
        for clock in sorted(clocks, key=lambda clock: (clock.due_on, clock.standard, clock.id))
        if clock.due_on is not None and (status := clock.status(at)) in ("overdue", "due_soon")
    ]


def _running(today: date) -> ColumnElement[bool]:
    """Clocks that may run on a day; whether they do is for the clock to say."""
    c = CLOCK.c
    return and_(or_(c.ended.is_(None), c.ended_on > today), c.unmeasured.is_(None), ~c.prohibits)


def _overdue(connection: Connection, by: Rules, at: datetime, most: int = 10) -> tuple[list[Overdue], int]:
    """The clocks longest overdue, and how many there are in all."""
    today = london_day(at)
    could = stored_clocks(connection, CLOCK.c.due_on <= today, _running(today))
    found = [clock for clock in could if clock.status(at) == "overdue"]
    found.sort(key=lambda clock: (clock.due_on, clock.standard, clock.id))
    worst = [
        Overdue(
            clock.child, clock.standard, clock.due_on, (today - clock.due_on).days, clock.team,
            by.divisions.of(clock.team, clock.due_on),
        )
        for clock in found[:most] if clock.due_on is not None
    ]  # fmt: skip
    return worst, len(found)


_STEPS = (
    ("due_soon", "due soon"),
    ("missed", "overdue"),
    ("still_missed", "still overdue, told again"),
    ("cleared", "no longer overdue"),
    ("booked_late", "booked for after the due day"),
    ("promise_broken", "promise broken"),
    ("handed_over", "came overdue to a new team"),
    ("monthly", "still overdue, counted monthly"),
)


def _told(connection: Connection) -> list[Told]:
    """What was told, by step of the ladder, in the order of the ladder."""
    query = select(_ALERT.c.rung, func.count()).where(_ALERT.c.skipped.is_(False)).group_by(_ALERT.c.rung)
    counts: Counter[str] = Counter()
    for rung, count in connection.execute(query):
        counts[_step(rung)] += count
    return [Told(words, counts[words]) for _, words in _STEPS if counts[words]]


def _step(rung: str) -> str:
    return next((words for name, words in _STEPS if re.match(rf"{name}(_\d|$)", rung)), rung)


def _newest(connection: Connection, most: int) -> list[Message]:
    query = select(_NOTICE.c.team, _NOTICE.c.text, _NOTICE.c.created_at).order_by(
        _NOTICE.c.created_at.desc(), _NOTICE.c.id
    )
    return [Message(*row) for row in connection.execute(query.limit(most))]
