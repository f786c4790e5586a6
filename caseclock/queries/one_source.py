"""Lists what one source tells of a team's children and a higher one does not: enquiries, plans, care, missing.

It counts all the same, since a silence deletes nothing; a manager sees whether it happened, or was entered in one
system alone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, and_, select

from schemas.store.engine import among, reader, table_of
from schemas.store.tables import ClockRow, FaultRow, LoggedEvent
from schemas.time.days import london_day
from services.timeliness.figures.questions import live_generation
from services.timeliness.history.sources import ONLY_IN

_FAULT, _LOG, _CLOCK = table_of(FaultRow), table_of(LoggedEvent), table_of(ClockRow)
KINDS = {
    "enquiry.started": "Enquiry",
    "cp_plan.started": "Child protection plan",
    "cin_plan.started": "Child in need plan",
    "care.started": "Care",
    "missing.started": "Missing",
}


class OneSource(NamedTuple):
    """What only one source tells of. `what`: in words; `running`: whether a clock that it began runs still."""

    child: str
    what: str
    began_on: date
    source: str
    running: bool


def told_by_one_source(engine: Engine, team: str, at: datetime) -> list[OneSource]:
    """Returns what concerns children of a team now: what runs still first, then the newest."""
    with reader(engine) as connection:
        found = _found(connection, team)
        running = _running(connection, sorted(found), london_day(at))
    listed = [
        OneSource(child, KINDS[kind], day, source, event in running)
        for event, (kind, day, source, child) in found.items()
    ]
    return sorted(listed, key=lambda one: (not one.running, -one.began_on.toordinal(), one.child, one.what))


def _found(connection: Connection, team: str) -> dict[str, tuple[str, date, str, str]]:
    """Returns kind, day, source and child of the events that the fold marked so, of children whose clocks are the
    team's now, by id."""
    live = live_generation(connection)
    theirs = select(_CLOCK.c.child).where(_CLOCK.c.generation == live, _CLOCK.c.team_now == team)
    query = (
        select(_LOG.c.id, _LOG.c.type, _LOG.c.occurred_on, _LOG.c.source, _FAULT.c.child)
        .join_from(_FAULT, _LOG, and_(_LOG.c.id == _FAULT.c.event, _FAULT.c.what == ONLY_IN + _LOG.c.source))
        .where(_FAULT.c.generation == live, _FAULT.c.child.in_(theirs), _LOG.c.type.in_(list(KINDS)))
        .distinct()
    )
    return {event: (kind, day, source, child) for event, kind, day, source, child in connection.execute(query)}


def _running(connection: Connection, events: list[str], today: date) -> set[str]:
    c = _CLOCK.c
    runs = (c.ended.is_(None) | (c.ended_on > today)) & (c.lasts_to.is_(None) | (c.lasts_to >= today))
    query = select(c.cause).where(c.generation == live_generation(connection), among(connection, c.cause, events), runs)
    return set(connection.execute(query).scalars())
