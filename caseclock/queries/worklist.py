"""Says what waits to be done: the longest overdue of all, and what each team has to do."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, and_, or_, select, true

from caseclock.queries.alerts import Promised, promised_for
from caseclock.queries.open_cases import Held, held_by
from caseclock.runtime import Rules
from schemas.store.engine import among, reader
from schemas.time.days import london_day
from services.timeliness.figures.questions import CLOCK, live_generation, stored_clocks


class Overdue(NamedTuple):
    """A clock past due and open. `days`: since the due day. `team`: the one responsible now, and its division."""

    child: str
    standard: str
    due_on: date
    days: int
    team: str
    division: str


class ToDo(NamedTuple):
    """A clock that its team must act on. `status`: due_soon or overdue. `days`: from the due day on; negative before
    it. `held`: with whom the child is now, if the case is open. `promised`: the last answer to an alert of it."""

    child: str
    standard: str
    due_on: date
    due_at: datetime | None
    status: str
    days: int
    booked_on: date | None
    held: Held | None
    promised: Promised | None


def worklist(engine: Engine, team: str, at: datetime) -> list[ToDo]:
    """Returns what a team has to do: overdue first, the longest first, then what is due soon, the soonest first. The
    team is the one responsible now."""
    today = london_day(at)
    with reader(engine) as connection:
        could = stored_clocks(connection, CLOCK.c.team_now == team, running(today), CLOCK.c.due_on.is_not(None))
        clocks = [clock for clock in could if clock.status(at) in ("overdue", "due_soon")]
        held = held_by(connection, {clock.child for clock in clocks}, today)
        promised = promised_for(connection, clocks, at)
    return [
        ToDo(
            clock.child,
            clock.standard,
            clock.due_on,
            clock.due_at,
            clock.status(at) or "",
            (today - clock.due_on).days,
            clock.booked_on,
            held.get(clock.child),
            promised.get(clock.id),
        )
        for clock in sorted(clocks, key=lambda clock: (clock.due_on, clock.due_at or at, clock.standard, clock.id))
        if clock.due_on is not None
    ]


def longest_overdue(
    connection: Connection, rules: Rules, at: datetime, most: int = 10, teams: Collection[str] | None = None
) -> tuple[list[Overdue], int]:
    """The clocks longest overdue, and how many there are in all; `teams`: of those that are theirs now."""
    today = london_day(at)
    theirs = true() if teams is None else among(connection, CLOCK.c.team_now, sorted(teams))
    could = stored_clocks(connection, CLOCK.c.due_on <= today, running(today), theirs)
    found = [clock for clock in could if clock.status(at) == "overdue"]
    found.sort(key=lambda clock: (clock.due_on, clock.standard, clock.id))
    team_now = _teams_now(connection, [clock.id for clock in found[:most]])
    worst = [
        Overdue(
            clock.child,
            clock.standard,
            clock.due_on,
            (today - clock.due_on).days,
            team_now[clock.id],
            rules.divisions.of(team_now[clock.id], today),
        )
        for clock in found[:most]
        if clock.due_on is not None
    ]
    return worst, len(found)


def _teams_now(connection: Connection, clocks: list[str]) -> dict[str, str]:
    live = CLOCK.c.generation == live_generation(connection)
    query = select(CLOCK.c.id, CLOCK.c.team_now).where(live, among(connection, CLOCK.c.id, clocks))
    return {id: team for id, team in connection.execute(query)}  # noqa: C416


def running(today: date) -> ColumnElement[bool]:
    """Clocks that may run on a day; whether they do is for the clock to say."""
    c = CLOCK.c
    return and_(or_(c.ended.is_(None), c.ended_on > today), c.unmeasured.is_(None), ~c.prohibits)
