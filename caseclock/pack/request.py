"""Which pack is asked for, and what is refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from caseclock.parsing import period
from caseclock.runtime import Rules
from schemas.errors import CaseclockError
from schemas.time.days import end_of_day, london_day
from services.timeliness.figures.periods import Period
from services.timeliness.history.teams import Divisions

TREND = 53  # weeks drawn: twelve months and the week itself
AHEAD = timedelta(days=14)


class PackRefused(CaseclockError):
    """There can be no such pack. The message says why and what to do."""


class PackRequest(NamedTuple):
    """A week, as of the end of a London day, as known at an instant (None: all that is known), of a division (None: of
    the county). `shared`: for a screen that others see, without small numbers and without ids."""

    week: Period
    as_of_on: date
    known_at: datetime | None
    division: str | None
    shared: bool

    @property
    def as_of(self) -> datetime:
        return end_of_day(self.as_of_on)

    @property
    def named(self) -> str:
        """2024-W10."""
        year, week, _ = self.week.first.isocalendar()
        return f"{year}-W{week:02}"

    @property
    def last_week(self) -> Period:
        return Period(self.week.first - timedelta(days=7), self.week.last - timedelta(days=7))

    @property
    def before(self) -> datetime:
        """The end of the week before: what was known by then is what an earlier pack could say."""
        return end_of_day(self.last_week.last)

    @property
    def weeks(self) -> list[Period]:
        """Those of the trend, the week itself last."""
        return [
            Period(self.week.first - timedelta(days=7 * back), self.week.last - timedelta(days=7 * back))
            for back in range(TREND - 1, -1, -1)
        ]


def ask(
    rules: Rules,
    week: str,
    division: str | None,
    as_of_on: date | None,
    known_at: datetime | None,
    shared: bool,
    now: datetime,
) -> PackRequest:
    """The pack of a week. `as-of` is the end of the week unless given; `known-at` is all that is known unless given.
    Neither sets the other. Raises PackRefused."""
    found = _week(week)
    asked = PackRequest(found, as_of_on or found.last, known_at, division, shared)
    if asked.as_of > now:
        raise PackRefused(
            f"{asked.named} is not over before {found.last}: ask after that, or give --as-of a day that is over"
        )
    if asked.as_of_on < found.first:
        raise PackRefused(f"--as-of {asked.as_of_on} is before {asked.named}, which begins on {found.first}")
    if known_at is not None and known_at > now:
        raise PackRefused(f"--known-at {london_day(known_at)} is still to come: leave it out for all that is known")
    if found.first - timedelta(days=7 * 2 * TREND) < rules.calendar.first or found.last + AHEAD > rules.calendar.last:
        raise PackRefused(
            f"{week} is too near an end of the calendar, which runs from {rules.calendar.first} to"
            f" {rules.calendar.last}"
        )
    if division is not None:
        _check_division(rules.divisions, division, asked.as_of_on)
    return asked


def _week(text: str) -> Period:
    try:
        found = period(text)
    except ValueError:
        raise PackRefused(f"{text!r} is not a week: write it as 2024-W10") from None
    if found.first.weekday() or (found.last - found.first).days != 6:
        raise PackRefused(f"{text!r} is not one week, Monday to Sunday: write it as 2024-W10")
    return found


def _check_division(divisions: Divisions, division: str, on: date) -> None:
    known = sorted({name for _, first, last, name in divisions.rows() if first <= on <= last})
    if division not in known:
        raise PackRefused(f"there is no division {division!r} on {on}; there are {', '.join(known) or 'none'}")
