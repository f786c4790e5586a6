"""Says what became of a clock, in words. Pure."""

from __future__ import annotations

from datetime import datetime

from schemas import words
from schemas.clock import Clock
from schemas.time.days import london_day
from services.timeliness.history.facts import Fact
from services.timeliness.history.history import History


def outcome(history: History, clock: Clock, as_of: datetime) -> list[str]:
    """Returns how it ended, or that it did not; what to know beside it; whom it counts for."""
    today = london_day(as_of)
    ended = clock.ended_by(as_of, today)
    out = [_ending(history, clock, ended)]
    if clock.warn_at is not None or clock.warn_on is not None:
        warned = words.instant(clock.warn_at) if clock.warn_at else words.day(clock.warn_on)  # type: ignore[arg-type]
        out.append(f"Due soon from {warned}.")
    if clock.booked_on is not None:
        late = clock.due_on is not None and clock.booked_on > clock.due_on
        out.append(f"Booked for {words.day(clock.booked_on)}{', after the due day' if late else ''}.")
    if clock.recorded_late and ended == "stopped":
        out.append("Done on time, and known only after the due day: late recording, not late practice.")
    if clock.instead is not None:
        out.append(f"Done in time in another way: {clock.instead}. It does not stop the clock, and is counted apart.")
    if clock.after_excuse:
        out.append("Begun by what excused the one before: the child is not up to date.")
    if clock.day_precision:
        out.append("Worked out from days, not from times of day.")
    if clock.faults:
        out.append(f"Faults in the data: {clock.faults}.")
    if clock.unmeasured is not None:
        out.append(f"Not measured: {clock.unmeasured}.")
    out.append(f"It counts for: {clock.team}.")
    return out


def _ending(history: History, clock: Clock, ended: str | None) -> str:
    if ended is None:
        return "It happened after its time." if clock.broken else _still_open(clock)
    if clock.ended is None or clock.ended_on is None or clock.ended != ended:
        eve = words.day(clock.lasts_to) if clock.lasts_to else "its last day"
        return f"The duty ended with {eve}: from the next day there is no child to owe it to."
    by = event_of(history, clock.stop_cause)
    doing = f"by {by.kind} (event {by.id})" if by else f"by event {clock.stop_cause}"
    how = "Broken" if clock.broken else ended.capitalize()
    when = words.instant(clock.ended_at) if clock.ended_at else words.day(clock.ended_on)
    return f"{how} on {when} {doing}{_in_time(clock, ended)}."


def _still_open(clock: Clock) -> str:
    return "It has not happened so far." if clock.prohibits else "It is still to be done."


def _in_time(clock: Clock, ended: str) -> str:
    if ended == "voided":
        return ": the duty never arose"
    if ended == "excused" and not clock.ended_late():
        return ", in time: it is out of what is due, and counted beside"
    if ended in ("cancelled", "excused"):
        return ", after it was due: it stays missed" if clock.ended_late() else ", before it was due"
    if clock.broken or clock.due_on is None or clock.ended_on is None:
        return ""
    if not clock.ended_late():
        return ", on time"
    if clock.due_at is not None and clock.ended_at is not None:
        minutes = round((clock.ended_at - clock.due_at).total_seconds() / 60)
        length = words.count(minutes, "minute") if minutes < 60 else words.count(round(minutes / 60, 1), "hour")
        return f", {length} late"
    return f", {words.count((clock.ended_on - clock.due_on).days, 'day')} late"


def event_of(history: History, identity: str | None) -> Fact | None:
    """The event in effect that has an id."""
    return next((fact for fact in history.facts if fact.id == identity), None)
