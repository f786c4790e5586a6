"""Says how a due day was counted, day by day or as arithmetic in words. Pure.

The counting here is done again, a day at a time, and not taken from the clock; where the two would differ the words say
what the clock holds, and a test compares them.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from schemas import words
from schemas.clock import Clock
from schemas.time.calendar import Calendar, OutOfCalendar
from schemas.time.days import LONDON, ONE_DAY, add_months
from services.timeliness.standards.compiled import Limit

LONG = 120  # days: a longer count is told as arithmetic only


class CountedDays(msgspec.Struct):
    """A day after day 0: its number if it counts, or why it was skipped."""

    day: date
    number: int | None
    why: str


def counted_days(clock: Clock, limit: Limit, calendar: Calendar) -> list[CountedDays]:
    """Each day from the one after day 0 to the due day. Empty where the limit is not counted in days, or is long, or
    passes the calendar's end."""
    length = limit.length
    if length.unit not in ("working days", "days") or length.count == 0 or length.count > LONG or limit.before:
        return []
    out: list[CountedDays] = []
    day, number = clock.started_on, 0
    while number < length.count:
        day += ONE_DAY
        try:
            why = calendar.why_not_working(day) if length.unit == "working days" else None
        except OutOfCalendar:
            return []
        number += why is None
        out.append(CountedDays(day, number if why is None else None, why or ""))
    return out


def arithmetic(clock: Clock, limit: Limit, calendar: Calendar) -> list[str]:
    """Returns how the due day follows from day 0, in sentences."""
    if limit.length.unit == "hours":
        return _hours(clock, limit)
    due = _due(clock, limit, calendar)
    if due is None:
        return [f"That is past the calendar's end ({words.day(calendar.last)}); a due day is never guessed."]
    said = [*_sum(clock, limit, calendar, due), *_off_days(limit, calendar, due)]
    if clock.broken and clock.due_on is not None and clock.due_on != due:
        said.append(f"It happened on {words.day(clock.due_on)}, so it counts as missed, due that day.")
    return said


def _due(clock: Clock, limit: Limit, calendar: Calendar) -> date | None:
    """The last good day; None for working days past the calendar's end."""
    days = counted_days(clock, limit, calendar)
    try:
        due = days[-1].day if days else limit.length.after(clock.started_on, calendar)
    except OutOfCalendar:
        return None
    return due - ONE_DAY if limit.before else due


def _sum(clock: Clock, limit: Limit, calendar: Calendar, due: date) -> list[str]:
    length, start = limit.length, clock.started_on
    if length.count == 0:
        return [f"It is due on the day itself, {words.day(due)}."]
    if length.unit == "working days":
        return [_working_days(clock, limit, calendar, due)]
    if length.unit in ("months", "years"):
        return _months(start, limit, due)
    days = length.count * (7 if length.unit == "weeks" else 1)
    are = f"{length} are {words.count(days, 'day')}: " if length.unit == "weeks" else ""
    return [f"{are}{words.day(start)} + {words.count(days, 'day')} = {words.day(due)}, which is still on time."]


def _working_days(clock: Clock, limit: Limit, calendar: Calendar, due: date) -> str:
    skipped = [d.why for d in counted_days(clock, limit, calendar) if d.number is None]
    weekend = sum(why in ("Saturday", "Sunday") for why in skipped)
    off = f"{words.count(weekend, 'weekend day')}, {words.count(len(skipped) - weekend, 'bank holiday')}"
    nth = words.ordinal(limit.length.count)
    return (
        f"Working days are counted from the day after day 0. The {nth} is {words.day(due)}, which is still on time"
        f" ({limit.length.count} counted; skipped: {off})."
    )


def _months(start: date, limit: Limit, due: date) -> list[str]:
    length = limit.length
    months = length.count * (12 if length.unit == "years" else 1)
    corresponding = add_months(start, months)
    clamped = corresponding.day != start.day
    why = (
        f", the last day of that month, which has no {words.ordinal(start.day)}"
        if clamped
        else ", the corresponding date"
    )
    said = f"{words.day(start)} + {length} = {words.day(corresponding)}{why}"
    if limit.before:
        return [
            f"{said}. On that day it has lasted {length}, so the last good day is the one before, {words.day(due)}."
        ]
    return [f"{said}; that day is still on time."]


def _off_days(limit: Limit, calendar: Calendar, due: date) -> list[str]:
    """A due day that is no working day stays where it is."""
    if limit.length.unit == "working days" or limit.length.count == 0:
        return []
    try:
        why = calendar.why_not_working(due)
    except OutOfCalendar:
        return []
    article = "" if why not in ("Saturday", "Sunday") else "a "
    return [f"That is {article}{why}; a due day in {limit.length.unit} is not moved."] if why else []


def _hours(clock: Clock, limit: Limit) -> list[str]:
    start, due = clock.started_at, clock.due_at
    if start is None or due is None:
        return []
    said = [f"{limit.length} after {words.instant(start)} is {words.instant(due)}, to the second."]
    moved = (due.astimezone(LONDON).utcoffset() or timedelta()) - (start.astimezone(LONDON).utcoffset() or timedelta())
    if moved:
        said.append("The clocks changed in between; the hours are real hours.")
    return said
