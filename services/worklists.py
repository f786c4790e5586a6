"""What waits to be done: the longest overdue of all, and what each team has to do."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, and_, or_

from schemas.days import london_day
from schemas.store import reader
from services.single import Rules
from services.timeliness.answers import CLOCK, stored_clocks


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


def worklist(engine: Engine, team: str, at: datetime) -> list[ToDo]:
    """What a team has to do: overdue first, the longest first, then what is due soon. The team is the one responsible
    now."""
    today = london_day(at)
    with reader(engine) as connection:
        clocks = list(
            stored_clocks(connection, CLOCK.c.team_now == team, running(today), CLOCK.c.due_on.is_not(None))
        )
    return [
        ToDo(clock.child, clock.standard, clock.due_on, status, (today - clock.due_on).days, clock.booked_on)
        for clock in sorted(clocks, key=lambda clock: (clock.due_on, clock.standard, clock.id))
        if clock.due_on is not None and (status := clock.status(at)) in ("overdue", "due_soon")
    ]


def longest_overdue(
    connection: Connection, by: Rules, at: datetime, most: int = 10
) -> tuple[list[Overdue], int]:
    """The clocks longest overdue, and how many there are in all."""
    today = london_day(at)
    could = stored_clocks(connection, CLOCK.c.due_on <= today, running(today))
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


def running(today: date) -> ColumnElement[bool]:
    """Clocks that may run on a day; whether they do is for the clock to say."""
    c = CLOCK.c
    return and_(or_(c.ended.is_(None), c.ended_on > today), c.unmeasured.is_(None), ~c.prohibits)
