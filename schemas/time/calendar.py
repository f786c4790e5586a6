"""The calendar of working days: a versioned value with a first and a last day.

A working day is not a Saturday, a Sunday or a bank holiday of England and Wales. A council's closure days are
working days. Outside its span the calendar refuses to answer: a deadline is never guessed.

    >>> calendar = england()
    >>> calendar.add_working_days(date(2024, 3, 23), 1)     # a Saturday: the next Monday
    datetime.date(2024, 3, 25)
    >>> calendar.add_working_days(date(2024, 3, 28), 1)     # before Easter: Good Friday and Monday skipped
    datetime.date(2024, 4, 2)
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date
from functools import lru_cache

import holidays
from holidays.version import __version__ as _holidays_version

from schemas.errors import CaseclockError
from schemas.time.days import ONE_DAY


class OutOfCalendar(CaseclockError):
    """A day was asked for that the calendar does not reach. Never answered with a guess."""


class Calendar:
    """Working days from `first` to `last`, both inclusive.

    `bank_holidays` maps a day to its name. `version` is kept with every published figure.
    """

    def __init__(self, first: date, last: date, bank_holidays: dict[date, str], version: str) -> None:
        self.first, self.last, self.version = first, last, version
        self.bank_holidays = {day: name for day, name in bank_holidays.items() if first <= day <= last}
        span = (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))
        self._working = [day for day in span if day.weekday() < 5 and day not in self.bank_holidays]

    def is_working_day(self, day: date) -> bool:
        self._within(day)
        return day.weekday() < 5 and day not in self.bank_holidays

    def why_not_working(self, day: date) -> str | None:
        """The reason a day does not count (`Saturday`, `Sunday`, the holiday's name), or None if it does."""
        self._within(day)
        if day in self.bank_holidays:
            return self.bank_holidays[day]
        return ("Saturday", "Sunday")[day.weekday() - 5] if day.weekday() >= 5 else None

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which is day 0 and not counted. 0 gives `day` itself."""
        self._within(day)
        if count <= 0:
            _refuse_negative(count)
            return day
        at = bisect_right(self._working, day) + count - 1
        if at >= len(self._working):
            raise OutOfCalendar(f"{count} working days after {day} is past the calendar's end, {self.last}")
        return self._working[at]

    def working_days_before(self, day: date, count: int) -> date:
        """The `count`-th working day before `day` (0: `day`, or the working day before it if it is none)."""
        self._within(day)
        _refuse_negative(count)
        at = (bisect_right(self._working, day) - 1) if count == 0 else bisect_left(self._working, day) - count
        if at < 0:
            raise OutOfCalendar(f"{count} working days before {day} is before {self.first}")
        return self._working[at]

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative if `end` is earlier."""
        self._within(start)
        self._within(end)
        return bisect_right(self._working, end) - bisect_right(self._working, start)

    def days_between(self, start: date, end: date) -> list[date]:
        """Every day after `start` up to and including `end`."""
        return [start + ONE_DAY * n for n in range(1, (end - start).days + 1)]

    def _within(self, day: date) -> None:
        if not self.first <= day <= self.last:
            raise OutOfCalendar(f"{day} is outside the calendar, which runs from {self.first} to {self.last}")


def _refuse_negative(count: int) -> None:
    if count < 0:
        raise ValueError(f"cannot count {count} working days: count the other way instead")


FIRST, LAST = date(2000, 1, 1), date(2028, 12, 31)  # LAST: the last day for which the holidays are announced


@lru_cache(maxsize=1)
def england() -> Calendar:
    """The bank holidays of England and Wales, 2000 to 2028, one-off days too, from the pinned `holidays`
    library.

    Checked in the tests against the government's own file for 2012-2028.
    """
    years = range(FIRST.year, LAST.year + 1)
    known = holidays.country_holidays("GB", subdiv="ENG", years=years)
    return Calendar(FIRST, LAST, dict(known.items()), f"england-{LAST.year}/holidays-{_holidays_version}")
