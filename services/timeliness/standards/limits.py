"""Lengths of time, as the rules state them, and the due day they lead to.

Day 0 is the day of the start. `15 working days`: the 15th working day after it. `1 week` is 7 days. `3 months` is the
corresponding date, clamped to the month's end. `72 hours` is exact. Whatever is done on the due day is on time.

    >>> Length.parse("1 working day").after(date(2024, 3, 23), england())      # a Saturday: the Monday
    datetime.date(2024, 3, 25)
    >>> Length.parse("3 months").after(date(2023, 11, 30), england())          # clamped; not moved off a weekend
    datetime.date(2024, 2, 29)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from schemas.time.calendar import Calendar, OutOfCalendar
from schemas.time.days import add_months, start_of_day

Unit = Literal["working days", "days", "weeks", "months", "years", "hours"]
_TEXT = re.compile(r"(\d+) (working day|day|week|month|year|hour)s?")
_SHORT = {"working days": "wd", "days": "d", "weeks": "w", "months": "m", "years": "y", "hours": "h"}
_ROUGH_HOURS = {"working days": 33.6, "days": 24, "weeks": 168, "months": 730, "years": 8766, "hours": 1}


@dataclass(frozen=True, slots=True)
class Length:
    """A whole number of one unit."""

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Length:
        """From `15 working days`, `1 week`, `72 hours`. Raises ValueError that says what may be written."""
        match = _TEXT.fullmatch(str(text).strip())
        if not match:
            raise ValueError(
                f"{text!r} is not a length: write a whole number and a unit, such as `15 working days`,"
                " `6 weeks`, `3 months`, `2 years` or `72 hours`"
            )
        return cls(int(match[1]), f"{match[2]}s")  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.count} {self.unit[:-1] if self.count == 1 else self.unit}"

    @property
    def short(self) -> str:
        return f"{self.count}{_SHORT[self.unit]}"

    @property
    def rough_hours(self) -> float:
        """For comparing lengths of different units, nothing finer."""
        return self.count * _ROUGH_HOURS[self.unit]

    def after(self, day: date, calendar: Calendar) -> date:
        """The day this long after `day`. Not for hours. Raises OutOfCalendar for working days that the calendar does
        not have; no other unit asks it."""
        if self.unit == "working days":
            return calendar.add_working_days(day, self.count)
        if self.unit in ("months", "years"):
            return add_months(day, self.count * (12 if self.unit == "years" else 1))
        return day + timedelta(days=self.count * (7 if self.unit == "weeks" else 1))

    def warn_day(self, due: date, calendar: Calendar) -> date | None:
        """The working day this long before `due` on which to warn, moved back to a working day where it is none. None
        where the calendar does not reach."""
        try:
            if self.unit == "working days":
                return calendar.working_days_before(due, self.count)
            if self.unit in ("months", "years"):
                day = add_months(due, -self.count * (12 if self.unit == "years" else 1))
            else:
                day = due - timedelta(days=self.count * (7 if self.unit == "weeks" else 1))
            return calendar.working_days_before(day, 0)
        except OutOfCalendar:
            return None

    def took(self, start: date, end: date, calendar: Calendar) -> float | None:
        """Returns how long from `start` to `end`: working days where that is the unit, else days. None past the
        calendar."""
        if self.unit != "working days":
            return float((end - start).days)
        try:
            return float(calendar.working_days_between(start, end))
        except OutOfCalendar:
            return None


def hours_start(time: datetime | None, day: date) -> datetime:
    """When a clock in hours begins to run: the instant, or for a date-only start the end of its day."""
    return time if time is not None else start_of_day(day + timedelta(days=1))


def hours_stop(time: datetime | None, day: date) -> datetime:
    """When a clock in hours stops: the instant, or for a date-only stop the beginning of its day."""
    return time if time is not None else start_of_day(day)
