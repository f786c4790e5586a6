"""Law 12: what a view and the product's functions say of the same store and moment is the same."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select

from schemas.store.engine import reader, table_of
from schemas.store.tables import Acknowledgement, Alert, Quarantined
from schemas.time.days import london_day, start_of_day
from services.alerts.sweep.sweep import sweep
from services.ingest.intake.settling import set_aside
from services.timeliness.history.teams import load_teams
from services.timeliness.table.reference import keep
from tests.helpers.alike import assert_alike
from tests.laws.stores import CALENDAR, fold, register, store, take, take_raw
from tests.laws.strategies import Given, believable, corrected, law

ALERT, QUARANTINE = table_of(Alert), table_of(Quarantined)


def lived(engine: Engine, history: list[Given], days: int, hours: int, promised: list[int]) -> datetime:
    """A store in which a history was taken in, swept, answered and swept again; the moment of the last sweep."""
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
    later = first + timedelta(days=max(promised, default=0), hours=hours)
    sweep(engine, CALENDAR, later)
    return later


@law(40)
@given(
    corrected(believable()),
    st.integers(0, 80),
    st.integers(0, 23),
    st.lists(st.integers(-3, 5), max_size=6),
    st.booleans(),
)
def test_overdue_promises_and_quarantine(
    history: list[Given], days: int, hours: int, promised: list[int], aside: bool
) -> None:
    with store() as engine:
        bad = b'{"specversion":"1.0","id":"%d","source":"s","type":"no.kind","subject":"C1","occurredon":"2024-01-02"}'
        take_raw(engine, [bad % n for n in range(2)])
        with reader(engine) as connection:
            ids = list(connection.execute(select(QUARANTINE.c.id)).scalars())
        if aside:
            set_aside(engine, ids, "sent twice", start_of_day(london_day(datetime.fromisoformat("2026-01-01"))))
        assert_alike(engine, lived(engine, history, days, hours, promised))
