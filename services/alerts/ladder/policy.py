"""The policy of one sweep: go-live, and the newest first working day of a month."""

from __future__ import annotations

from datetime import date, datetime

from schemas.time.calendar import Calendar, OutOfCalendar
from schemas.time.days import ONE_DAY, london_day, start_of_day
from services.alerts.ladder.model import Policy


def policy_at(now: datetime, calendar: Calendar, go_live: datetime | None) -> Policy:
    """Returns what is the same for every clock at `now`. Where the calendar does not reach, no month is counted
    (`month` is None): the ladder's own rungs, worked out when the clock was, are told all the same."""
    try:
        return Policy(go_live, newest_month(london_day(now), calendar))
    except OutOfCalendar:
        return Policy(go_live, None)


def newest_month(today: date, calendar: Calendar) -> tuple[str, datetime]:
    """The newest month whose first working day has begun by `today`, as its rung and that London midnight.

    1 June 2024 is a Saturday, so on 2 June it is still May; on 3 June it is June. Raises OutOfCalendar.
    """
    first = today.replace(day=1)
    opens = calendar.add_working_days(first - ONE_DAY, 1)
    if opens > today:
        first = (first - ONE_DAY).replace(day=1)
        opens = calendar.add_working_days(first - ONE_DAY, 1)
    return f"monthly_{first:%Y-%m}", start_of_day(opens)
