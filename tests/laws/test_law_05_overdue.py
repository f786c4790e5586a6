"""Law 5: overdue stays overdue until something happens. And the rest of what a clock may say as time goes by."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.clock import Clock
from schemas.time.days import end_of_day, start_of_day
from tests.laws.folds import folded
from tests.laws.strategies import Given, absurd, believable, corrected, law

ENDED = ("met", "missed", "cancelled")
# What may be said next, however much later it is asked. Voiding says that the duty never arose, at any time.
MAY_FOLLOW = {
    None: {None, "running", "due_soon", "overdue", *ENDED, "voided", "not_measured"},
    "running": {"running", "due_soon", "overdue", *ENDED, "voided"},
    "due_soon": {"due_soon", "overdue", *ENDED, "voided"},
    "overdue": {"overdue", "missed", "voided"},
    "not_measured": {"not_measured", "voided"},
    **{ended: {ended, "voided"} for ended in ENDED},
    "voided": {"voided"},
}


def moments(clock: Clock) -> list[datetime]:
    """Every instant at which a clock may come to say something else, and the ones beside it."""
    days = [clock.started_on, clock.due_on, clock.warn_on, clock.ended_on, clock.lasts_to, date(2044, 1, 1)]
    at = [clock.started_at, clock.due_at, clock.warn_at, clock.ended_at]
    edges = [edge for day in days if day is not None for edge in (start_of_day(day), end_of_day(day))]
    edges += [instant for instant in at if instant is not None]
    return sorted(edge + timedelta(microseconds=n) for edge in edges for n in (-1, 0, 1))


@given(st.one_of(corrected(absurd()), corrected(believable())))
@law(150)
def test_overdue_stays_overdue_until_something_happens(history: list[Given]) -> None:
    for clock in folded(history).clocks:
        said = None
        for at in moments(clock):
            status = clock.status(at)
            assert status in MAY_FOLLOW[said], f"{said}, then at {at} {status}: {clock}"
            if said == "overdue" and status != "overdue":
                assert something_happened(clock, at)
            said = status


def something_happened(clock: Clock, at: datetime) -> bool:
    """An event ended it by then, or childhood itself ended."""
    ended = clock.ended_on is not None and start_of_day(clock.ended_on) <= at
    grown_up = clock.lasts_to is not None and end_of_day(clock.lasts_to) < at
    return ended or grown_up


@given(st.one_of(corrected(absurd()), corrected(believable())))
@law(50)
def test_it_is_overdue_from_the_end_of_its_due_day_and_not_before(history: list[Given]) -> None:
    for clock in folded(history).clocks:
        if clock.ended is None and clock.due_on is not None and clock.unmeasured is None and not clock.prohibits:
            last_good = clock.due_at or end_of_day(clock.due_on)
            if clock.lasts_to is None or clock.due_on <= clock.lasts_to:
                assert clock.status(last_good) in ("running", "due_soon")
            if clock.lasts_to is None or clock.due_on < clock.lasts_to:
                assert clock.status(last_good + timedelta(microseconds=1)) == "overdue"
