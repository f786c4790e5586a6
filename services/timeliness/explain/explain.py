"""Why a clock is due when it is, and what became of it: every day counted or skipped, every limit with its source.

Pure: it folds the child's history with the standard as everything else does, and puts into words what the fold did.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from schemas import words
from schemas.clock import Clock
from schemas.time.calendar import Calendar
from services.timeliness.explain.due_day import CountedDays, arithmetic, counted_days
from services.timeliness.explain.outcome import event_of, outcome
from services.timeliness.explain.triggers import condition, triggers
from services.timeliness.fold.clocks import fold
from services.timeliness.fold.must_hold import gaps
from services.timeliness.history.facts import Fact
from services.timeliness.history.history import History
from services.timeliness.standards.compiled import Limit, Standard
from services.timeliness.standards.never_runs import listed


class Explained(msgspec.Struct):
    """One clock in words. `days`: every day after day 0 up to the due day, for a limit in working days or days; empty
    for the others, whose `sum` says the arithmetic."""

    clock: Clock
    status: str
    start: list[str]
    limit: str
    days: list[CountedDays]
    sum: list[str]
    end: list[str]


class Story(msgspec.Struct):
    """Holds what there is to say of a child and a standard. `child` is the survivor where ids were merged;
    `why_none`: why there is no clock, where there is none."""

    child: str
    standard: str
    title: str
    rule: list[str]
    about: list[str]
    clocks: list[Explained]
    why_none: str | None


def explain(standard: Standard, history: History, calendar: Calendar, as_of: datetime, ids: list[str]) -> Story:
    """Every clock of the standard begun by `as_of`, in order of its start. `ids`: all that are merged into this
    child."""
    pairs = _folded(standard, history, calendar)
    begun = [(clock, limit) for clock, limit in pairs if clock.status(as_of) is not None]
    told = [_explained(standard, history, calendar, as_of, clock, limit) for clock, limit in begun]
    why = None if told else _why_none(standard, history)
    title = standard.file.title
    return Story(history.child, standard.id, title, _rule(standard), _about(standard, history, ids), told, why)


def _folded(standard: Standard, history: History, calendar: Calendar) -> list[tuple[Clock, Limit | None]]:
    """The clocks, each with the limit that it runs by."""
    if standard.start_kinds.isdisjoint(history.kinds):
        return []
    if standard.file.measure == "must_hold":
        return [
            (gap, standard.limits.in_force(gap.started_on, None, calendar)) for gap in gaps(standard, history, calendar)
        ]
    return [(running.clock, running.limit) for running in fold(standard, history, calendar).done]


def _explained(
    standard: Standard, history: History, calendar: Calendar, as_of: datetime, clock: Clock, limit: Limit | None
) -> Explained:
    return Explained(
        clock=clock,
        status=clock.status(as_of) or "",
        start=_start(standard, history, clock),
        limit=_limit(limit),
        days=counted_days(clock, limit, calendar) if limit else [],
        sum=arithmetic(clock, limit, calendar) if limit else [],
        end=outcome(history, clock, as_of),
    )


def _rule(standard: Standard) -> list[str]:
    file = standard.file
    if file.measure == "must_hold":
        scopes = words.listing([name.replace("_", " ") for name in standard.scope], "or")
        return [f"Must hold: {file.holds.replace('_', ' ')}, as long as there is: {scopes}. Each gap is a clock."]
    stops = "broken by" if file.measure == "must_not_happen" else "stopped by"
    out = [f"Started by {triggers(listed(file.starts))};", f"{stops} {triggers(listed(file.stops))}."]
    if file.excused:
        out.append(f"Excused by {triggers(file.excused)}.")
    return out


# -- the child ---------------------------------------------------------------------------------------------------------


def _about(standard: Standard, history: History, ids: list[str]) -> list[str]:
    out = []
    if len(ids) > 1:
        others = words.listing([one for one in ids if one != history.child])
        out.append(f"Records merged: {others} into {history.child}; what was recorded under any of them counts.")
    if history.born_on is not None and history.adult_eve is not None:
        born, eve = words.day(history.born_on), words.day(history.adult_eve)
        out.append(f"Born {born}. Every duty to a child ends with {eve}, the eve of the 18th birthday.")
    elif history.unborn:
        out.append("Not yet born, as far as is known.")
    out += _coverage(standard, history)
    return out


def _coverage(standard: Standard, history: History) -> list[str]:
    if history.coverage is None:
        return ["The feed states no limits to what it carries, so what is not recorded did not happen."]
    out = []
    if (all_from := history.coverage.all_from) is not None:
        out.append(f"From {words.day(all_from)} on a feed carries everything of this child.")
    for kind in standard.stop_kinds:
        spans = [f"{words.day(a)} to {words.day(b)}" for a, b in history.coverage.spans.get(kind, ())]
        carried = f"carries {kind} for {words.listing(spans)} only" if spans else f"does not carry {kind} at all"
        out.append(f"The feed {carried}; outside that a clock is not measured.")
    return out


def _why_none(standard: Standard, history: History) -> str:
    """Why a child has no clock of a standard."""
    could = [fact for fact in history.facts if fact.kind in standard.start_kinds]
    if not could:
        return "Nothing recorded for this child could begin it."
    seen = words.listing([f"{fact.kind} on {words.day(fact.day)}" for fact in could[:5]])
    return (
        f"There was {seen}, and none of these began it: a condition was not met, its state did not hold, the child was"
        f" grown up, or no limit was in force yet (the first is from {_first_limit(standard)})."
    )


def _first_limit(standard: Standard) -> str:
    return words.day(min(entry.from_on for entry in standard.file.limits))


# -- the start and the limit -------------------------------------------------------------------------------------------


def _start(standard: Standard, history: History, clock: Clock) -> list[str]:
    cause = event_of(history, clock.cause)
    by = f"{cause.kind} (event {cause.id})" if cause else f"event {clock.cause}"
    out = [f"Day 0 is {words.day(clock.started_on)}: {by}."]
    if cause is None:
        return out
    if cause.day != clock.started_on:
        out.append(_other_day_0(standard, history, clock, cause))
    if cause.before:
        times = words.count(len(cause.before), "time")
        out.append(
            f"That event was corrected {times}; it was first sent as {cause.root}, and the clock is the same one."
        )
    if clock.started_at is not None:
        out.append(f"It runs from {words.instant(clock.started_at)}.")
        if cause.event.time is None:
            out.append("Only the day is known, so it runs from the end of that day.")
    return out


def _other_day_0(standard: Standard, history: History, clock: Clock, cause: Fact) -> str:
    happened = f"That was recorded for {words.day(cause.day)}"
    if standard.file.from_birth and clock.started_on == history.born_on:
        return f"{happened}; nobody can be seen before birth, so it runs from the birth."
    origins = {trigger.counted_from for trigger in listed(standard.file.starts)} - {""}
    if origins and clock.started_on < cause.day:
        return f"{happened}; the time is counted from the {words.listing(sorted(origins))} before it."
    if standard.function:
        return f"It stands for the birth; day 0 is worked out by the rule {standard.function}."
    return f"{happened}."


def _limit(limit: Limit | None) -> str:
    if limit is None:
        return "No limit was in force."
    entry = limit.entry
    length = f"before {entry.before} are up" if entry.before else f"within {entry.within}"
    given = f"; because {condition(entry.given)}" if entry.given else ""
    after = f", after {entry.after}" if entry.after else ""
    return f"{length}, in force from {words.day(entry.from_on)} ({entry.source}){given}{after}"
