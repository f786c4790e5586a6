"""Answering an alert, from the command line and from the pages alike: how far ahead a promise may be."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Engine

from caseclock.runtime import Rules
from schemas.time.calendar import Calendar, OutOfCalendar
from services.alerts.reports.acknowledge import Also, acknowledge
from services.timeliness.standards.compiled import Standard
from services.timeliness.standards.limits import Length
from services.timeliness.standards.never_runs import listed

LONGEST, CHILD_SEEN = Length.parse("20 working days"), Length.parse("5 working days")


def answer_alert(
    engine: Engine,
    rules: Rules,
    alert: str,
    reason: str,
    by: date,
    now: datetime,
    *,
    above_team: bool,
    person: str | None = None,
    also: Also | None = None,
) -> None:
    """Notes an answer. `above_team`: it is given by a service manager or higher, who may promise longer; `person`: who
    gives it, where somebody signed in; `also`: what is kept with it. Raises NotAcknowledged."""

    def latest(standard: str, given: date) -> date:
        return latest_promise(rules.register.standards.get(standard), given, rules.calendar)

    acknowledge(engine, alert, reason, by, now, None if above_team else latest, person, also)


def latest_promise(standard: Standard | None, given: date, calendar: Calendar) -> date:
    """Returns the last day that a team manager may promise on a day: as far ahead as the standard's own limit now in
    force, 20 working days at most, and 5 where the child must be seen.

    A visit within 10 working days, promised on Monday 4 March 2024: by Monday 11 March.
    """
    lengths = [LONGEST]
    if standard is not None:
        limit = standard.limits.in_force(given, None, calendar)
        lengths += [_in_days(limit.length)] if limit is not None and limit.length.count else []
        lengths += [CHILD_SEEN] if must_be_seen(standard) else []
    return min(_after(length, given, calendar) for length in lengths)


def must_be_seen(standard: Standard) -> bool:
    """Whether only seeing the child will do."""
    return any(stop.where.get("seen") is True for stop in listed(standard.file.stops))


def _in_days(length: Length) -> Length:
    """72 hours are 3 days, and any part of a day is one."""
    return Length(-(-length.count // 24), "days") if length.unit == "hours" else length


def _after(length: Length, given: date, calendar: Calendar) -> date:
    """Past the calendar's end, as many days of the week from Monday to Friday."""
    try:
        return max(length.after(given, calendar), date.fromordinal(given.toordinal() + 1))
    except OutOfCalendar:
        return date.fromordinal(given.toordinal() + 7)
