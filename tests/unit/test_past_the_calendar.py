"""What is due past the calendar's end: only what is counted in working days has no due day."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.time.calendar import england
from services.timeliness.explain.due_day import arithmetic
from services.timeliness.fold.child import Folded
from services.timeliness.fold.rungs import rungs
from services.timeliness.standards.register import load
from tests.laws.folds import folded
from tests.laws.strategies import make

CALENDAR, STANDARDS = england(), load().standards


def plan_of(day: date) -> Folded:
    return folded([make("p", "cp_plan.started", day, {"plan_id": "P"})])


@pytest.mark.parametrize(
    ("started", "due", "warned"),
    [
        (date(2026, 12, 31), date(2028, 12, 30), date(2028, 6, 30)),  # the 30th of June is a Friday
        (date(2027, 1, 4), date(2029, 1, 3), date(2028, 7, 3)),  # a Monday
        (date(2027, 9, 1), date(2029, 8, 31), None),
    ],
)
def test_a_plan_has_its_due_day_and_the_warnings_that_the_calendar_reaches(
    started: date, due: date, warned: date | None
) -> None:
    (clock,) = [c for c in plan_of(started).clocks if c.standard == "cp-plan-2y"]
    assert (clock.due_on, clock.warn_on) == (due, warned)


def test_the_due_day_is_explained_without_the_calendar() -> None:
    clock = next(c for c in plan_of(date(2027, 1, 4)).clocks if c.standard == "cp-plan-2y")
    limit = STANDARDS["cp-plan-2y"].limits.in_force(clock.started_on, None, CALENDAR)
    assert limit is not None
    assert "Wed 3 January 2029" in " ".join(arithmetic(clock, limit, CALENDAR))


def test_what_is_missed_past_the_calendar_is_told_and_what_cannot_be_warned_of_is_left_out() -> None:
    clock = next(c for c in plan_of(date(2027, 9, 1)).clocks if c.standard == "cp-plan-2y")
    assert [name for name, _ in rungs(STANDARDS["cp-plan-2y"], clock, CALENDAR)] == ["missed"]


def test_a_clock_without_any_warning_is_counted_for_the_alarm() -> None:
    assert plan_of(date(2027, 9, 1)).endless == 1
    assert plan_of(date(2027, 1, 4)).endless == 0
