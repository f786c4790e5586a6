"""What the views say of a store beside what the Python functions say of it, at the moment of its last sweep."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, select, true

from schemas.store.engine import reader, table_of
from schemas.store.quarantine import waits
from schemas.store.tables import Acknowledgement, Alert, Quarantined
from services.alerts.reports.promises import promises
from services.timeliness.figures.questions import stored_clocks

_ALERT, _ACK, _QUARANTINE = table_of(Alert), table_of(Acknowledgement), table_of(Quarantined)


def _rows(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with reader(engine) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def overdue_by_view(engine: Engine) -> set[tuple[str, bool]]:
    return {(clock, bool(waits)) for clock, waits in _rows(engine, "SELECT clock, evidence_waits FROM overdue_now")}


def overdue_by_product(engine: Engine, now: datetime) -> set[tuple[str, bool]]:
    with reader(engine) as connection:
        waiting = set(connection.execute(select(_QUARANTINE.c.subject).where(waits())).scalars())
        found = [clock for clock in stored_clocks(connection, true()) if clock.status(now) == "overdue"]
    return {(clock.id, clock.child in waiting) for clock in found}


def promises_by_view(engine: Engine) -> Counter[tuple[str, date, str]]:
    found = _rows(engine, "SELECT standard, promised_on, outcome FROM promises")
    return Counter((standard, _day(on), outcome) for standard, on, outcome in found)


def promises_by_product(engine: Engine, now: datetime) -> Counter[tuple[str, date, str]]:
    """Of alerts answered once."""
    with reader(engine) as connection:
        answered = select(_ALERT.c.id, _ALERT.c.standard).join_from(_ACK, _ALERT, _ACK.c.alert == _ALERT.c.id)
        standards = {alert: standard for alert, standard in connection.execute(answered)}  # noqa: C416
    found = promises(engine, standards, now)
    return Counter((standards[alert], one.by_on, one.standing) for alert, one in found.items())


def waiting_by_view(engine: Engine) -> dict[str, int]:
    return dict(_rows(engine, "SELECT code, records FROM quarantine_now"))  # type: ignore[arg-type]


def waiting_by_product(engine: Engine) -> dict[str, int]:
    with reader(engine) as connection:
        return dict(Counter(connection.execute(select(_QUARANTINE.c.code).where(waits())).scalars()))


def assert_alike(engine: Engine, now: datetime) -> None:
    assert overdue_by_view(engine) == overdue_by_product(engine, now)
    assert promises_by_view(engine) == promises_by_product(engine, now)
    assert waiting_by_view(engine) == waiting_by_product(engine)
