"""States that must hold: every gap is a breach. One clock for each gap, due on the day the gap opens.

A gap opened and closed on its day was closed in time. What is said of one moment (a handover: one leaves, another takes
over) is taken together, so that no gap opens between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from schemas.calendar import Calendar
from schemas.clock import Clock
from schemas.days import ONE_DAY
from services.timeliness.clocks import clock_id
from services.timeliness.compiled import ENDS_EVERY_DUTY, Standard
from services.timeliness.history import History, Known
from services.timeliness.states import Track


@dataclass(slots=True)
class Scope:
    """A spell at the end of whose days the standard applied, both inclusive; `to_on` None while it lasts."""

    from_on: date
    to_on: date | None = None


def gaps(standard: Standard, history: History, calendar: Calendar) -> list[Clock]:
    """The clocks: one for each gap."""
    return walk(standard, history, calendar)[0]


def walk(standard: Standard, history: History, calendar: Calendar) -> tuple[list[Clock], list[Scope]]:
    """The gaps, and the spells in which there must be none."""
    if standard.start_kinds.isdisjoint(history.kinds):
        return [], []
    # Nothing is presumed here: a gap is told of only where its scope was seen to begin.
    tracks = {s.name: Track(replace(s, presumed=False), ()) for s in standard.states}
    out: list[Clock] = []
    scopes: list[Scope] = []
    gap: Clock | None = None
    ordinals: dict[str, int] = {}
    relevant = [fact for fact in history.facts if fact.kind in standard.roles]
    for _, together in groupby(relevant, key=lambda fact: fact.key[:2]):
        facts = list(together)
        last = facts[-1]
        if history.adult_eve is not None and last.day > history.adult_eve:
            break
        for fact in facts:
            _move(tracks, fact)
        applies = any(tracks[name].open for name in standard.scope)
        held = bool(tracks[standard.file.holds].open)
        _mark(scopes, applies, last.day)
        if gap is not None and (held or not applies):
            gap.ended, gap.ended_on, gap.stop_cause = "stopped" if held else "cancelled", last.day, last.id
            gap.took = float((last.day - gap.started_on).days)
            gap = None
        elif gap is None and applies and not held and standard.limits.in_force(last.day, None, calendar):
            gap = _gap(standard, history, last, ordinals)
            out.append(gap)
    if scopes and scopes[-1].to_on is None:
        scopes[-1].to_on = history.adult_eve
    return [_judged(clock, standard, history) for clock in out], scopes


def _move(tracks: dict[str, Track], fact: Known) -> None:
    over = fact.kind in ENDS_EVERY_DUTY and ENDS_EVERY_DUTY[fact.kind](fact.data)
    for track in tracks.values():
        if over:
            track.open = []
        track.take(fact)


def _mark(scopes: list[Scope], applies: bool, day: date) -> None:
    running = bool(scopes) and scopes[-1].to_on is None
    if applies and not running:
        scopes.append(Scope(day))
    elif running and not applies:
        scopes[-1].to_on = day - ONE_DAY
        if scopes[-1].from_on == day:
            scopes.pop()  # over on the day it began


def _gap(standard: Standard, history: History, fact: Known, ordinals: dict[str, int]) -> Clock:
    ordinal = ordinals.get(fact.root, 0)
    ordinals[fact.root] = ordinal + 1
    return Clock(
        id=clock_id(standard.id, fact, ordinal), standard=standard.id, child=history.child, started_on=fact.day,
        due_on=fact.day, cause=fact.id, team="", lasts_to=history.adult_eve,
    )  # fmt: skip


def _judged(clock: Clock, standard: Standard, history: History) -> Clock:
    clock.team = history.team_on(clock.due_on)
    if history.coverage is not None:
        clock.unmeasured = history.coverage.why_not(standard.stop_kinds, clock.started_on, clock.due_on)
    return clock
