"""A standard made ready for the fold: conditions as tests, limits by date, what each kind of event can do to it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from schemas.events.vocabulary import KINDS
from schemas.time.calendar import Calendar, OutOfCalendar
from schemas.time.days import ONE_DAY
from services.timeliness.standards.checks import ENDINGS, check, states_named
from services.timeliness.standards.conditions import NO_CODES, Given, LocalCodes, Test, compiled
from services.timeliness.standards.eligibility import FUNCTIONS
from services.timeliness.standards.limits import Length
from services.timeliness.standards.never_runs import listed
from services.timeliness.standards.standard import Again, LimitEntry, Linked, StandardFile, Trigger
from services.timeliness.standards.states import Spell, State


@dataclass(frozen=True, slots=True)
class Step:
    """A compiled trigger. `nth_from`, `nth_to`: which in the spell (inclusive; 0 and None: any). `from_on`, `to_on`:
    the days on which it counts, inclusive (None: any)."""

    test: Test
    when: str
    when_not: str
    nth_from: int
    nth_to: int | None
    linked: tuple[Linked, Test] | None
    counted_from: str
    on_a_later_day: bool
    again: Again
    says: str
    from_on: date | None
    to_on: date | None
    free: bool  # of conditions on states, links and days


@dataclass(slots=True)
class Role:
    """Holds what events of one kind can do to a standard's clocks, in the order in which it is done."""

    voids: tuple[Step, ...] = ()
    stops: tuple[Step, ...] = ()
    excused: tuple[Step, ...] = ()
    instead: tuple[Step, ...] = ()
    cancels: tuple[Step, ...] = ()
    faults: tuple[Step, ...] = ()
    booked: tuple[Step, ...] = ()
    endings: tuple[tuple[str, Step], ...] = ()  # all of these, in this order
    starts: tuple[Step, ...] = ()
    named: tuple[tuple[str, str, bool], ...] = ()  # what tells clocks apart: name, field that has it, several in it?
    own: str = ""  # the field with the id of the event itself, or of what it begins
    moves: tuple[str, ...] = ()  # the states that it opens or closes
    ends_every_duty: bool = False
    ends: bool = False  # whether it can end or mark anything
    even_alone: bool = False  # also where nothing runs: a void of what is done, a stop of nothing

    def close(self, told_apart: bool) -> None:
        """Once every part is there."""
        names = ("voids", "stops", "excused", "instead", "cancels", "faults", "booked")
        self.endings = tuple((name, step) for name in names for step in getattr(self, name))
        self.ends = bool(self.endings) or self.ends_every_duty
        self.even_alone = bool(self.voids) or (told_apart and bool(self.stops))


class Limit:
    """One limit in force. `before`: must be over before the length is up, so the last good day is the day before."""

    __slots__ = ("_calendar", "_plans", "before", "entry", "in_hours", "length")

    def __init__(self, entry: LimitEntry) -> None:
        self.entry = entry
        self.before = entry.before is not None
        self.length = Length.parse(entry.before or entry.within or "")
        self._calendar: Calendar | None = None
        self._plans: dict[date, tuple[date | None, date | None]] = {}
        self.in_hours = self.length.unit == "hours"

    def plan(self, day: date, calendar: Calendar, warn: tuple[Length, ...]) -> tuple[date | None, date | None]:
        """For a clock whose day 0 is `day`: the last good day, and the first on which it is due soon. None where one
        is counted in working days and the calendar does not reach, or where nothing is warned of. Reckoned once for
        each day 0."""
        if calendar is not self._calendar:
            self._calendar, self._plans = calendar, {}
        found = self._plans.get(day)
        if found is None:
            due_on = self._count(day, calendar)
            found = self._plans[day] = (due_on, _first_warning(due_on, calendar, warn))
        return found

    def due_on(self, day: date, calendar: Calendar) -> date | None:
        """The last good day for a clock whose day 0 is `day`; None where it is counted in working days and the
        calendar does not reach."""
        return self._count(day, calendar)

    def _count(self, day: date, calendar: Calendar) -> date | None:
        try:
            due = self.length.after(day, calendar)
        except OutOfCalendar:
            return None
        return due - ONE_DAY if self.before else due


