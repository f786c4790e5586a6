"""Working days against a second implementation (numpy's, over holidays written by hand), and their laws."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.time.calendar import FIRST, LAST, Calendar, OutOfCalendar, england
from tests.helpers.holidays_by_hand import HOLIDAYS, by_rule

ENGLAND = england()
START, END = np.datetime64("2010-01-01"), np.datetime64("2028-12-31")
EVERY_DAY = np.arange(START, END + 1)
DAYS: list[date] = EVERY_DAY.tolist()
NUMPY = np.busdaycalendar(weekmask="1111100", holidays=np.array(HOLIDAYS, dtype="datetime64[D]"))
COUNTS = [*range(1, 66), 130, 253]


def weekdays_off(calendar: Calendar, first_year: int, last_year: int) -> list[date]:
    off = [day for day in sorted(calendar.bank_holidays) if first_year <= day.year <= last_year]
    return [day for day in off if day.weekday() < 5]


def test_its_bank_holidays_are_those_written_out_by_hand() -> None:
    assert weekdays_off(ENGLAND, 2010, 2028) == HOLIDAYS


@pytest.mark.parametrize("year", range(FIRST.year, LAST.year + 1))
def test_its_bank_holidays_follow_from_the_act_and_the_proclamations(year: int) -> None:
    assert weekdays_off(ENGLAND, year, year) == sorted(by_rule(year))


def test_its_bank_holidays_are_the_governments(shared_data: Path) -> None:
    with (shared_data / "bank_holidays" / "england_and_wales.csv").open(encoding="utf-8", newline="") as file:
        published = [date.fromisoformat(row["date"]) for row in csv.DictReader(file)]
    assert weekdays_off(ENGLAND, 2012, 2028) == published
    assert [day for day in HOLIDAYS if day.year >= 2012] == published


def test_every_day_is_or_is_not_a_working_day_as_numpy_has_it() -> None:
    assert [ENGLAND.is_working_day(day) for day in DAYS] == np.is_busday(EVERY_DAY, busdaycal=NUMPY).tolist()


@pytest.mark.parametrize("count", COUNTS)
def test_adding_to_every_day_is_as_numpy_has_it(count: int) -> None:
    # A day that is no working day rolls back first: Saturday + 1 is the Monday, as Friday + 1 is.
    expected = np.busday_offset(EVERY_DAY, count, roll="backward", busdaycal=NUMPY)
    within = int((expected <= END).sum())  # the last days of 2028 reach past the calendar
    assert [ENGLAND.add_working_days(day, count) for day in DAYS[:within]] == expected[:within].tolist()
    for day in DAYS[within:]:
        with pytest.raises(OutOfCalendar, match="past the calendar's end, 2028-12-31"):
            ENGLAND.add_working_days(day, count)


@pytest.mark.parametrize("count", [0, *COUNTS])
def test_counting_back_from_every_day_is_as_numpy_has_it(count: int) -> None:
    # None back from a day that is no working day is the last working day before it, so 0 rolls backward.
    roll = "forward" if count else "backward"
    reach = EVERY_DAY[400:]  # the holidays written out begin in 2010
    expected = np.busday_offset(reach, -count, roll=roll, busdaycal=NUMPY)
    assert [ENGLAND.working_days_before(day, count) for day in reach.tolist()] == expected.tolist()


@pytest.mark.parametrize("apart", [0, 1, 2, 3, 5, 7, 14, 28, 63, 65, 91, 182, 365, 1000, -1, -3, -10, -365])
def test_working_days_between_every_two_days_so_far_apart_are_as_numpy_has_them(apart: int) -> None:
    first = EVERY_DAY[max(0, -apart) : len(EVERY_DAY) - max(0, apart)]
    earlier, later = (first, first + apart) if apart >= 0 else (first + apart, first)
    expected = np.busday_count(earlier + 1, later + 1, busdaycal=NUMPY) * (1 if apart >= 0 else -1)
    pairs = zip(first.tolist(), (first + apart).tolist(), strict=True)
    assert [ENGLAND.working_days_between(a, b) for a, b in pairs] == expected.tolist()


days = st.dates(date(2000, 1, 10), date(2027, 6, 30))
counts = st.integers(1, 300)


@given(days, counts)
def test_what_is_added_is_what_lies_between(day: date, count: int) -> None:
    due = ENGLAND.add_working_days(day, count)
    assert due > day
    assert ENGLAND.is_working_day(due)
    assert ENGLAND.working_days_between(day, due) == count
    assert ENGLAND.working_days_between(day, due - timedelta(1)) == count - 1


@given(days, st.integers(0, 150), st.integers(0, 150))
def test_adding_in_two_goes_is_adding_at_once(day: date, some: int, more: int) -> None:
    assert ENGLAND.add_working_days(ENGLAND.add_working_days(day, some), more) == ENGLAND.add_working_days(
        day, some + more
    )


@given(days, days, counts)
def test_a_later_start_is_never_due_earlier(one: date, other: date, count: int) -> None:
    early, late = sorted((one, other))
    assert ENGLAND.add_working_days(early, count) <= ENGLAND.add_working_days(late, count)


@given(days, counts)
def test_counting_back_undoes_counting_on(day: date, count: int) -> None:
    assert ENGLAND.working_days_before(ENGLAND.add_working_days(day, count), count) == ENGLAND.working_days_before(
        day, 0
    )


@given(days, days, days)
def test_between_adds_up(a: date, b: date, c: date) -> None:
    between = ENGLAND.working_days_between
    assert between(a, b) + between(b, c) == between(a, c)
    assert between(a, b) == -between(b, a)


@given(days, st.integers(0, 60))
def test_between_counts_the_days_that_have_no_reason_not_to_count(day: date, apart: int) -> None:
    end = day + timedelta(apart)
    counted = [d for d in ENGLAND.days_between(day, end) if ENGLAND.why_not_working(d) is None]
    assert len(counted) == ENGLAND.working_days_between(day, end)


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2024-03-22", 1, "2024-03-25"),  # Friday: the Monday
        ("2024-03-23", 1, "2024-03-25"),  # Saturday: the Monday
        ("2024-03-24", 1, "2024-03-25"),  # Sunday: the Monday
        ("2024-03-28", 1, "2024-04-02"),  # before Easter: Good Friday and Easter Monday do not count
        ("2010-12-24", 1, "2010-12-29"),  # Christmas and Boxing Day on a weekend: two weekdays in their place
        ("2011-04-21", 5, "2011-05-04"),  # Easter, the royal wedding and May Day in two weeks
        ("2022-09-16", 1, "2022-09-20"),  # a holiday announced nine days before
        ("2024-01-02", 45, "2024-03-05"),
        ("2024-01-02", 0, "2024-01-02"),  # within none: the day itself
    ],
)
def test_worked_examples(start: str, count: int, due: str) -> None:
    assert ENGLAND.add_working_days(date.fromisoformat(start), count) == date.fromisoformat(due)


def test_it_says_why_a_day_does_not_count() -> None:
    assert ENGLAND.why_not_working(date(2024, 3, 28)) is None
    assert ENGLAND.why_not_working(date(2024, 3, 29)) == "Good Friday"
    assert ENGLAND.why_not_working(date(2024, 3, 30)) == "Saturday"
    assert ENGLAND.why_not_working(date(2024, 3, 31)) == "Sunday"


def test_a_councils_closure_days_are_working_days() -> None:
    between_christmas_and_new_year = [date(2024, 12, 27), date(2024, 12, 30), date(2024, 12, 31)]
    assert all(ENGLAND.is_working_day(day) for day in between_christmas_and_new_year)


def test_a_holiday_announced_late_moves_what_is_due_after_it() -> None:
    before = Calendar(date(2022, 9, 1), date(2022, 9, 30), {}, "as known on 9 September")
    after = Calendar(before.first, before.last, {date(2022, 9, 19): "State funeral"}, "as known on 10 September")
    assert before.add_working_days(date(2022, 9, 14), 3) == date(2022, 9, 19)
    assert after.add_working_days(date(2022, 9, 14), 3) == date(2022, 9, 20)
    assert after.why_not_working(date(2022, 9, 19)) == "State funeral"


OUTSIDE = [FIRST - timedelta(1), LAST + timedelta(1), date(1999, 6, 1), date(2035, 1, 1)]


@pytest.mark.parametrize("day", OUTSIDE)
def test_outside_its_span_it_does_not_guess(day: date) -> None:
    inside = date(2024, 1, 2)
    for ask in (
        lambda: ENGLAND.is_working_day(day),
        lambda: ENGLAND.why_not_working(day),
        lambda: ENGLAND.add_working_days(day, 1),
        lambda: ENGLAND.add_working_days(day, 0),
        lambda: ENGLAND.working_days_before(day, 1),
        lambda: ENGLAND.working_days_between(day, inside),
        lambda: ENGLAND.working_days_between(inside, day),
    ):
        with pytest.raises(OutOfCalendar, match="outside the calendar"):
            ask()


def test_nor_does_it_count_past_its_ends() -> None:
    assert ENGLAND.add_working_days(date(2028, 12, 28), 1) == date(2028, 12, 29)  # its last working day
    with pytest.raises(OutOfCalendar, match="1 working days after 2028-12-29"):
        ENGLAND.add_working_days(date(2028, 12, 29), 1)
    with pytest.raises(OutOfCalendar, match="before 2000-01-01"):
        ENGLAND.working_days_before(date(2000, 1, 5), 5)


def test_it_counts_neither_way_by_a_negative_number() -> None:
    for count in (ENGLAND.add_working_days, ENGLAND.working_days_before):
        with pytest.raises(ValueError, match="count the other way"):
            count(date(2024, 1, 2), -1)


def test_its_version_names_its_span_and_its_source() -> None:
    assert ENGLAND.version.startswith("england-2028/holidays-")
