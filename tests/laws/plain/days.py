"""How days are counted (docs/counting-days.md), one day after another."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.helpers.holidays_by_hand import HOLIDAYS

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
END = date(2028, 12, 31)  # the last day for which the holidays are announced
_OFF = set(HOLIDAYS)


def london(instant: datetime) -> date:
    return instant.astimezone(LONDON).date()


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def working_days(day: date, count: int) -> date | None:
    """The count-th working day after `day`; None past the calendar's end."""
    while count:
        day += DAY
        if day > END:
            return None
        count -= day.weekday() < 5 and day not in _OFF
    return day


def months(day: date, count: int) -> date:
    """The corresponding date, or its month's last day where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due(day: date, limit: str) -> date | None:
    """The last good day of `15 working days`, `28 days`, `4 weeks`, `3 months` or `2 years` after day 0."""
    count, _, unit = limit.partition(" ")
    number = int(count)
    if unit.startswith("working day"):
        return working_days(day, number)
    if unit.startswith(("day", "week")):
        return day + number * (7 if unit.startswith("week") else 1) * DAY
    return months(day, number * (12 if unit.startswith("year") else 1))


def birthday(born: date, age: int) -> date:
    """Who is born on 29 February becomes an age on 1 March of a common year."""
    if (born.month, born.day) == (2, 29) and monthrange(born.year + age, 2)[1] == 28:
        return date(born.year + age, 3, 1)
    return born.replace(year=born.year + age)
