"""The run without faults: the same events, in one process, on SQLite, all at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, select

from caseclock.runtime import rules
from schemas.clock import Clock
from schemas.store.engine import connect, reader, table_of
from schemas.store.tables import Alert, LoggedEvent, Quarantined
from services.alerts.sweep.sweep import sweep
from services.ingest.intake.intake import take_in
from services.ingest.readers.given import Given
from services.timeliness.table.catch_up import catch_up, digest
from services.timeliness.table.progress import live_of
from services.timeliness.table.rows import CLOCK
from tests.chaos.stream import Stream

_LOG, _QUARANTINE, _ALERT = table_of(LoggedEvent), table_of(Quarantined), table_of(Alert)
_COMPARED = [
    CLOCK.c[name]
    for name in (*Clock.__struct_fields__, "team_now", "rungs", "first_rung_at")
    if name != "recorded_late"
]

Rung = tuple[str, Any, str]  # a clock, its due day, the step of the ladder


class State(NamedTuple):
    """What a store holds, as far as two are compared. `told`: (clock, due day, rung) → how often, told and not
    skipped, in the clock's present spell."""

    events: list[tuple[str, str]]
    refused: set[tuple[str, str]]
    clocks: dict[str, tuple[Any, ...]]
    digest: str
    told: dict[Rung, int]


def without_faults(stream: Stream, at: datetime) -> State:
    """Everything taken in, folded and told at a moment."""
    engine, by = connect("sqlite://"), rules()
    take_in(engine, Given(stream.in_one(), "one"), history=False, now=at)
    catch_up(engine, by.register, by.calendar)
    sweep(engine, by.calendar, at)
    found = state_of(engine)
    engine.dispose()
    return found


def state_of(engine: Engine) -> State:
    with reader(engine) as connection:
        live = live_of(connection) or 1
        events = connection.execute(select(_LOG.c.source, _LOG.c.id).order_by(_LOG.c.seq))
        refused = connection.execute(select(_QUARANTINE.c.raw_hash, _QUARANTINE.c.code))
        rows = connection.execute(select(CLOCK.c.id, *_COMPARED).where(CLOCK.c.generation == live))
        return State(
            [tuple(row) for row in events],
            {tuple(row) for row in refused},
            {row[0]: tuple(map(str, row[1:])) for row in rows},
            digest(connection, live),
            _told(connection),
        )


def _told(connection: Connection) -> dict[Rung, int]:
    a = _ALERT.c
    spells: dict[str, int] = {}
    for clock in connection.execute(select(a.clock).where(a.rung == "cleared")).scalars():
        spells[clock] = spells.get(clock, 0) + 1
    found: dict[Rung, int] = {}
    query = select(a.clock, a.due_on, a.rung, a.spell).where(a.skipped.is_(False))
    for clock, due_on, rung, spell in connection.execute(query):
        if spell == 1 + spells.get(clock, 0):
            found[clock, due_on, rung] = found.get((clock, due_on, rung), 0) + 1
    return found
