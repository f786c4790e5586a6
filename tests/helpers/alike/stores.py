"""Random stores in which everything that a view shows has happened, for the law that views say what the product says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from hypothesis import assume
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, true

from schemas.store.engine import reader, table_of
from schemas.store.tables import Acknowledgement, Alert, Quarantined
from schemas.time.days import london_day, start_of_day
from services.alerts.message.desk import MessageContext
from services.alerts.sweep.sweep import sweep
from services.ingest.intake.settling import set_aside
from services.timeliness.figures.questions import stored_clocks
from services.timeliness.history.teams import load_teams
from services.timeliness.table.reference import keep
from tests.helpers.alert_routes import desk
from tests.helpers.alike import assert_alike
from tests.laws.stores import CALENDAR, fold, register, take, take_raw
from tests.laws.strategies import Given, believable, corrected

LEFT = (
    b'{"specversion":"1.0","id":"left","source":"s","type":"transfer.completed","occurredon":"%s","subject":"%s",'
    b'"data":{"transfer_id":"T","direction":"out"}}'
)
ALERT, QUARANTINE = table_of(Alert), table_of(Quarantined)


def lived(engine: Engine, life: Life) -> datetime:
    """Takes the history in, sweeps, answers and sweeps again; gives the moment of the last sweep. Whoever leaves moves
    away the day after the first."""
    told_by = desk() if life.routes else MessageContext()
    keep(engine, register(), CALENDAR, load_teams())
    last = start_of_day(max(one.event.day for one in life.history))
    take(engine, life.history, last, history=True)
    fold(engine)
    first = last + timedelta(days=life.days, hours=12)
    sweep(engine, CALENDAR, first, desk=told_by)
    with engine.begin() as connection:
        told = connection.execute(select(ALERT.c.id).where(ALERT.c.skipped.is_(False)).order_by(ALERT.c.id)).scalars()
        for alert, after in zip(list(told), life.promised, strict=False):
            by = london_day(first) + timedelta(days=after)
            connection.execute(insert(table_of(Acknowledgement)).values(alert=alert, reason="r", by_on=by, at=first))
    if life.leaves:
        day = london_day(first) + timedelta(days=1)
        gone = LEFT % (day.isoformat().encode(), life.history[0].event.subject.encode())
        take_raw(engine, [gone], first + timedelta(days=1))
        fold(engine)
    later = first + timedelta(days=max([0, *life.promised]) + 1, hours=life.hours)
    sweep(engine, CALENDAR, later, desk=told_by)
    return later


def due_later_today(engine: Engine) -> datetime | None:
    """The first moment of a day on which a limit in hours of an open clock will be up."""
    with reader(engine) as connection:
        for clock in stored_clocks(connection, true()):
            if clock.due_at is not None and clock.ended is None and clock.due_at.hour > 2:
                return start_of_day(london_day(clock.due_at)) + timedelta(minutes=30)
    return None


class Life(NamedTuple):
    """What happens in a store: `days` and `hours` after the last event at which it is swept, what is `promised`, whether the child
    `leaves`, whether what was refused is set `aside`, and whether people are told by routes."""

    history: list[Given]
    days: int
    hours: int
    leaves: bool
    promised: list[int]
    aside: bool
    routes: bool


def _cut(history: list[Given], last: int) -> list[Given]:
    """Without the last few days' events, so that work is still open; of one event at least."""
    in_order = sorted(history, key=lambda one: one.event.day)
    return in_order[: max(1, len(in_order) - last)]


LIVES = st.builds(
    Life,
    st.builds(_cut, corrected(believable()), st.integers(0, 8)),
    st.integers(0, 40),
    st.integers(0, 23),
    st.booleans(),
    st.lists(st.integers(-3, 5), max_size=6),
    st.booleans(),
    st.booleans(),
)
_REFUSED = b'{"specversion":"1.0","id":"%d","source":"s","type":"no.kind","subject":"C1","occurredon":"2024-01-02"}'


def check(engine: Engine, life: Life) -> None:
    """Lives it in an empty store, and compares every view with its reference at the end, and once more on the day on
    which a limit in hours will be up."""
    assume(max(one.event.day for one in life.history) + timedelta(days=100) < CALENDAR.last)  # no view has later days
    take_raw(engine, [_REFUSED % n for n in range(2)], start_of_day(min(one.event.day for one in life.history)))
    if life.aside:
        with reader(engine) as connection:
            ids = list(connection.execute(select(QUARANTINE.c.id)).scalars())
        set_aside(engine, ids, "sent twice", start_of_day(london_day(datetime.fromisoformat("2026-01-01"))))
    assert_alike(engine, lived(engine, life))
    if (moment := due_later_today(engine)) is not None and london_day(moment) <= CALENDAR.last:
        sweep(engine, CALENDAR, moment)
        assert_alike(engine, moment)
