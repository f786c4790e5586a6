"""Days, moments and periods as a person writes them, on the command line or in an address. Each raises ValueError that
says what to write."""

from __future__ import annotations

from datetime import date, datetime

from schemas.events.event import YEARS
from schemas.time.days import parse_day, parse_moment
from services.timeliness.figures.periods import Period


def moment(text: str) -> datetime:
    """Returns an instant; a day means its end, and a time without an offset is London time."""
    try:
        found = parse_moment(text)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is not a moment: write a day (2024-03-31, which means its end) or London time, 2024-03-31T09:00"
        ) from None
    _within_years(text, found)
    return found


def day(text: str) -> date:
    """One day."""
    try:
        found = parse_day(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a day: write it as 2024-03-31") from None
    _within_years(text, found)
    return found


def span(text: str) -> tuple[date, date]:
    """`2023-04-01..2024-03-31`, both days included."""
    first, dots, last = text.partition("..")
    if not dots:
        raise ValueError(f"{text!r} is not a span of days: write 2023-04-01..2024-03-31")
    if day(last) < day(first):
        raise ValueError(f"{text!r} ends before it begins")
    return day(first), day(last)


def period(text: str) -> Period:
    """A week, month, quarter, year or span of days."""
    found = Period.parse(text)
    _within_years(text, found.first)
    _within_years(text, found.last)
    return found


def _within_years(text: str, when: date) -> None:
    if when.year not in YEARS:
        raise ValueError(f"{text!r} is outside the years {YEARS[0]} to {YEARS[-1]}")
