"""A start withdrawn while its clocks were open: the team manager is told once, never only silence."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from schemas.time.calendar import england
from services.alerts.message.desk import MessageContext
from services.alerts.reports.acknowledge import NotAcknowledged, acknowledge, listed
from services.alerts.sweep.go_live import set_go_live
from services.alerts.sweep.sweep import sweep
from services.ingest.intake.intake import take_in
from services.timeliness.standards.register import load
from services.timeliness.table.catch_up import catch_up, rebuild
from tests.helpers.alert_clocks import at
from tests.helpers.records import given, record, retraction

CALENDAR, REGISTER = england(), load()
ENQUIRY: dict[str, Any] = {"kind": "enquiry.started", "data": {"enquiry_id": "E1"}, "occurredon": "2024-03-04"}
WORKER: dict[str, Any] = {
    "kind": "worker.allocated",
    "data": {"allocation_id": "W1", "worker": "S1", "role": "social_worker", "registered": True},
    "occurredon": "2024-03-04",
}
TEAM: dict[str, Any] = {
    "kind": "case.team_set",
    "data": {"team": "north", "reason": "started"},
    "occurredon": "2024-03-04",
}


def known(engine: Engine, day: str, *records: bytes) -> None:
    take_in(engine, given(*records), history=False, now=at(day))
    catch_up(engine, REGISTER, CALENDAR)


def told(engine: Engine, day: str) -> list[tuple[str, str, str]]:
    """What a sweep at noon of that day tells."""
    before = {alert["alert"] for alert in listed(engine)}
    sweep(engine, CALENDAR, at(day), desk=MessageContext())
    return [(one["standard"], one["team"], one["rung"]) for one in listed(engine) if one["alert"] not in before]


def begun(engine: Engine) -> None:
    known(engine, "2024-03-04", record("t", **TEAM), record("w", **WORKER), record("e", **ENQUIRY))


def test_the_start_of_an_enquiry_withdrawn_before_anything_was_told(engine: Engine) -> None:
    begun(engine)
    assert told(engine, "2024-03-05") == []
    known(engine, "2024-03-06", retraction("x", of="e", occurredon="2024-03-06"))
    assert told(engine, "2024-03-06") == [("icpc-15wd", "north", "withdrawn")]
    assert told(engine, "2024-03-07") == []
    rebuild(engine, REGISTER, CALENDAR)
    assert told(engine, "2024-03-08") == []
    (alert,) = listed(engine)
    with pytest.raises(NotAcknowledged, match="over"):
        acknowledge(engine, alert["alert"], "why", at("2024-03-20").date(), at("2024-03-08"))


def test_withdrawn_while_overdue_it_is_cleared_and_said_to_be_withdrawn(engine: Engine) -> None:
    begun(engine)
    assert told(engine, "2024-03-27") == [("icpc-15wd", "north", "missed")]
    known(engine, "2024-03-28", retraction("x", of="e", occurredon="2024-03-28"))
    assert sorted(told(engine, "2024-03-28")) == [
        ("icpc-15wd", "north", "cleared"),
        ("icpc-15wd", "north", "withdrawn"),
    ]
    assert told(engine, "2024-04-28") == []


def test_entered_again_for_the_same_day_it_is_no_news(engine: Engine) -> None:
    begun(engine)
    again = record("e2", **ENQUIRY)
    known(engine, "2024-03-06", retraction("x", of="e", occurredon="2024-03-06"), again)
    assert told(engine, "2024-03-06") == []


def test_done_before_it_was_withdrawn_it_is_no_news(engine: Engine) -> None:
    begun(engine)
    held = {
        "kind": "conference.held",
        "occurredon": "2024-03-12",
        "data": {"conference": "initial", "outcome": "no_plan", "meeting_id": "m", "complete": True},
    }
    known(engine, "2024-03-12", record("c", **held))
    known(engine, "2024-03-13", retraction("x", of="e", occurredon="2024-03-13"))
    assert told(engine, "2024-03-13") == []


def test_what_was_withdrawn_before_go_live_is_not_told(engine: Engine) -> None:
    begun(engine)
    known(engine, "2024-03-06", retraction("x", of="e", occurredon="2024-03-06"))
    set_go_live(engine, at("2024-03-07"))
    assert told(engine, "2024-03-08") == []


def test_a_visit_withdrawn_is_no_start(engine: Engine) -> None:
    begun(engine)
    visit = {
        "kind": "visit.made",
        "occurredon": "2024-03-05",
        "data": {"visit_id": "v", "regime": "cp", "by": "social_worker", "method": "in_person", "seen": True},
    }
    known(engine, "2024-03-05", record("v", **visit))
    known(engine, "2024-03-06", retraction("x", of="v", occurredon="2024-03-06"))
    assert told(engine, "2024-03-06") == []
