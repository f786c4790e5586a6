"""All standards at once for one child: the clocks, the spells in which a snapshot is taken, the faults. Pure."""

from __future__ import annotations

from datetime import date

import msgspec

from schemas.clock import Clock
from schemas.time.calendar import Calendar
from schemas.time.days import ONE_DAY, london_day
from services.timeliness.fold.clocks import fold, undone
from services.timeliness.fold.must_hold import Scope, walk
from services.timeliness.fold.open_case import OpenCase
from services.timeliness.fold.withdrawn import WithdrawnClock, withdrawn_clocks
from services.timeliness.history.history import History
from services.timeliness.history.sources import ONLY_IN
from services.timeliness.standards.compiled import Standard

UNCLEAR = "a version that does not say when it was recorded, beside a withdrawal: taken as withdrawn with the rest"
SLIP = "dated after the last day its return covers"


class ScopeSpell(msgspec.Struct, gc=False):
    """A time during which a standard applied to a child, under one team; days inclusive, None: it lasts. Of what must
    hold: its spells; of a recurring duty: those in which it was never done yet (`undone`)."""

    standard: str
    child: str
    team: str
    from_on: date
    to_on: date | None
    undone: bool = False


class Folded(msgspec.Struct, gc=False):
    """Holds what one child's history comes to. `endless`: how many clocks begun by its last day have no due day, or
    none on which to warn, because the calendar does not reach. `known_on`: the London day on which the child was
    last heard of. `case`: the open case, where it was asked for and there is one."""

    child: str
    clocks: list[Clock]
    scopes: list[ScopeSpell]
    faults: list[tuple[str, str, str]]  # standard, event, what is wrong
    team_now: str
    known_on: date
    endless: int = 0
    case: OpenCase | None = None
    withdrawn: list[WithdrawnClock] = []


def fold_child(standards: list[Standard], history: History, calendar: Calendar) -> Folded:
    """Every clock of every standard. Only standards that something in the history could start, or that would tell of
    it as a fault, are looked at."""
    clocks: list[Clock] = []
    scopes: list[ScopeSpell] = []
    faults: list[tuple[str, str, str]] = []
    warned = {standard.id for standard in standards if standard.warn}
    for standard in standards:
        if history.unclear:
            faults += [(standard.id, f.id, UNCLEAR) for f in history.unclear if f.kind in standard.roles]
        if history.alone:
            begun = [f for f in history.alone if f.kind in standard.start_kinds]
            faults += [(standard.id, f.id, ONLY_IN + f.source) for f in begun]
        if history.slips:
            faults += [(standard.id, f.id, SLIP) for f in history.slips if f.kind in standard.roles]
        if not standard.may_speak(history.kinds):
            continue
        over_from = standard.limits.over_from
        if over_from is not None and history.facts[0].day >= over_from:
            continue
        if standard.file.measure == "must_hold":
            gaps, spells = walk(standard, history, calendar)
            clocks += gaps
            scopes += _measured(standard, history, spells, False)
        else:
            folded = fold(standard, history, calendar)
            clocks += [running.clock for running in folded.done]
            faults += [(standard.id, event, what) for event, what in folded.faults]
            scopes += _measured(standard, history, undone(folded), True)
    faults += [(clock.standard, clock.cause, clock.faults) for clock in clocks if clock.faults]
    unreached = [clock for clock in clocks if clock.due_on is None or clock.due_on > calendar.last]
    endless = [c for c in unreached if c.started_on <= history.facts[-1].day and _unplanned(c, warned)]
    known_on = london_day(max(fact.known_at for fact in history.facts)) if history.facts else date.min
    made = Folded(history.child, clocks, scopes, faults, history.team_on(None), known_on, len(endless))
    if history.withdrawn:
        made.withdrawn = withdrawn_clocks(standards, history, calendar, clocks)
    return made


def _unplanned(clock: Clock, warned: set[str]) -> bool:
    """Whether a clock has no due day, or no day on which to warn though its standard warns."""
    return clock.due_on is None or (clock.standard in warned and clock.warn_on is None and clock.warn_at is None)


def _measured(standard: Standard, history: History, spells: list[Scope], undone: bool) -> list[ScopeSpell]:
    """The spells a feed can speak for, cut where the responsible team changed."""
    out: list[ScopeSpell] = []
    for spell in spells:
        last = spell.to_on or spell.from_on
        if history.coverage is not None and history.coverage.why_not(standard.stop_kinds, spell.from_on, last):
            continue
        cuts = [day for day, _ in history.teams if spell.from_on < day and (spell.to_on is None or day <= spell.to_on)]
        firsts = [spell.from_on, *cuts]
        lasts: list[date | None] = [*(day - ONE_DAY for day in cuts), spell.to_on]
        for first, end in zip(firsts, lasts, strict=True):
            out.append(ScopeSpell(standard.id, history.child, history.team_on(first), first, end, undone))
    return out
