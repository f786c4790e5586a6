"""States of a child (on a plan, looked after, placed ...): when they hold, told apart by the key of their spells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from schemas.events.vocabulary import KINDS
from services.timeliness.history.facts import Fact
from services.timeliness.history.history import History
from services.timeliness.standards.conditions import Test, any_of, compiled
from services.timeliness.standards.standard import StateFile, Trigger

EVERY_STATE_ENDS = [Trigger(event="child.died"), Trigger(event="transfer.completed", where={"direction": "out"})]
_EVERY_DUTY = frozenset(trigger.event for trigger in EVERY_STATE_ENDS)


def proven(day: date | None, instant: datetime | None, fact: Fact) -> bool:
    """Whether something that stands before an event surely came first: on an earlier day, or both have an hour. A day
    known only as a day proves nothing within it."""
    return day is None or day < fact.day or (instant is not None and fact.event.time is not None)


@dataclass(frozen=True, slots=True)
class Moves:
    """Holds what an event of one kind does to a state."""

    opens: Test | None = None
    closes: Test | None = None
    carries_on: Test | None = None
    stays: Test | None = None
    rests: Test | None = None
    takes: tuple[tuple[Test, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """A compiled state. `moves` by kind of event; `begins_with`: the kind of event that first opens it."""

    name: str
    key: str
    presumed: bool
    one_at_a_time: bool
    moves: dict[str, Moves]
    begins_with: frozenset[str]

    @classmethod
    def compile(cls, name: str, file: StateFile) -> State:
        """Raises ValueError, naming the state, for what cannot be meant."""
        _check(name, file)
        file = msgspec.structs.replace(file, closes=[*file.closes, *EVERY_STATE_ENDS])
        kinds = {t.event for t in _triggers(file)} | {f.event for f in file.facts}
        moves = {kind: _moves(file, kind) for kind in sorted(kinds)}
        begins_with = frozenset([file.opens[0].event])
        return cls(name, file.key, file.presumed, file.one_at_a_time, moves, begins_with)


def _check(name: str, file: StateFile) -> None:
    if not file.opens:
        raise ValueError(f"{name}: `opens` is empty; name the event with which it begins")
    for trigger in _triggers(file):
        if trigger != Trigger(event=trigger.event, where=trigger.where, unless=trigger.unless):
            raise ValueError(f"{name}: a state's trigger has `event`, `where` and `unless`, and no other key")
    if file.key and not any(file.key in _fields_of(trigger.event) for trigger in file.opens):
        raise ValueError(f"{name}: key: nothing that opens it carries {file.key!r}")
    if (file.stays or file.rests) and not (file.key and file.one_at_a_time):
        raise ValueError(
            f"{name}: stays, rests: a stay elsewhere needs `key` and `one_at_a_time`; write them or leave it"
        )
    for taken in file.facts:
        for field in taken.take:
            if field not in _fields_of(taken.event):
                raise ValueError(f"{name}: facts: {taken.event} has no field {field!r}")


def _triggers(file: StateFile) -> list[Trigger]:
    return [*file.opens, *file.closes, *file.stays, *file.rests]


def _fields_of(event: str) -> frozenset[str]:
    return frozenset(KINDS[event].fields) if event in KINDS else frozenset()


def _moves(file: StateFile, kind: str) -> Moves:
    opens, closes, stays, rests = (
        any_of([compiled(t.event, t.where, t.unless) for t in triggers if t.event == kind])
        for triggers in (file.opens, file.closes, file.stays, file.rests)
    )
    return Moves(
        opens,
        closes,
        compiled(kind, file.carries_on, {}) if file.carries_on and opens else None,
        stays,
        rests,
        tuple((compiled(f.event, f.where, {}), tuple(f.take)) for f in file.facts if f.event == kind),
    )


NONE: list[Spell] = []


class Spell:
    """One time during which a state held. `keys`: the ids it goes by (a carer change in the same home adds one);
    `resting`: those of them that ended for a stay elsewhere; `stays`: the ids of such stays that last. `opened_at`:
    None where it was opened by what has only a day. `closed_on`: the day it was over, None while it lasts."""

    __slots__ = ("closed_on", "counted", "counted_on", "keys", "known", "opened_at", "opened_on", "resting", "stays")

    def __init__(self, keys: set[str], opened_on: date | None, opened_at: datetime | None = None) -> None:
        self.keys, self.opened_on, self.opened_at = keys, opened_on, opened_at
        self.known: dict[str, Any] = {}
        self.counted = 0
        self.counted_on: date | None = None
        self.closed_on: date | None = None
        self.resting: set[str] = set()
        self.stays: set[str] = set()

    def goes_on_as(self, keys: set[str]) -> None:
        """Carried on under other ids: what had ended for a stay elsewhere is over, and so is the stay."""
        self.keys = (self.keys - self.resting) | keys
        self.resting, self.stays = set(), set()

    def lose(self, keys: set[str], rests: bool) -> None:
        """Returns what it is known by ended: for good, or for a stay elsewhere; while one lasts the next opening
        decides."""
        others = self.keys - self.resting - keys
        if (rests or self.stays) and not others:
            self.resting |= self.keys & keys
        else:
            self.keys -= keys
        self.stays -= keys


class Track:
    """A state followed through one history. `open`: the spells that hold, oldest first; `opened`: all that were seen to
    open. Without the history nothing is presumed."""

    __slots__ = (
        "_day",
        "_ran",
        "_taken_up",
        "ever_opened",
        "gone",
        "interrupted",
        "open",
        "opened",
        "presumed",
        "state",
    )

    def __init__(self, state: State, history: History | None = None) -> None:
        self.state = state
        self.presumed = state.presumed and history is not None
        self.open: list[Spell] = []
        self.opened: list[Spell] = []
        self.ever_opened: set[str] = set()
        self.gone: set[str] = set()
        self.interrupted: list[Spell] = []  # over by an event that names none, and may go on
        self._day: date | None = None
        self._ran = False  # whether it held when that day opened
        self._taken_up: Fact | None = None  # the last event that opened what was open already, naming none
        if history is not None and state.presumed:
            self._presume(history)

    def _presume(self, history: History) -> None:
        """A state that nobody saw begin held before, unless the first thing seen is its beginning, or feeds that state
        to carry its beginnings are all there is."""
        first_day: date | None = None
        opened_first = False
        for fact in history.of(self.state.moves.keys()):
            moves = self.state.moves[fact.kind]
            opening = moves.opens is not None and moves.opens(fact.data)
            if opening and (key := self._key(fact)) is not None:
                self.ever_opened.add(key)
            if first_day is None and (opening or (moves.closes is not None and moves.closes(fact.data))):
                first_day = fact.day
            opened_first = opened_first or (opening and fact.day == first_day)
        coverage = history.coverage
        seen_by_all = (
            coverage is not None and coverage.all_from is None and self.state.begins_with <= coverage.spans.keys()
        )
        if not opened_first and not seen_by_all:
            self.open.append(Spell(set(), None))

    def _key(self, fact: Fact) -> str | None:
        return getattr(fact.data, self.state.key, None) if self.state.key else None

    def spell(self, fact: Fact) -> Spell | None:
        """The spell that an event belongs to: by its key where it names one, else the latest that is open."""
        key = self._key(fact)
        if key is None:
            return self.open[-1] if self.open else None
        for spell in self.open:
            if key in spell.keys:
                return spell
        if not self.presumed or key in self.ever_opened or key in self.gone:
            return None
        if self.open and not self.open[-1].keys:
            spell = self.open[-1]
        else:
            spell = Spell(set(), None)
            self.open.append(spell)
        spell.keys.add(key)
        return spell

    def take(self, fact: Fact) -> list[Spell]:
        """Let an event close, then open or carry on, then tell what becomes known. Gives the spells that this ends."""
        moves = self.state.moves.get(fact.kind)
        if moves is None:
            return NONE
        if fact.day != self._day:
            self._day, self._ran = fact.day, bool(self.open)
        data = fact.data
        ended = self._close(fact, moves) if moves.closes is not None and moves.closes(data) else NONE
        if moves.stays is not None and self.open and moves.stays(data):
            self.open[-1].stays |= self._keys(fact)
        if moves.opens is not None and moves.opens(data):
            ended = ended + self._open(fact, moves)
        for test, fields in moves.takes:
            if test(data) and (spell := self.spell(fact)) is not None:
                spell.known |= {f: v for f in fields if (v := getattr(data, f)) is not None}
        for spell in ended:
            spell.closed_on = fact.day
        return ended

    def not_named_by(self, closing: Fact, spells: list[Spell]) -> list[Spell]:
        """Those of some spells that are not what a closing is about: it names others."""
        keys = self._keys(closing)
        return [spell for spell in spells if keys and spell.keys - keys]

    def goes_on_in(self) -> Spell | None:
        """The spell in which the state still holds when another is over; None where it has only one at a time."""
        return self.open[-1] if self.open and not self.state.one_at_a_time else None

    def _close(self, fact: Fact, moves: Moves) -> list[Spell]:
        """The spells that an event ends: of the keys it names; where it names none, what held when the day opened, else
        what began that day."""
        keys = self._keys(fact)
        self.gone |= keys
        went_by_one = [spell for spell in self.open if spell.keys & keys]
        rests = moves.rests is not None and moves.rests(fact.data)
        for spell in self.open:
            spell.lose(keys, rests)
        staying = [
            spell
            for spell in self.open
            if (keys and spell.keys)
            or (spell not in went_by_one and self._outlives(spell.opened_on, spell.opened_at, fact))
        ]
        ended, self.open = [spell for spell in self.open if spell not in staying], staying
        if keys:
            self.interrupted = [spell for spell in self.interrupted if not spell.keys & keys]
        else:
            self.interrupted = ended[-1:]
        again = self._taken_up
        if not self.open and again is not None and self._outlives(again.day, again.event.time, fact):
            self.open.append(Spell(set(), again.day, again.event.time))
        return ended

    def _outlives(self, day: date | None, instant: datetime | None, closing: Fact) -> bool:
        """Whether what opened on a closing's own day goes on: where something ran when the day opened, it is that which
        is closed, unless both have an hour and say otherwise. Nothing outlives the end of every duty."""
        return self._ran and closing.kind not in _EVERY_DUTY and not proven(day, instant, closing)

    def _keys(self, fact: Fact) -> set[str]:
        """The ids an ending names: one, or several (`enquiry_ids`)."""
        one = self._key(fact)
        if one is not None:
            return {one}
        return set(getattr(fact.data, f"{self.state.key}s", None) or ()) if self.state.key else set()

    def _open(self, fact: Fact, moves: Moves) -> list[Spell]:
        key = self._key(fact)
        if key is None and self.state.key and (self.open or self.interrupted):
            self._taken_up = fact
            self.open = self.open or [self.interrupted.pop()]
            self.open[-1].closed_on = None
            return []  # it names none: what was interrupted goes on
        keys = {key} if key is not None else set()
        if self.open and moves.carries_on is not None and moves.carries_on(fact.data):
            self.open[-1].goes_on_as(keys)
            return []
        for spell in self.open:
            if key in spell.keys:  # said twice, or back from a stay elsewhere
                spell.goes_on_as(keys)
                return []
        ended: list[Spell] = []
        if self.state.one_at_a_time:
            ended, self.open = self.open, []
        self.gone -= keys
        spell = Spell(keys, fact.day, fact.event.time)
        self.open.append(spell)
        self.opened.append(spell)
        return ended


class StateTest:
    """A state that is only asked about now and then: followed just as far as the last question."""

    __slots__ = ("_at", "_day", "_facts", "_opened_at_an_hour", "_ran", "_ran_on", "_track")

    def __init__(self, state: State, history: History) -> None:
        self._facts = history.of(state.moves.keys())
        self._track = Track(state, history)
        self._at = 0
        self._day: date | None = None
        self._ran = False  # it held when that day opened
        self._ran_on = False  # and was not left since
        self._opened_at_an_hour = False  # it was opened that day, by what has an hour

    def ran_when_the_day_opened(self, fact: Fact) -> bool:
        """Whether the state held when the day of an event opened. The event is no earlier than the one last asked
        about."""
        self._follow(fact)
        return self._ran if self._day == fact.day else bool(self._track.open)

    def held_before(self, fact: Fact) -> bool:
        """Whether the state held just before an event, which is no earlier than the one last asked about.

        A day known only as a day proves nothing within it: what opened on the day of a referral, or of any other
        beginning, did not hold then unless both have an hour; nor did what was left that day, unless both have an hour
        and it was left later.
        """
        self._follow(fact)
        held = bool(self._track.open)
        if not held or not fact.event.begins:
            return held
        if self._day == fact.day and not self._ran_on:
            held = self._opened_at_an_hour and fact.event.time is not None
        return held and not self._left_that_day(fact)

    def _follow(self, fact: Fact) -> None:
        facts, key, track = self._facts, fact.key, self._track
        while self._at < len(facts) and facts[self._at].key < key:
            moving = facts[self._at]
            held = bool(track.open)
            if moving.day != self._day:
                self._day, self._ran, self._ran_on, self._opened_at_an_hour = moving.day, held, held, False
            track.take(moving)
            if not track.open:
                self._ran_on = self._opened_at_an_hour = False
            elif not held:
                self._opened_at_an_hour = moving.event.time is not None
            self._at += 1

    def _left_that_day(self, fact: Fact) -> bool:
        """Whether what holds at an event is closed on its day by something that nobody can say came later."""
        left = self._track.open
        for at in range(self._at, len(self._facts)):
            later = self._facts[at]
            if later.day != fact.day or not left:
                break
            moves = self._track.state.moves[later.kind]
            sure = proven(later.day, later.event.time, fact)
            if not sure and moves.closes is not None and moves.closes(later.data):
                left = self._track.not_named_by(later, left)
        return not left
