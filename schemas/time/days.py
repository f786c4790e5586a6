"""London days and instants. The one place where an instant becomes a day.

A *day* is a `datetime.date` of the London calendar. An *instant* is a `datetime` with a zone. A fact that has
only a day is good until the end of that day.

    >>> london_day(datetime(2024, 6, 30, 23, 30, tzinfo=UTC))   # summer time: already tomorrow in London
    datetime.date(2024, 7, 1)
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

LONDON = ZoneInfo("Europe/London")
ONE_DAY = timedelta(days=1)
_SAME_DAY_TO = 22  # o'clock UTC: London is never behind and at most 2 hours ahead
_encode = msgspec.json.Encoder().encode
_TO_SECONDS = len("2024-03-05T17:00:00")
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(_DATE.pattern + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?")


def london_day(instant: datetime) -> date:
    """The London calendar day of an instant."""
    if instant.tzinfo is UTC and instant.hour < _SAME_DAY_TO:
        return instant.date()
    return instant.astimezone(LONDON).date()


@lru_cache(maxsize=65536)
def start_of_day(day: date) -> datetime:
    """London midnight at which `day` begins, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


@lru_cache(maxsize=65536)
def end_of_day(day: date) -> datetime:
    """The last microsecond of `day` in London, in UTC (inclusive: a fact at this instant is still of it)."""
    return start_of_day(day + ONE_DAY) - timedelta(microseconds=1)


def parse_day(text: str) -> date:
    """A day written 2024-03-31 and in no other way: not 20240331, nor 2024-W13, a week. Raises ValueError."""
    if not _DATE.fullmatch(text):
        raise ValueError(f"{text!r} is not a day: write it as 2024-03-31")
    return date.fromisoformat(text)


def parse_moment(text: str) -> datetime:
    """Returns an instant, or for a bare date the end of that London day. A time without an offset is London time (of
    the hour that comes twice when the clocks go back, the first).

    Raises ValueError for anything else, a London time that the clocks leap over among it; OverflowError past year 9999.

        >>> parse_moment("2024-07-01T09:00").isoformat()
        '2024-07-01T08:00:00+00:00'
    """
    if _DATE.fullmatch(text):
        return end_of_day(date.fromisoformat(text))
    if not _TIME.fullmatch(text):
        raise ValueError(f"{text!r} is not a moment: write 2024-03-31T09:00")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    instant = moment.replace(tzinfo=LONDON).astimezone(UTC)
    if instant.astimezone(LONDON).replace(tzinfo=None) != moment:
        raise ValueError(f"{text!r} is a London time that there is not: the clocks go forward over it")
    return instant


def iso(instant: datetime) -> str:
    """An instant as text that sorts as it runs: UTC, microseconds, `Z`. For storing and for JSON."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    text = _encode(instant)[1:-2].decode()  # four times as fast as isoformat
    return f"{text}Z" if len(text) > _TO_SECONDS else f"{text}.000000Z"


def add_months(day: date, months: int) -> date:
    """The corresponding date `months` later, clamped to the month's end: 30 Nov + 3 months = 28/29 Feb."""
    years, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month0 + 1, min(day.day, _days_in(years, month0 + 1)))


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - ONE_DAY).day


def birthday(born_on: date, age: int) -> date:
    """The day on which somebody becomes `age`. Born on 29 February: 1 March in a common year, as English law
    has it (an age is attained at the start of the anniversary; 28 February is not yet it)."""
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:
        return date(born_on.year + age, 3, 1)
