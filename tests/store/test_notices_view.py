"""The view of notices says of each what came of it: as what is outstanding is counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from schemas.store.engine import reader, write_rows
from schemas.store.tables import Attempt, Delivery, Notice
from services.alerts.reports.undelivered import outstanding
from tests.helpers.alert_clocks import at
from tests.helpers.alert_routes import routes

NOW = at("2024-03-06")
LATER = NOW + timedelta(hours=6)
# Of each notice: whom it is for, the outcomes of its tries with a time to try again or none, whether a copy was left.
NOTICES: dict[str, tuple[str | None, list[tuple[str, bool]], bool]] = {
    "not tried": ("ann", [], False),
    "copied only": ("ann", [], True),
    "tried again": ("ann", [("later", True)], False),
    "next on the line": ("ann", [("refused", False)], False),
    "being tried": ("ann", [("refused", True), ("trying", True)], False),
    "taken": ("ann", [("later", True), ("sent", True)], False),
    "there": ("ann", [("refused", False), ("delivered", False)], False),
    "nobody": ("ann", [("refused", False), ("refused", True)], True),
    "for a team": (None, [], True),
    "for a team, not left": (None, [], False),
}
STATES = {"waiting": 6, "sent": 1, "delivered": 2, "failed": 1}


def rows_of(notice: str) -> Iterator[tuple[type[Any], dict[str, Any]]]:
    recipient, tries, copied = NOTICES[notice]
    yield (
        Notice,
        {
            "id": notice,
            "team": "north-1",
            "level": "manager",
            "text": "",
            "created_at": NOW,
            "recipient": recipient,
            "kind": "at_once",
        },
    )
    for number, (outcome, again) in enumerate(tries, start=1):
        yield (
            Attempt,
            {
                "notice": notice,
                "number": number,
                "person": "ann",
                "channel": "email",
                "at": NOW,
                "outcome": outcome,
                "why": "",
                "next_try_at": LATER if again else None,
            },
        )
    if copied:
        yield Delivery, {"notice": notice, "channel": "folder", "delivered_at": NOW}


def test_notices_are_counted_by_what_came_of_them(engine: Engine) -> None:
    with engine.begin() as connection:
        for notice in NOTICES:
            for model, row in rows_of(notice):
                write_rows(connection, model, [row])
    with reader(engine) as connection:
        found = {row.state: row.notices for row in connection.exec_driver_sql("SELECT * FROM notices")}
    assert found == STATES
    counted = outstanding(engine, LATER, routes())
    assert (counted.waiting, counted.sent, counted.failed) == (found["waiting"], found["sent"], found["failed"])
