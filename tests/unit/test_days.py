"""Instants become London days in one place, and months and birthdays fall where the law has them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from schemas.time.days import (
    LONDON,
    add_months,
    birthday,
    end_of_day,
    iso,
    london_day,
    parse_day,
    parse_moment,
    start_of_day,
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2024-06-30T22:59:59", "2024-06-30"),
        ("2024-06-30T23:00:00", "2024-07-01"),  # summer time: London's midnight
        ("2024-06-30T23:30:00", "2024-07-01"),
        ("2024-01-15T23:59:59", "2024-01-15"),
        ("2024-01-16T00:00:00", "2024-01-16"),
        ("2024-03-31T00:30:00", "2024-03-31"),  # clocks go forward at 01:00
        ("2024-03-30T23:30:00", "2024-03-30"),  # the evening before, still winter
        ("2024-03-31T23:30:00", "2024-04-01"),  # the evening after, already summer
        ("2024-10-26T23:30:00", "2024-10-27"),  # clocks go back at 01:00 UTC: before that still summer
        ("2024-10-27T00:30:00", "2024-10-27"),
        ("2024-10-27T23:30:00", "2024-10-27"),  # winter again
    ],
)
def test_an_instant_has_one_london_day(instant: str, day: str) -> None:
    assert london_day(utc(instant)) == date.fromisoformat(day)


def test_the_zone_an_instant_is_written_in_changes_nothing() -> None:
    instant = utc("2024-06-30T23:30:00")
    zones = [timezone(timedelta(hours=hours)) for hours in range(-12, 15)]
    assert {london_day(instant.astimezone(zone)) for zone in zones} == {date(2024, 7, 1)}


@pytest.mark.parametrize(
    ("day", "starts", "ends", "hours"),
    [
        ("2024-01-15", "2024-01-15T00:00:00", "2024-01-15T23:59:59.999999", 24),
        ("2024-06-30", "2024-06-29T23:00:00", "2024-06-30T22:59:59.999999", 24),
        ("2024-03-31", "2024-03-31T00:00:00", "2024-03-31T22:59:59.999999", 23),  # forward
        ("2024-10-27", "2024-10-26T23:00:00", "2024-10-27T23:59:59.999999", 25),  # back
    ],
)
def test_a_day_runs_from_londons_midnight_to_its_last_microsecond(day: str, starts: str, ends: str, hours: int) -> None:
    the_day = date.fromisoformat(day)
    assert (start_of_day(the_day), end_of_day(the_day)) == (utc(starts), utc(ends))
    assert end_of_day(the_day) - start_of_day(the_day) == timedelta(hours=hours) - timedelta.resolution


calendar_days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
instants = st.builds(datetime.combine, calendar_days, st.times(), st.just(UTC))


@given(calendar_days)
def test_both_ends_of_a_day_are_of_the_day_and_the_next_instant_is_not(day: date) -> None:
    assert london_day(start_of_day(day)) == london_day(end_of_day(day)) == day
    assert end_of_day(day) + timedelta.resolution == start_of_day(day + timedelta(1))
    assert london_day(start_of_day(day) - timedelta.resolution) == day - timedelta(1)


@given(instants)
def test_an_instant_lies_within_its_day(instant: datetime) -> None:
    assert start_of_day(london_day(instant)) <= instant <= end_of_day(london_day(instant))


def test_a_bare_date_is_the_end_of_that_london_day() -> None:
    assert parse_moment("2024-06-30") == end_of_day(date(2024, 6, 30)) == utc("2024-06-30T22:59:59.999999")


def test_an_instant_is_itself_in_utc() -> None:
    assert parse_moment("2024-06-30T10:00:00+01:00") == utc("2024-06-30T09:00:00")
    assert parse_moment("2024-06-30T10:00:00Z").tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "30/06/2024",
        "",
        "2024-02-30",
        "20240630",
        "2024-W26-7",
        "2024-06-30T10",
        "2024-06-30T10:00 00:00",
        "٢٠٢٤-06-30",
        "2024-03-31T01:30",  # the clocks go forward over it
    ],
)
def test_anything_else_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_moment(text)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-01-30T10:00", "2024-01-30T10:00:00"),
        ("2024-06-30T10:00:00", "2024-06-30T09:00:00"),
        ("2024-06-30 10:00", "2024-06-30T09:00:00"),
        ("2024-10-27T01:30", "2024-10-27T00:30:00"),  # it comes twice: the first
    ],
)
def test_a_time_without_an_offset_is_london_time(text: str, instant: str) -> None:
    assert parse_moment(text) == utc(instant)


@given(instants, instants)
def test_instants_as_text_sort_as_they_run(one: datetime, other: datetime) -> None:
    assert (iso(one.astimezone(LONDON)) < iso(other)) == (one < other)
    assert parse_moment(iso(one)) == one


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2023-11-30", 3, "2024-02-29"),  # no 30 February: the month's end
        ("2024-11-30", 3, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2024-03-31", 6, "2024-09-30"),
        ("2024-02-29", 3, "2024-05-29"),  # the corresponding date, not the month's end
        ("2024-12-15", 1, "2025-01-15"),
        ("2024-01-15", 0, "2024-01-15"),
        ("2024-03-31", -1, "2024-02-29"),
    ],
)
def test_months_lead_to_the_corresponding_date_or_the_months_end(day: str, months: int, then: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(then)


@given(calendar_days, st.integers(-240, 240))
def test_months_are_as_dateutil_has_them(day: date, months: int) -> None:
    assert add_months(day, months) == day + relativedelta(months=months)


@pytest.mark.parametrize(
    ("born", "age", "on"),
    [
        ("2008-06-15", 18, "2026-06-15"),
        ("2008-02-29", 18, "2026-03-01"),  # common year: the day after 28 February
        ("2008-02-29", 16, "2024-02-29"),  # leap year
        ("2008-02-28", 18, "2026-02-28"),
        ("2008-03-01", 18, "2026-03-01"),
        ("2008-02-29", 0, "2008-02-29"),
    ],
)
def test_a_birthday(born: str, age: int, on: str) -> None:
    assert birthday(date.fromisoformat(born), age) == date.fromisoformat(on)


@pytest.mark.parametrize("text", ["20240331", "2024-W13", "2024-W13-7", "2024-3-31", "31/03/2024", "", "2024-03-31 "])
def test_a_day_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match="is not a day: write it as 2024-03-31"):
        parse_day(text)


def test_a_day_that_does_not_exist_is_refused() -> None:
    assert parse_day("2024-02-29") == date(2024, 2, 29)
    with pytest.raises(ValueError, match="day"):
        parse_day("2023-02-29")
