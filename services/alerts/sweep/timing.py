"""When what there is to tell is told: at once, or in the digest of a working day. Pure.

The digest of a day is written by the first look at or after its time that day, and once. So after an outage over
several days there is one, whatever the hour. What came since the digest before waits for it, unclaimed; what is urgent
waits for working hours at most, and goes into the digest if that comes first.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from schemas.rungs import CLEARED, kind_of
from schemas.time.calendar import Calendar, OutOfCalendar
from schemas.time.days import LONDON, ONE_DAY, london_day
from services.alerts.ladder.model import Reason
from services.alerts.routes.line import Routes, Urgent

PATIENCE = timedelta(minutes=15)  # how long a digest waits for children whose log is ahead of their clocks


class Timing(NamedTuple):
    """`digest`: the day whose digest is to be written now, if any, and `since`: when it fell due. `at_once`: whether
    what is urgent may go now; `urgent`: what that is."""

    digest: date | None
    since: datetime | None
    at_once: bool
    urgent: Urgent

    def lets_go(self, standard: str, reason: Reason) -> bool:
        """Whether this may be told now."""
        return self.digest is not None or (self.at_once and is_urgent(standard, reason, self.urgent))

    def no_digest(self) -> Timing:
        return self._replace(digest=None)


def timing_at(now: datetime, calendar: Calendar, routes: Routes, last: date | None) -> Timing:
    """Returns what may be told at `now`. `last`: the newest day whose digest was written."""
    day, since = newest_digest(now, calendar, routes.digest_at)
    due = last is None or day > last
    open_now = routes.urgent.outside_hours or _within_hours(now, calendar, routes)
    return Timing(day if due else None, since, open_now, routes.urgent)


def newest_digest(now: datetime, calendar: Calendar, at: time) -> tuple[date, datetime]:
    """The newest working day whose digest is due by `now`, and the instant at which it fell due.

    At 08:00 with digests at 08:30 that is the working day before. The clocks change on Sundays, at night, so the time
    is there once on every working day.
    """
    day = london_day(now)
    while not (_works(day, calendar) and _at(day, at) <= now):
        day -= ONE_DAY
    return day, _at(day, at)


def is_urgent(standard: str, reason: Reason, urgent: Urgent) -> bool:
    """Whether a reason breaks through: a rung the file names, or bad or early news of a standard it names. The list of
    what was overdue before alerts began can wait."""
    kind = kind_of(reason.rung)
    if reason.already:
        return False
    return kind in urgent.rungs or (standard in urgent.standards and kind != CLEARED)


def _within_hours(now: datetime, calendar: Calendar, routes: Routes) -> bool:
    first, last = routes.hours
    return _works(london_day(now), calendar) and first <= now.astimezone(LONDON).time() < last


def _works(day: date, calendar: Calendar) -> bool:
    """Past the calendar's end, Monday to Friday: a message on a bank holiday is better than none."""
    try:
        return calendar.is_working_day(day)
    except OutOfCalendar:
        return day.weekday() < 5


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=LONDON)
