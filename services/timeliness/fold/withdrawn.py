"""Clocks that are gone because their start was withdrawn: news for the team manager, never only silence. Pure.

Withdrawing the start of an enquiry, a plan, care or a missing episode ends every duty that came of it without a trace
among the clocks. So the history is folded once more as if nothing of the kind had been withdrawn; what would be open
then and is not there now is what somebody was relying on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import msgspec

from schemas.clock import Clock
from schemas.time.calendar import Calendar
from schemas.time.days import london_day
from services.timeliness.fold.clocks import clocks
from services.timeliness.history.history import History, never_withdrawn
from services.timeliness.standards.compiled import Standard

STARTS = frozenset(
    {"enquiry.started", "cp_plan.started", "cin_plan.started", "care.started", "missing.started", "missing.ended"}
)


class WithdrawnClock(msgspec.Struct, gc=False):
    """As `schemas.store.tables.WithdrawnClock`, without its generation."""

    clock: str
    standard: str
    child: str
    team: str
    started_on: date
    due_on: date | None
    withdrawn_at: datetime


def withdrawn_clocks(
    standards: Iterable[Standard], history: History, calendar: Calendar, there: list[Clock]
) -> list[WithdrawnClock]:
    """Returns the clocks that would be open had no start been withdrawn and that are not `there`. One that is there
    under any of its ids, or of the same standard and day, is the same duty, entered again. What must not happen is no
    duty."""
    taken = [(fact, at) for fact, at in history.withdrawn if fact.kind in STARTS]
    if not taken:
        return []
    known_at = {fact.id: at for fact, at in taken}
    latest = max(known_at.values())
    before = never_withdrawn(history, [fact for fact, _ in taken])
    ids = {id for clock in there for id in _ids(clock)}
    same = {(clock.standard, clock.started_on) for clock in there}
    found = []
    for standard in standards:
        if standard.file.measure == "must_not_happen" or not standard.may_speak(before.kinds):
            continue
        for clock in clocks(standard, before, calendar):
            at = known_at.get(clock.cause, latest)
            over = clock.lasts_to is not None and clock.lasts_to < london_day(at)
            gone = ids.isdisjoint(_ids(clock)) and (clock.standard, clock.started_on) not in same
            if gone and clock.ended is None and clock.unmeasured is None and not over:
                found.append(
                    WithdrawnClock(
                        clock.id, standard.id, history.child, history.team_on(None), clock.started_on, clock.due_on, at
                    )
                )
    return found


def _ids(clock: Clock) -> list[str]:
    return [clock.id, *(clock.aliases or "").split()]