def _first_warning(due_on: date | None, calendar: Calendar, warn: tuple[Length, ...]) -> date | None:
    """The earliest of the warnings that the calendar reaches: each falls on a working day."""
    if due_on is None:
        return None
    days = (length.warn_day(due_on, calendar) for length in warn if length.unit != "hours")
    return min((day for day in days if day is not None), default=None)


class Limits:
    """The dated limits of a standard: the plain ones, and those that need something known of the spell. `over_from`:
    the day from which no limit is in force any more; None while one is."""

    def __init__(self, entries: list[LimitEntry]) -> None:
        plain = sorted((e for e in entries if not (e.given or e.after)), key=lambda e: e.from_on)
        self._from = [e.from_on for e in plain]
        self._limits = [None if e.within == "none" else Limit(e) for e in plain]
        self.over_from = self._from[-1] if self._from and self._limits[-1] is None else None
        self._by_day: dict[date, Limit | None] = {}
        given = [e for e in entries if e.given or e.after]
        self._given = [Limit(e) for e in given]
        self._by_known = Given(
            [
                (e.given, (e.from_on, Length.parse(e.after) if e.after else None, limit))
                for e, limit in zip(given, self._given, strict=True)
            ]
        )

    def in_force(self, day: date, spell: Spell | None, calendar: Calendar) -> Limit | None:
        """The limit for a clock that starts on `day`; None where no rule is in force."""
        try:
            found = self._by_day[day]
        except KeyError:
            at = bisect_right(self._from, day)
            found = self._by_day[day] = self._limits[at - 1] if at else None
        if found is not None and self._given and spell is not None:
            for from_on, after, limit in self._by_known.holding(spell.known):
                if from_on <= day and _lasted(spell, after, day, calendar):
                    found = limit
        return found

    def all(self) -> list[Limit]:
        return [limit for limit in [*self._limits, *self._given] if limit]


def _lasted(spell: Spell, after: Length | None, day: date, calendar: Calendar) -> bool:
    if after is None:
        return True
    return spell.opened_on is not None and after.after(spell.opened_on, calendar) <= day


@dataclass(slots=True)
class Standard:
    """A standard, compiled. `roles` by kind of event; `start_kinds`: without one of them there is no clock;
    `opened_by`: nor without one of these, which open the state it lives in (None: none is needed); `tells`: kinds
    that are a fault where nothing runs; `followed`: the states it lives in; `closed_by`: the states that each
    kind which cancels or is a fault also ends; `asked`: those its conditions ask about."""

    id: str
    file: StandardFile
    roles: dict[str, Role]
    start_kinds: frozenset[str]
    opened_by: frozenset[str] | None
    tells: frozenset[str]
    stop_kinds: tuple[str, ...]
    followed: tuple[State, ...]
    closed_by: dict[str, tuple[State, ...]]
    asked: dict[str, State]
    scope: tuple[str, ...]
    limits: Limits
    unmeasured: Given[str]
    match: tuple[str, ...]
    function: str
    warn: tuple[Length, ...]
    escalate: tuple[Length, ...]

    def may_speak(self, kinds: Collection[str]) -> bool:
        """Whether it can have a clock, or tell of a fault, where events of these kinds are all there is."""
        if self.start_kinds.isdisjoint(kinds) or (self.opened_by and self.opened_by.isdisjoint(kinds)):
            return not self.tells.isdisjoint(kinds)
        return True

    @property
    def recurring(self) -> bool:
        """A duty that comes again as often as it is done, so that its lead figure is the snapshot."""
        return self.file.recurring or self.file.repeats

    @property
    def unit(self) -> str:
        limits = self.limits.all()
        return limits[-1].length.unit if limits else "days"


ENDS_EVERY_DUTY = {
    "child.died": compiled("child.died", {}, {}),
    "transfer.completed": compiled("transfer.completed", {"direction": "out"}, {}),
}


