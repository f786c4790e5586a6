"""The fold against a second one, written from the text alone and deliberately plain (`plain/`), on made-up histories:
every standard but one, clock by clock, and what each says at instants around its edges."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.clock import Clock
from schemas.time.days import end_of_day, start_of_day
from tests.laws.folds import folded
from tests.laws.plain import plain_clocks
from tests.laws.plain.days import london
from tests.laws.plain.life import Row
from tests.laws.plain.rules import RULES
from tests.laws.stores import register
from tests.laws.strategies import Given, absurd, believable, corrected, law, make

HISTORIES = st.one_of(corrected(absurd()), corrected(believable()), absurd())


def plainly(row: Row) -> tuple[Any, ...]:
    judged = None if row.ended == "voided" else row.unmeasured  # a void is one, whatever a feed carries
    return (
        *(row.standard, row.begun.id, row.started_on, row.due_on, row.due_at, row.ended, row.ended_on),
        *(row.recorded_late, judged, row.lasts_to, row.instead, row.begun_again, row.after_excuse, row.team),
    )


def as_plain(clock: Clock) -> tuple[Any, ...]:
    late = clock.ended == "stopped" and clock.recorded_late
    judged = None if clock.ended == "voided" else clock.unmeasured is not None
    return (
        *(clock.standard, clock.cause, clock.started_on, clock.due_on, clock.due_at, clock.ended, clock.ended_on),
        *(late, judged, clock.lasts_to, clock.instead, clock.begun_again, clock.after_excuse, clock.team),
    )


def both(history: list[Given]) -> tuple[list[Clock], list[Row]]:
    """The clocks of each, in one order."""
    clocks = [clock for clock in folded(history).clocks if clock.standard in RULES]
    return sorted(clocks, key=lambda c: repr(as_plain(c))), sorted(
        plain_clocks(history), key=lambda r: repr(plainly(r))
    )


def status(row: Row, at: datetime) -> str:
    """What is true of a row at an instant no earlier than its start."""
    today = london(at)
    ended = row.ended if row.ended_on is not None and row.ended_on <= today and (row.ended_at or at) <= at else None
    grown_up = ended is None and row.lasts_to is not None and today > row.lasts_to
    last = row.ended_on if ended else row.lasts_to if grown_up else None
    late = last is not None and row.due_on is not None and last > row.due_on
    if ended == "stopped" and row.due_at is not None and row.ended_at is not None:
        late = row.ended_at > row.due_at
    over = row.due_on is not None and (at > row.due_at if row.due_at else today > row.due_on)
    if ended == "voided":
        return "voided"
    if row.unmeasured:
        return "not_measured"
    if row.standard == "re-referral-12m":  # what must not happen
        if ended == "stopped":
            return "missed"
        return ("met" if late else "cancelled") if last is not None else "met" if over else "running"
    if last is not None:
        return "missed" if late else "met" if ended == "stopped" else ended or "cancelled"
    return "overdue" if over else "running"


@given(HISTORIES)
@law(350)
def test_its_clocks_are_those_of_the_plain_fold(history: list[Given]) -> None:
    clocks, rows = both(history)
    assert list(map(as_plain, clocks)) == list(map(plainly, rows))


@given(HISTORIES, st.integers(-1, 1))
@law(100)
def test_they_say_the_same_at_every_edge(history: list[Given], beside: int) -> None:
    for clock, row in zip(*both(history), strict=True):
        edges = [row.due_on, row.ended_on, row.lasts_to, row.started_on + timedelta(days=30)]
        moments = [f(day) for day in edges if day is not None for f in (start_of_day, end_of_day)]
        moments += [instant for instant in (row.due_at, row.ended_at) if instant is not None]
        for at in (moment + timedelta(microseconds=beside) for moment in moments):
            if at >= (row.started_at or start_of_day(row.started_on)):
                said = clock.status(at)
                assert {"due_soon": "running"}.get(said or "", said) == status(row, at), (at, clock)


def test_every_standard_but_one_is_in_it() -> None:
    """And the histories have a clock of each, or the law would hold of nothing."""
    assert set(register().standards) - set(RULES) == {"pathway-assessment-16y3m"}


OWN_DAY = {
    "referral-decision-1wd": (
        ("referral.received", {"referral_id": "R1", "source": "school"}),
        ("referral.decided", {"referral_id": "R1", "outcome": "nfa"}),
    ),
    "icpc-15wd": (
        ("enquiry.started", {"enquiry_id": "E1"}),
        ("conference.held", {"conference": "initial", "outcome": "no_plan", "meeting_id": "m", "complete": True}),
    ),
    "cp-visit": (
        ("cp_plan.started", {"plan_id": "P1"}),
        ("visit.made", {"visit_id": "v", "regime": "cp", "by": "social_worker", "method": "in_person", "seen": True}),
    ),
    "cp-plan-2y": (("cp_plan.started", {"plan_id": "P1"}), ("cp_plan.ended", {"plan_id": "P1", "reason": "error"})),
    "lac-review-first-20wd": (
        ("care.started", {"care_id": "K1", "legal_status": "V2"}),
        ("review.held", {"review": "care", "meeting_id": "m", "complete": True}),
    ),
    "allocated-qualified": (
        ("enquiry.started", {"enquiry_id": "E1"}),
        ("worker.allocated", {"allocation_id": "W1", "worker": "S1", "role": "social_worker", "registered": True}),
    ),
    "return-interview-offered-72h": (
        ("missing.ended", {"missing_id": "M1"}),
        ("return_interview.offered", {"missing_ids": ["M1"]}),
    ),
    "assessment-45wd": (
        ("assessment.started", {"assessment_id": "A1", "kind": "single", "reason": "enquiry"}),
        ("assessment.authorised", {"assessment_id": "A1", "kind": "single", "outcome": "plan"}),
    ),
}


@pytest.mark.parametrize("standard", OWN_DAY)
@pytest.mark.parametrize(
    ("started", "done"), [(None, None), (9.0, None), (9.0, 9.0), (9.0, 17.0), (None, 0.0), (None, 23.9)]
)
def test_what_is_done_on_the_starts_own_day_counts(standard: str, started: float | None, done: float | None) -> None:
    """With an hour or without on either side; with two hours, not before the start."""
    (kind, data), (doing, by) = OWN_DAY[standard]
    day = date(2024, 7, 2)
    history = [make("e1", kind, day, data, hour=started), make("e2", doing, day, by, hour=done)]
    made = [c for c in folded(history).clocks if c.standard == standard]
    if standard == "allocated-qualified" and started == done:
        assert made == [], "allocated at the moment of the enquiry there is no gap"
    elif standard == "allocated-qualified" and (started is None or done is None):
        assert made == [], "a gap with an end known only by its day, closed on that day, is none"
    elif standard == "return-interview-offered-72h" and started == done == 9.0:
        assert made[0].ended is None, "an offer stands before a return, by their kinds; at one moment that decides"
    else:
        assert [(c.ended, c.ended_on) for c in made][:1] == [("stopped", day)]
