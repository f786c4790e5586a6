"""Law 12: what a view and the product's functions say of the same store and moment is the same."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, true

from schemas.store.engine import reader, table_of
from schemas.store.tables import Acknowledgement, Alert, Quarantined
from schemas.time.days import london_day, start_of_day
from services.alerts.sweep.sweep import sweep
from services.ingest.intake.settling import set_aside
from services.timeliness.figures.questions import stored_clocks
from services.timeliness.history.teams import load_teams
from services.timeliness.table.reference import keep
from tests.helpers.alike import assert_alike
from tests.laws.stores import CALENDAR, fold, register, store, take, take_raw
from tests.laws.strategies import Given, believable, corrected, law

LEFT = (
    b'{"specversion":"1.0","id":"left","source":"s","type":"transfer.completed","occurredon":"%s","subject":"%s",'
    b'"data":{"transfer_id":"T","direction":"out"}}'
)
ALERT, QUARANTINE = table_of(Alert), table_of(Quarantined)


def lived(engine: Engine, history: list[Given], days: int, hours: int, promised: list[int], leaves: bool) -> datetime:
    """A store in which a history was taken in, swept, answered and swept again; the moment of the last sweep. `leaves`:
    whether the child moves away the day after the first."""
    keep(engine, register(), CALENDAR, load_teams())
    take(engine, history, history=True)
    fold(engine)
    first = start_of_day(max(one.event.day for one in history)) + timedelta(days=days)
    sweep(engine, CALENDAR, first)
    with engine.begin() as connection:
        told = connection.execute(select(ALERT.c.id).where(ALERT.c.skipped.is_(False)).order_by(ALERT.c.id)).scalars()
        for alert, after in zip(list(told), promised, strict=False):
            by = london_day(first) + timedelta(days=after)
            connection.execute(insert(table_of(Acknowledgement)).values(alert=alert, reason="r", by_on=by, at=first))
    if leaves:
        day = london_day(first) + timedelta(days=1)
        take_raw(engine, [LEFT % (day.isoformat().encode(), history[0].event.subject.encode())])
        fold(engine)
    later = first + timedelta(days=max(promised, default=0) + 1, hours=hours)
    sweep(engine, CALENDAR, later)
    return later


def due_later_today(engine: Engine) -> datetime | None:
    """The first moment of a day on which a limit in hours of an open clock will be up."""
    with reader(engine) as connection:
        for clock in stored_clocks(connection, true()):
            if clock.due_at is not None and clock.ended is None and clock.due_at.hour > 2:
                return start_of_day(london_day(clock.due_at)) + timedelta(minutes=30)
    return None


@law(8)
@given(
    corrected(believable()),
    st.integers(0, 80),
    st.integers(0, 23),
    st.booleans(),
    st.lists(st.integers(-3, 5), max_size=6),
    st.booleans(),
)
def test_overdue_promises_and_quarantine(
    history: list[Given], days: int, hours: int, leaves: bool, promised: list[int], aside: bool
) -> None:
    assume(max(one.event.day for one in history) + timedelta(days=100) < CALENDAR.last)  # views have no days past it
    with store() as engine:
        bad = b'{"specversion":"1.0","id":"%d","source":"s","type":"no.kind","subject":"C1","occurredon":"2024-01-02"}'
        take_raw(engine, [bad % n for n in range(2)])
        with reader(engine) as connection:
            ids = list(connection.execute(select(QUARANTINE.c.id)).scalars())
        if aside:
            set_aside(engine, ids, "sent twice", start_of_day(london_day(datetime.fromisoformat("2026-01-01"))))
        assert_alike(engine, lived(engine, history, days, hours, promised, leaves))
        if (moment := due_later_today(engine)) is not None and london_day(moment) <= CALENDAR.last:
            sweep(engine, CALENDAR, moment)
            assert_alike(engine, moment)
