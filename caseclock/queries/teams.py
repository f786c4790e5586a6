"""Every team with what it holds: open children, what is overdue, what is due soon."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func, or_, select

from caseclock.queries.open_cases import open_on
from caseclock.queries.worklist import running
from schemas.nearest import meant
from schemas.store.engine import reader, table_of
from schemas.store.tables import OpenCase
from schemas.time.days import london_day
from services.timeliness.figures.questions import CLOCK, live_generation, stored_clocks
from services.timeliness.history.teams import Divisions

_CASE = table_of(OpenCase)


class TeamLine(NamedTuple):
    """A team and its division today, with how much it holds now."""

    team: str
    division: str
    children: int
    overdue: int
    due_soon: int


def team_lines(engine: Engine, divisions: Divisions, at: datetime) -> list[TeamLine]:
    """Every team with an open case or something to do, by division and name."""
    today, c = london_day(at), CLOCK.c
    near = or_(c.due_on <= today, c.warn_on <= today, c.warn_at <= at)
    with reader(engine) as connection:
        live = live_generation(connection)
        cases = select(_CASE.c.team, func.count()).where(open_on(connection, today)).group_by(_CASE.c.team)
        children = {team: count for team, count in connection.execute(cases)}  # noqa: C416
        team_now = select(c.id, c.team_now).where(c.generation == live, running(today), near)
        of = {id: team for id, team in connection.execute(team_now)}  # noqa: C416
        counted = Counter((of[clock.id], clock.status(at)) for clock in stored_clocks(connection, running(today), near))
    busy = {team for team, status in counted if status in ("overdue", "due_soon")}
    lines = [
        TeamLine(
            team, divisions.of(team, today), children.get(team, 0), counted[team, "overdue"], counted[team, "due_soon"]
        )
        for team in children.keys() | busy
    ]
    return sorted(lines, key=lambda line: (line.division == "unassigned", line.division, line.team))


def nearest_team(engine: Engine, divisions: Divisions, team: str) -> str:
    """Returns "did you mean ...?", of the teams of the file and those that hold something."""
    with reader(engine) as connection:
        live = live_generation(connection)
        held = connection.execute(select(CLOCK.c.team_now).where(CLOCK.c.generation == live).distinct()).scalars()
        return meant(
            team, divisions.names | {each for each in held if each}, "`caseclock figures --by team` lists them"
        )


def team_is_known(connection: Connection, team: str) -> bool:
    """Whether a team holds an open case, or a deadline was ever its own."""
    live = live_generation(connection)
    case = select(_CASE.c.child).where(_CASE.c.generation == live, _CASE.c.team == team)
    clock = select(CLOCK.c.id).where(CLOCK.c.generation == live, CLOCK.c.team_now == team)
    return any(connection.execute(query.limit(1)).first() is not None for query in (case, clock))
