"""Days as numbers: the generator reckons in day ordinals (`date.toordinal`) and looks the words up.

A day here is an `int`, a minute is minutes after London midnight. Everything is worked out once for the span, so that
writing an event needs no `datetime` at all.
"""

from __future__ import annotations

from datetime import date, datetime
from itertools import accumulate

from schemas.time.calendar import england
from schemas.time.days import LONDON, birthday

# The minute of the day as it is written. No event falls in the hours of the night in which clocks change.
CLOCK = [f"{m // 60:02d}:{m % 60:02d}:00" for m in range(24 * 60)]


class Days:
    """The days from `first` to `last` (ordinals, both inclusive): their spelling, their zone, which ones are worked.

    Past the end of the published bank holidays Monday to Friday are taken as worked: this is make-believe.
    """

    def __init__(self, first: int, last: int) -> None:
        self.first, self.last = first, last
        days = [date.fromordinal(n) for n in range(first, last + 1)]
        calendar = england()
        works = [
            calendar.is_working_day(day) if calendar.first <= day <= calendar.last else day.weekday() < 5
            for day in days
        ]
        self._text = [day.isoformat() for day in days]
        self._ahead = [_minutes_ahead(day) for day in days]
        self._zone = ["+01:00" if ahead else "+00:00" for ahead in self._ahead]
        self._working = [first + n for n, worked in enumerate(works) if worked]
        self._counted = list(accumulate(works))  # working days up to and including each day

    def text(self, day: int) -> str:
        """2024-03-05."""
        if self.first <= day <= self.last:
            return self._text[day - self.first]
        return date.fromordinal(day).isoformat()

    def at(self, day: int, minute: int) -> str:
        """2024-07-05T09:30:00+01:00: an instant on a day of the span, with its zone."""
        place = day - self.first
        return f"{self._text[place]}T{CLOCK[minute]}{self._zone[place]}"

    def instant(self, day: int, minute: int) -> int:
        """Minutes of an instant on the one scale that sorts it among all others."""
        return day * 1440 + minute - self._ahead[day - self.first]

    def works(self, day: int) -> bool:
        return self.on_or_after(day) == day

    def on_or_after(self, day: int) -> int:
        """`day` if it is worked, else the next working day."""
        return self.add(min(day, self.last) - 1, 1)

    def add(self, day: int, count: int) -> int:
        """The `count`-th working day after `day`; 0 gives `day` itself. Past the span: the span's last working day."""
        if count == 0:
            return day
        place = self._counted[min(max(day, self.first), self.last) - self.first] + count - 1
        return self._working[min(place, len(self._working) - 1)]


def _minutes_ahead(day: date) -> int:
    """Returns how far London is ahead of UTC at noon, in minutes: 0, or 60 in summer."""
    ahead = datetime(day.year, day.month, day.day, 12, tzinfo=LONDON).utcoffset()
    return int(ahead.total_seconds()) // 60 if ahead else 0


def birthday_of(born_on: int, age: int) -> int:
    """The ordinal of the day on which somebody becomes `age`."""
    return birthday(date.fromordinal(born_on), age).toordinal()
