"""A life told plainly, for the second fold: which events count, how days are counted. Nothing of the product but the
events themselves; numpy counts working days over holidays written by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from tests.helpers.holidays_by_hand import HOLIDAYS

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
_OFF = np.busdaycalendar(holidays=np.array(HOLIDAYS, dtype="datetime64[D]"))
_END = date(2028, 12, 31)
_NEVER_SAID = datetime(1, 1, 1, tzinfo=UTC)


@dataclass
class Fact:
    """One event in effect. `was`: the versions it replaced, first one first."""

    kind: str
    id: str
    source: str
    data: Any
    at: datetime | None  # None: the day alone is known
    day: date
    known_at: datetime
    recorded: datetime | None
    was: list[Fact] = field(default_factory=list)


@dataclass
class Row:
    """One clock. `ended` is stopped, cancelled, voided or None; `due_at` is set for a limit in hours."""

    standard: str
    cause: str
    started_on: date
    due_on: date | None
    started_at: datetime | None = None
    due_at: datetime | None = None
    ended: str | None = None
    ended_on: date | None = None
    ended_at: datetime | None = None
    recorded_late: bool = False
    eve: date | None = None


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def london(instant: datetime) -> date:
    return instant.astimezone(LONDON).date()


# -- lengths ---------------------------------------------------------------------------------------------------------


def working_days(day: date, count: int) -> date | None:
    """The count-th working day after `day`; None past the calendar's end."""
    due = np.busday_offset(np.datetime64(day), count, roll="backward", busdaycal=_OFF).astype(date)
    return in_calendar(due)


def months(day: date, count: int) -> date | None:
    """The corresponding date, or the last of its month."""
    month = np.datetime64(day, "M") + count
    last = (month + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    first = month.astype("datetime64[D]")
    return min(first + np.timedelta64(day.day - 1, "D"), last).astype(date)


def days(day: date, count: int) -> date | None:
    return day + timedelta(days=count)


def in_calendar(day: date) -> date | None:
    return day if day <= _END else None


# -- which events count ------------------------------------------------------------------------------------------------


def told(given: Iterable[Any]) -> list[Fact]:
    """The events in effect, in the order of the fold: by day, instant or else the day's end, rank, source, id."""
    events = [g for g in given if g.event.about == "child"]
    unsaid = _unsaid(events)
    standing = [g for g in events if g.event.retracts is None and _key(g) not in unsaid]
    found = []
    for g in standing:
        if any(_target(other) == _key(g) for other in standing) or not _won(g, standing):
            continue
        found.append((_place(g.event), _fact(g, standing)))
    return [fact for _, fact in sorted(found, key=lambda pair: pair[0])]


def _key(g: Any) -> tuple[str, str]:
    return g.event.source, g.event.id


def _target(g: Any) -> tuple[str, str] | None:
    return (g.event.source, g.event.replaces) if g.event.replaces else None


def _unsaid(events: list[Any]) -> set[tuple[str, str]]:
    """What is withdrawn: named by a retraction that is not itself withdrawn."""
    retractions = [g for g in events if g.event.retracts]

    def withdrawn(key: tuple[str, str]) -> bool:
        naming = [r for r in retractions if (r.event.source, r.event.retracts) == key]
        return any(not withdrawn(_key(r)) for r in naming)

    return {_key(g) for g in events if withdrawn(_key(g))}


def _won(g: Any, standing: list[Any]) -> bool:
    """Whether it, and whatever it corrects, won against its rivals: recorded later, else the greater id."""
    if _target(g) is None:
        return True
    rivals = [other for other in standing if _target(other) == _target(g)]
    best = sorted(rivals, key=lambda r: (r.event.recordedtime or _NEVER_SAID, r.event.id))[-1]
    below = [other for other in standing if _key(other) == _target(g)]
    return best is g and all(_won(other, standing) for other in below)


def _fact(g: Any, standing: list[Any]) -> Fact:
    event = g.event
    day = event.occurredon or london(event.time)
    fact = Fact(event.kind, event.id, event.source, event.data, event.time, day, g.known_at, event.recordedtime)
    for other in standing:
        if _key(other) == _target(g):
            earlier = _fact(other, standing)
            fact.was = [*earlier.was, earlier]
    return fact


def _place(event: Any) -> tuple[Any, ...]:
    day = event.occurredon or london(event.time)
    moment = event.time or midnight(day + DAY) - timedelta(microseconds=1)
    return day, moment, event.order, event.source, event.id


# -- the birth -------------------------------------------------------------------------------------------------------


def birth(facts: list[Fact]) -> tuple[date | None, bool]:
    """The day of birth as last told, and whether the child is still to be born."""
    born, expected = None, False
    for fact in facts:
        if fact.kind == "child.born":
            born = fact.day
        if fact.kind == "child.registered":
            born = fact.data.born_on or born
            expected = expected or fact.data.expected_on is not None
    return born, expected and born is None


def eve_of_eighteen(born: date | None) -> date | None:
    """The last day of childhood. Who is born on 29 February is eighteen on 1 March."""
    if born is None:
        return None
    leapling = (born.month, born.day) == (2, 29) and (born.year + 18) % 4
    turned = date(born.year + 18, 3, 1) if leapling else born.replace(year=born.year + 18)
    return turned - DAY
