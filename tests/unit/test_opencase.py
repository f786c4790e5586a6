"""Whether a case is open, with whom, and when the child was last seen."""

from __future__ import annotations

from datetime import date
from typing import Any

from schemas.events.event import from_dict
from schemas.time.days import start_of_day
from services.timeliness.fold.open_case import OpenCase, open_case
from services.timeliness.history.facts import fact_of
from services.timeliness.history.history import history
from services.timeliness.standards.register import load
from tests.helpers.files import event

KNOWN = start_of_day(date(2024, 6, 1))


def case(*events: dict[str, Any]) -> OpenCase | None:
    return open_case(load().states, history("C1", [fact_of(from_dict(one), KNOWN) for one in events], {}))


def visit(day: str, id: str = "v1", **more: Any) -> dict[str, Any]:
    data = {"visit_id": id, "regime": "cin", "by": "social_worker", "method": "in_person", "seen": True} | more
    return event("visit.made", day, id, **data)


def worker(day: str, id: str, name: str, role: str = "social_worker") -> dict[str, Any]:
    return event("worker.allocated", day, f"w{id}", allocation_id=id, worker=name, role=role, registered=True)


OPENED = event("assessment.started", "2024-03-04", "e1") | {
    "data": {"assessment_id": "A1", "kind": "single", "reason": "referral"}
}
TEAM = event("case.team_set", "2024-03-01", "t1", team="city-family-1", reason="allocation")


def test_a_referral_alone_opens_nothing() -> None:
    assert case(event("referral.received", "2024-03-04", "r1", referral_id="R1", source="1A")) is None
    assert case(TEAM) is None


def test_open_with_its_team_and_since_when() -> None:
    found = case(TEAM, OPENED)
    assert found == OpenCase("C1", "city-family-1", None, None, date(2024, 3, 4), None, "", False, None)


def test_closed_is_gone_and_opened_again_is_open_from_then() -> None:
    closed = event("case.closed", "2024-04-01", "c1", reason="RC1")
    assert case(OPENED, closed) is None
    again = case(OPENED, closed, event("case.reopened", "2024-05-02", "o1", reason="other"))
    assert again is not None
    assert again.opened_on == date(2024, 5, 2)


def test_a_plan_or_care_keeps_a_case_open() -> None:
    plan = event("cp_plan.started", "2024-03-10", "p1", plan_id="P1")
    cin = event("cin_plan.started", "2024-03-09", "n1", plan_id="N1")
    found = case(OPENED, cin, plan)
    assert found is not None
    assert (found.plans, found.opened_on) == ("cp_plan cin_plan", date(2024, 3, 4))


def test_last_seen_is_the_last_time_in_person_under_any_plan() -> None:
    found = case(
        OPENED,
        visit("2024-03-10", "v1", regime="cp"),
        visit("2024-03-20", "v2", regime="iro", by="iro"),
        visit("2024-03-25", "v3", seen=False),
        visit("2024-03-26", "v4", method="video"),
        event("visit.failed", "2024-03-27", "v5", visit_id="v5", regime="cp", reason="no_access"),
    )
    assert found is not None
    assert found.seen_on == date(2024, 3, 20)
    withdrawn = event("event.retracted", "2024-03-28", "x1", retracts="v1")
    only = case(OPENED, visit("2024-03-10"), withdrawn)
    assert only is not None
    assert only.seen_on is None


def test_who_holds_the_child() -> None:
    both = case(OPENED, worker("2024-03-05", "1", "W1"), worker("2024-03-06", "2", "W2", "lead_social_worker"))
    assert both is not None
    assert (both.worker, both.role) == ("W2", "lead_social_worker")
    gone = event("worker.deallocated", "2024-03-08", "d1", allocation_id="2", reason="left_post")
    left = case(OPENED, worker("2024-03-05", "1", "W1"), worker("2024-03-06", "2", "W2", "lead_social_worker"), gone)
    assert left is not None
    assert left.worker == "W1"
    later = case(OPENED, worker("2024-03-05", "1", "W1"), worker("2024-03-09", "3", "W3"))
    assert later is not None
    assert later.worker == "W3"  # of equals the one allocated last
    nobody = case(OPENED, worker("2024-03-05", "1", "IRO1", "iro"))
    assert nobody is not None
    assert nobody.worker is None


def test_of_a_child_who_died_nothing_is_open() -> None:
    assert case(OPENED, event("child.died", "2024-04-01", "x1", before_birth=False)) is None
