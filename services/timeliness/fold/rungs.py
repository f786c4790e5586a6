"""When each step of the alert ladder comes for a clock that still runs, if nothing happens before. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from schemas.clock import Clock
from schemas.time.calendar import Calendar, OutOfCalendar
from schemas.time.days import ONE_DAY, start_of_day
from services.timeliness.standards.compiled import Standard
from services.timeliness.standards.limits import Length


def rungs(standard: Standard, clock: Clock, calendar: Calendar) -> list[tuple[str, datetime]]:
    """Rung and instant, in time order. `due_soon_5wd`: 5 working days before the due day, at the start of that day.
    `missed`: once the due day (or the due instant) has gone. `still_missed_5wd`: 5 working days after.

    None for a clock that is not judged or has no due day; a warning or a step in working days that the calendar does
    not reach is left out.
    """
    if clock.unmeasured is not None or clock.due_on is None or clock.prohibits:
        return []
    found = [(f"due_soon_{w.short}", at) for w in standard.warn if (at := _warned_at(w, clock, calendar)) is not None]
    for length in standard.escalate:
        name = "missed" if length.count == 0 else f"still_missed_{length.short}"
        if (at := _escalated_at(length, clock, calendar)) is not None:
            found.append((name, at))
    return sorted(found, key=lambda pair: pair[1])


def _warned_at(length: Length, clock: Clock, calendar: Calendar) -> datetime | None:
    if length.unit == "hours":
        return clock.due_at - timedelta(hours=length.count) if clock.due_at else None
    day = length.warn_day(clock.due_on, calendar)  # type: ignore[arg-type]
    return start_of_day(max(day, clock.started_on)) if day is not None else None


def _escalated_at(length: Length, clock: Clock, calendar: Calendar) -> datetime | None:
    if length.count == 0:
        return clock.due_at or start_of_day(clock.due_on + ONE_DAY)  # type: ignore[operator]
    if length.unit == "hours":
        return (clock.due_at or start_of_day(clock.due_on + ONE_DAY)) + timedelta(hours=length.count)  # type: ignore[operator]
    try:
        return start_of_day(length.after(clock.due_on, calendar))  # type: ignore[arg-type]
    except OutOfCalendar:
        return None