def compile_standard(file: StandardFile, states: dict[str, State], local: LocalCodes = NO_CODES) -> Standard:
    """Raises ValueError for whatever cannot be meant: a line for each fault, naming the key and what to do."""
    check(file, states, local)
    scope = tuple(listed(file.while_))
    followed = sorted({*scope, *([file.holds] if file.holds else [])})
    roles: dict[str, Role] = {}
    for name in (*ENDINGS, "starts"):
        for trigger in listed(getattr(file, name)):
            if trigger.event:
                role = roles.setdefault(trigger.event, Role())
                setattr(role, name, (*getattr(role, name), _step(trigger, file)))
    for state in followed:
        for kind in states[state].moves:
            role = roles.setdefault(kind, Role())
            role.moves = (*role.moves, state)
    for kind in ENDS_EVERY_DUTY:
        roles.setdefault(kind, Role()).ends_every_duty = True
    for kind, role in roles.items():
        role.named = _naming(kind, listed(file.match))
        role.own = KINDS[kind].own_id if kind in KINDS else ""
        role.close(bool(file.match))
    starts = listed(file.starts)
    function = next((t.function for t in starts if t.function), "")
    kinds = {t.event for t in starts if t.event}
    opened_by = _opening([states[name] for name in scope])
    if function:
        kinds, opened_by = {"child.registered", "child.born"}, FUNCTIONS[function].opened_by
    if file.scope == "spell":  # then there is something to say where nothing was done
        kinds |= {kind for name in scope for kind, moves in states[name].moves.items() if moves.opens is not None}
    if file.measure == "must_hold":
        kinds = {kind for name in scope for kind, moves in states[name].moves.items() if moves.opens is not None}
        stop_kinds = {kind for kind, moves in states[file.holds].moves.items() if moves.opens is not None}
    else:
        stop_kinds = {t.event for t in listed(file.stops)}
    return Standard(
        file.id,
        file,
        roles,
        frozenset(kinds),
        opened_by,
        frozenset(t.event for t in listed(file.stops) if t.says),
        tuple(sorted(stop_kinds)),
        tuple(states[name] for name in followed),
        _closed_by([kind for kind, role in roles.items() if role.cancels or role.faults], states),
        {name: states[name] for name in states_named(file)},
        scope,
        Limits(file.limits),
        Given([(u.given, u.because) for u in file.unmeasured]),
        tuple(listed(file.match)),
        function,
        tuple(Length.parse(text) for text in file.warn),
        tuple(Length.parse(text) for text in file.escalate),
    )


def _opening(scope: list[State]) -> frozenset[str] | None:
    if not scope or any(state.presumed for state in scope):
        return None
    return frozenset(kind for state in scope for kind, moves in state.moves.items() if moves.opens is not None)


def _closed_by(kinds: list[str], states: dict[str, State]) -> dict[str, tuple[State, ...]]:
    return {
        kind: tuple(s for s in states.values() if kind in s.moves and s.moves[kind].closes is not None)
        for kind in kinds
    }


def _naming(kind: str, match: list[str]) -> tuple[tuple[str, str, bool], ...]:
    """The fields of a kind that tell clocks apart: one id (`enquiry_id`), or several of them (`enquiry_ids`)."""
    fields = KINDS[kind].fields
    both = [each for name in match for each in ((name, name, False), (name, f"{name}s", True))]
    return tuple(each for each in both if each[1] in fields)


def _step(trigger: Trigger, file: StandardFile) -> Step:
    nth = str(trigger.nth)
    first = int(nth.rstrip("+")) if nth else 0
    linked = trigger.linked
    return Step(
        compiled(trigger.event, trigger.where, trigger.unless),
        trigger.when,
        trigger.when_not,
        first,
        None if nth.endswith("+") or not nth else first,
        (linked, compiled(linked.event, linked.where, linked.unless)) if linked else None,
        trigger.counted_from,
        trigger.on_a_later_day,
        trigger.again or file.again,
        trigger.says,
        trigger.from_on,
        trigger.to_on,
        not (trigger.when or trigger.when_not or linked or trigger.from_on or trigger.to_on),
    )
