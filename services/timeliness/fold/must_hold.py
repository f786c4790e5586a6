"""States that must hold: every gap is a breach. One clock for each gap, due on the day the gap opens.

A gap opened and closed on its day was closed in time; where only the day of either is known, it was no gap: a day known
only as a day proves nothing within it. What is said of one moment (a handover: one leaves, another takes
over) is taken together, so that no gap opens between.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from operator import attrgetter

from schemas.clock import Clock
from schemas.time.calendar import Calendar
from schemas.time.days import ONE_DAY
from services.timeliness.fold.running import Begun, clock_id, name_aliases
from services.timeliness.history.facts import Fact, moment_of
from services.timeliness.history.history import UNASSIGNED, History
from services.timeliness.standards.compiled import Standard
from services.timeliness.standards.states import Track, proven

_is_open = attrgetter("open")


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
    walked = _Walk(standard, history, calendar)
    relevant = history.of(standard.roles.keys())
    for fact, following in zip_longest(relevant, relevant[1:]):
        if history.adult_eve is not None and fact.day > history.adult_eve:
            break
        walked.take(fact)
        last = following is None or fact.kind == "child.died"  # every duty to a child ends then
        if last or moment_of(following) != moment_of(fact):
            walked.moment_over(fact)
        if last or following.day != fact.day:
            walked.day_over(fact)
        if last:
            break
    if walked.scopes and walked.scopes[-1].to_on is None:
        walked.scopes[-1].to_on = history.adult_eve
    name_aliases(walked.begun)
    return [_judged(clock, standard, history) for clock, *_ in walked.begun], walked.scopes


class _Walk:
    """Day by day: a gap opens and is filled at a moment; whether the standard still applies is looked at when the day
    is over, so that a plan dated only by its day follows on from the morning's conference."""

    def __init__(self, standard: Standard, history: History, calendar: Calendar) -> None:
        self.standard, self.history, self.calendar = standard, history, calendar
        # Nothing is presumed here: a gap is told of only where its scope was seen to begin.
        self.tracks = {s.name: Track(s) for s in standard.followed}
        self.holding = self.tracks[standard.file.holds]
        self.applying = [self.tracks[name] for name in standard.scope]
        self.begun: list[Begun] = []  # the gaps
        self.scopes: list[Scope] = []
        self.gap: Clock | None = None
        self.opened_by: Fact | None = None  # the event with which that gap opened
        self.left: Fact | None = None  # the event of the day with which it ceased to apply
        self.opener: Fact | None = None  # the event of the moment with which a gap opened
        self.said_by: list[Fact] = []  # the events that say that one again
        self.gapes = False
        self.ordinals: dict[str, int] = {}

    def take(self, fact: Fact) -> None:
        for name in self.standard.roles[fact.kind].moves:
            self.tracks[name].take(fact)
        gaped, self.gapes = self.gapes, not self.holding.open and self._applies()
        if self.gapes and not gaped:
            self.opener, self.said_by = fact, []
        elif self.gapes and self._said_again(fact):
            self.said_by.append(fact)

    def _said_again(self, fact: Fact) -> bool:
        """Whether an event says again, under another id, what opened the gap."""
        own = self.standard.roles[fact.kind].own
        if self.opener is None or not own or fact.kind != self.opener.kind:
            return False
        return bool(getattr(fact.data, own) == getattr(self.opener.data, own))

    def moment_over(self, fact: Fact) -> None:
        """After the last event of a moment."""
        if self.holding.open:
            self._end("stopped", fact)
        elif self.gapes:
            self.left = None
            self._open(self.opener or fact)
        else:
            self.left = self.left or fact

    def day_over(self, fact: Fact) -> None:
        """After the last event of a day."""
        applies = self._applies()
        if not applies:
            self._end("cancelled", self.left or fact)
        self.left = None
        _mark(self.scopes, applies, fact.day)

    def _applies(self) -> bool:
        return any(map(_is_open, self.applying))

    def _open(self, fact: Fact) -> None:
        if self.gap is None and self.standard.limits.in_force(fact.day, None, self.calendar) is not None:
            ordinal = self.ordinals.get(fact.root, 0)
            self.ordinals[fact.root] = ordinal + 1
            self.gap = Clock(
                id=clock_id(self.standard.id, fact, ordinal),
                standard=self.standard.id,
                child=self.history.child,
                started_on=fact.day,
                due_on=fact.day,
                cause=fact.id,
                team=UNASSIGNED,
                lasts_to=self.history.adult_eve,
            )
            self.begun.append((self.gap, fact, ordinal, self.said_by))
            self.opened_by = fact

    def _end(self, how: str, fact: Fact) -> None:
        if self.gap is None or self.opened_by is None:
            return
        if not proven(self.opened_by.day, self.opened_by.event.time, fact):
            self.begun.pop()
            self.ordinals[self.opened_by.root] -= 1
        else:
            self.gap.ended, self.gap.ended_on, self.gap.stop_cause = how, fact.day, fact.id
            self.gap.took = float((fact.day - self.gap.started_on).days)
        self.gap = None


def _mark(scopes: list[Scope], applies: bool, day: date) -> None:
    running = bool(scopes) and scopes[-1].to_on is None
    if applies and not running:
        scopes.append(Scope(day))
    elif running and not applies:
        scopes[-1].to_on = day - ONE_DAY
        if scopes[-1].from_on == day:
            scopes.pop()  # over on the day it began


def _judged(clock: Clock, standard: Standard, history: History) -> Clock:
    clock.team = history.team_on(clock.due_on)
    if history.coverage is not None:
        clock.unmeasured = history.coverage.why_not(standard.stop_kinds, clock.started_on, clock.due_on)
    return clock
