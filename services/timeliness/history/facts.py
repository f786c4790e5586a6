"""A fact: an event as the fold sees it, and the order in which facts of a child happened. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec

from schemas.events.chains import EARLIEST
from schemas.events.event import CaseEvent, content
from schemas.time.days import london_day


class Fact(msgspec.Struct, gc=False):
    """An event as the fold sees it. `known_at`: when we knew. `root`: the first id of its chain of versions that is
    here (of a return: the name of the fact, which is no event's); `before`: the events it replaced, first one first;
    `names`: every id by which its fact was ever named, where more than one. `key` is its place in the history, see
    `in_order`. `shadows`: what lower sources tell of the same."""

    kind: str
    day: date
    data: Any
    id: str
    source: str
    key: tuple[Any, ...]
    event: CaseEvent
    known_at: datetime
    root: str
    before: tuple[CaseEvent, ...] = ()
    names: tuple[str, ...] = ()
    shadows: tuple[Fact, ...] = ()


def fact_of(event: CaseEvent, known_at: datetime) -> Fact:
    """Returns an event of the log as a fact, with its place but for ties: the London day; in it first what begins
    something and is known only by its day, then what has an hour, then whatever else is known only by its day; and
    among these the rank of the kind."""
    if event.time is not None:
        day = london_day(event.time)
        key = (day, _AT_AN_HOUR, event.time, event.rank)
    else:
        day = event.occurredon  # type: ignore[assignment]
        key = (day, _AS_IT_OPENS if event.begins else _AS_IT_ENDS, EARLIEST, event.rank)
    return Fact(event.kind, day, event.data, event.id, event.source, key, event, known_at, event.id)


_AS_IT_OPENS, _AT_AN_HOUR, _AS_IT_ENDS = 0, 1, 2  # the parts of a day


def moment_of(fact: Fact) -> tuple[Any, ...]:
    """Returns what is the same for all that is said of one moment: an instant, a day's beginning or its end."""
    return fact.key[:3]


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Returns facts in the order in which they happened: the same whatever arrives later, and whatever ids and sources
    are called.

    What ties still goes by `recordedtime` (absent is earliest), then by content; what says the very same, by its id.
    """
    ordered = sorted(facts, key=_place)
    tied: list[int] = []  # the places of those that tie with the one before
    day: date | None = None
    for at, fact in enumerate(ordered):
        if fact.day == day and fact.key[:4] == ordered[at - 1].key[:4]:
            tied.append(at)
        day = fact.day
    if not tied:
        return ordered
    for at in {*tied, *(at - 1 for at in tied)}:
        _settle_tie(ordered[at])
    return sorted(ordered, key=_place)


def _settle_tie(fact: Fact) -> None:
    """Works out the rest of a fact's key, which only those need that tie without it."""
    event = fact.event
    fact.key = (*fact.key[:4], event.recordedtime or EARLIEST, content(event), event.source, event.id)


def _place(fact: Fact) -> tuple[Any, ...]:
    return fact.key
