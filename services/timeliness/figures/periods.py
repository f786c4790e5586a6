"""Periods of a figure: inclusive at both ends; years and quarters are calendar ones, weeks are ISO weeks.

>>> Period.parse("2024-W10")
Period(first=datetime.date(2024, 3, 4), last=datetime.date(2024, 3, 10))
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.time.days import ONE_DAY, add_months, parse_day


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`, both inclusive."""

    first: date
    last: date

    @classmethod
    def parse(cls, text: str) -> Period:
        """`2024-W10`, `2024-03`, `2024-Q1`, `2024` or `2024-01-01..2024-03-31`. Raises ValueError."""
        try:
            return cls._read(text.strip())
        except (ValueError, OverflowError) as wrong:  # the last week of year 9999 ends after it
            raise ValueError(
                f"{text!r} is not a period ({wrong}): write 2024-W10, 2024-03, 2024-Q1, 2024 or 2024-01-01..2024-03-31"
            ) from None

    @classmethod
    def _read(cls, text: str) -> Period:
        if ".." in text:
            first, last = (parse_day(day) for day in text.split("..", 1))
            if last < first:
                raise ValueError("it ends before it begins")
            return cls(first, last)
        if match := re.fullmatch(r"([0-9]{4})-W([0-9]{2})", text):
            monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
            return cls(monday, monday + timedelta(days=6))
        if match := re.fullmatch(r"([0-9]{4})-Q([1-4])", text):
            return cls._months(date(int(match[1]), 3 * int(match[2]) - 2, 1), 3)
        if match := re.fullmatch(r"([0-9]{4})-([0-9]{2})", text):
            return cls._months(date(int(match[1]), int(match[2]), 1), 1)
        if match := re.fullmatch(r"([0-9]{4})", text):
            return cls._months(date(int(match[1]), 1, 1), 12)
        raise ValueError("it has none of the known forms")

    @classmethod
    def _months(cls, first: date, months: int) -> Period:
        return cls(first, add_months(first, months) - ONE_DAY)

    @classmethod
    def week_of(cls, day: date) -> Period:
        """The ISO week, Monday to Sunday, that holds a day."""
        monday = day - timedelta(days=day.weekday())
        return cls(monday, monday + timedelta(days=6))

    @property
    def name(self) -> str:
        """Returns how it is written: `2024-W10`, `2024-03`, `2024-Q1`, `2024`, else its two days."""
        year, week, _ = self.first.isocalendar()
        month = f"{self.first:%Y-%m}"
        for text in (f"{year}-W{week:02}", month, f"{month[:4]}-Q{(self.first.month + 2) // 3}", month[:4]):
            if Period.parse(text) == self:
                return text
        return f"{self.first}..{self.last}"

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last
