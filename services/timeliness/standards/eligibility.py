"""Starts that no single event says: named pure functions, each given a history and yielding (day 0, the event that
stands for it), in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from schemas.time.days import birthday
from services.timeliness.history.facts import Fact
from services.timeliness.history.history import History

THIRTEEN_WEEKS = 91  # days
_CARE_BEGINS = frozenset({"care.started", "legal_status.changed"})
_CARE_ENDS = frozenset({"care.ended", "child.died", "transfer.completed"})


def eligible_child_at_16(history: History) -> list[tuple[date, Fact]]:
    """Becomes an eligible child: the later of the 16th birthday and the day on which 13 weeks of being looked after
    since the 14th birthday are reached, if looked after on that day (short breaks do not count).

    Children Act 1989 schedule 2 paragraph 19B; Care Planning Regulations 2010 regulation 40. Born 2000-05-01 and
    looked after from 2016-03-01: 13 weeks are up on 2016-05-31. Whoever comes back into care becomes it again then.
    Stands for it: the event that told the birth.
    """
    birth = _birth_event(history)
    if birth is None or history.born_on is None:
        return []
    fourteen, sixteen = birthday(history.born_on, 14), birthday(history.born_on, 16)
    before = 0
    found: list[tuple[date, Fact]] = []
    for first, last in _care(history):
        counted_from = max(first, fourteen)
        reached = counted_from + timedelta(days=max(0, THIRTEEN_WEEKS - before))
        day = max(reached, sixteen, first)
        if last is None or day < last:
            found.append((day, birth))
        if last is not None:
            before += max(0, (last - counted_from).days)
    return found


def _birth_event(history: History) -> Fact | None:
    told = history.of({"child.born", "child.registered"})
    return next((fact for fact in told if fact.kind == "child.born" or fact.data.born_on), None)


def _care(history: History) -> list[tuple[date, date | None]]:
    """Periods of care: (first day, the day it ended or None). Short breaks are not care."""
    periods: list[tuple[date, date | None]] = []
    for fact in history.of(_CARE_BEGINS | _CARE_ENDS):
        running = bool(periods) and periods[-1][1] is None
        if not running and _begins_care(fact):
            periods.append((fact.day, None))
        elif running and _ends_care(fact):
            periods[-1] = (periods[-1][0], fact.day)
    return periods


def _begins_care(fact: Fact) -> bool:
    if fact.kind == "legal_status.changed":
        return fact.data.short_breaks is False  # a series of short breaks became care
    return fact.kind == "care.started" and not fact.data.short_breaks


def _ends_care(fact: Fact) -> bool:
    out = fact.kind == "transfer.completed" and fact.data.direction == "out"
    return out or fact.kind in ("care.ended", "child.died")


class Function(NamedTuple):
    """A named start. `opened_by`: without an event of one of these kinds it gives none."""

    starts: Callable[[History], list[tuple[date, Fact]]]
    opened_by: frozenset[str]


FUNCTIONS = {"eligible_child_at_16": Function(eligible_child_at_16, _CARE_BEGINS)}
