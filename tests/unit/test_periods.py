"""Periods of a figure: which days they hold, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.timeliness.figures.periods import Period

DAYS = st.dates(date(2000, 1, 1), date(2050, 12, 31))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-W10", "2024-03-04", "2024-03-10"),
        ("2024-W01", "2024-01-01", "2024-01-07"),
        ("2025-W01", "2024-12-30", "2025-01-05"),  # a week belongs to the year of its Thursday
        ("2020-W53", "2020-12-28", "2021-01-03"),
        ("2024-03", "2024-03-01", "2024-03-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2024-12", "2024-12-01", "2024-12-31"),
        ("2024-Q1", "2024-01-01", "2024-03-31"),
        ("2024-Q2", "2024-04-01", "2024-06-30"),
        ("2024-Q4", "2024-10-01", "2024-12-31"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-01-05..2024-01-05", "2024-01-05", "2024-01-05"),
        ("2023-12-30..2024-01-02", "2023-12-30", "2024-01-02"),
        (" 2024-03 ", "2024-03-01", "2024-03-31"),
    ],
)
def test_both_ends_are_in_it(text: str, first: str, last: str) -> None:
    period = Period.parse(text)
    assert (period.first, period.last) == (date.fromisoformat(first), date.fromisoformat(last))
    assert period.first in period
    assert period.last in period
    assert period.first - timedelta(days=1) not in period
    assert period.last + timedelta(days=1) not in period


@pytest.mark.parametrize(
    "text",
    [
        "",
        "March",
        "2024-W54",
        "9999-W52",
        "9999-12",
        "9999",
        "0000-13",
        "0000",
        "0001-W00",
        "٢٠٢٤",
        "2023-W53",
        "2024-W00",
        "2024-W1",
        "2024-13",
        "2024-00",
        "2024-Q5",
        "2024-Q0",
        "24",
        "2024-3",
        "2024-03-05",
        "2024-03-05..",
        "..2024-03-05",
        "2024-03-05..2024-03-04",
        "2024-02-30..2024-03-01",
        "2024-W10..2024-W12",
        "20240301..20240331",
        "2024/25",
        "2024-03x",
    ],
)
def test_anything_else_is_refused_with_what_may_be_written(text: str) -> None:
    with pytest.raises(ValueError, match="is not a period") as refused:
        Period.parse(text)
    assert repr(text) in str(refused.value)
    assert "write 2024-W10, 2024-03, 2024-Q1, 2024 or 2024-01-01..2024-03-31" in str(refused.value)


def test_the_week_of_a_day_runs_from_monday_to_sunday() -> None:
    assert Period.week_of(date(2024, 3, 4)) == Period.week_of(date(2024, 3, 10)) == Period.parse("2024-W10")
    assert Period.week_of(date(2024, 3, 3)) == Period.parse("2024-W09")


@given(DAYS)
def test_every_day_is_in_one_week_one_month_one_quarter_and_one_year(day: date) -> None:
    iso = day.isocalendar()
    named = (f"{iso.year}-W{iso.week:02}", f"{day:%Y-%m}", f"{day.year}-Q{(day.month + 2) // 3}", str(day.year))
    for text in named:
        period = Period.parse(text)
        assert day in period
        before = period.first - timedelta(days=1)
        assert Period.parse(text) != _like(text, before), "the one before is another"
        assert _like(text, before).last == before, "and no day lies between"
    assert Period.week_of(day) == Period.parse(named[0])


def _like(text: str, day: date) -> Period:
    """The period of the same sort that holds another day."""
    if "W" in text:
        return Period.week_of(day)
    if "Q" in text:
        return Period.parse(f"{day.year}-Q{(day.month + 2) // 3}")
    return Period.parse(f"{day:%Y-%m}" if "-" in text else f"{day:%Y}")
