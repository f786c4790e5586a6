"""Units of a control chart: brothers and sisters at one meeting are late or in time together, and count once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from schemas.clock import Clock
from schemas.time.days import end_of_day, start_of_day
from services.timeliness.figures.chart_units import Units
from services.timeliness.figures.control import Week

AS_OF = end_of_day(date(2024, 3, 10))
MONDAY = date(2024, 3, 4)


def clock(child: str, meeting: str | None = None, done_on: date | None = date(2024, 3, 5), **more: object) -> Clock:
    said = {
        "id": f"k-{child}",
        "standard": "s1",
        "child": child,
        "started_on": date(2024, 2, 1),
        "due_on": date(2024, 3, 6),
        "cause": "e1",
        "team": "red",
        "meeting": meeting,
    }
    ended = {"ended": "stopped", "ended_on": done_on} if done_on else {}
    return Clock(**{**said, **ended, **more})  # type: ignore[arg-type]


def units_of(clocks: Iterable[Clock]) -> Units:
    made = Units()
    for one in clocks:
        made.add(one, one.status(AS_OF))
    return made


def week(*clocks: Clock) -> Week:
    (found,) = units_of(clocks).weeks([MONDAY])
    return found


def test_children_without_a_meeting_count_each() -> None:
    assert week(clock("C1"), clock("C2"), clock("C3", done_on=None)) == Week(3, 2)


def test_three_at_one_meeting_are_one() -> None:
    assert week(clock("C1", "M1"), clock("C2", "M1"), clock("C3", "M1"), clock("C4", "M2")) == Week(2, 2)


def test_one_meeting_may_be_in_time_for_one_child_and_late_for_another() -> None:
    late = clock("C2", "M1", date(2024, 3, 8))
    assert week(clock("C1", "M1"), late) == Week(2, 1)


def test_limits_in_hours_and_prohibitions_count_by_child() -> None:
    hours = [clock(child, "M1", due_at=start_of_day(date(2024, 3, 7))) for child in ("C1", "C2")]
    never = [clock(child, "M1", done_on=None, prohibits=True) for child in ("C3", "C4")]
    assert week(*hours, *never).n == 4


def test_only_what_is_judged_counts() -> None:
    cancelled = clock("C1", ended="cancelled", ended_on=date(2024, 3, 1))
    assert week(cancelled, clock("C2", due_on=date(2024, 3, 20), done_on=None), clock("C3", due_on=None)) == Week(0, 0)


def test_weeks_are_given_as_asked_with_empty_ones() -> None:
    asked = [date(2024, 2, 26), MONDAY]
    assert units_of([clock("C1")]).weeks(asked) == [Week(0, 0), Week(1, 1)]
