"""Says what the fold carries from event to event: the clocks that run, the states it lives in, the faults it saw."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from hashlib import blake2b
from typing import NamedTuple

from schemas.clock import Clock
from schemas.time.calendar import Calendar
from services.timeliness.history.facts import Fact
from services.timeliness.history.history import History
from services.timeliness.standards.compiled import Limit, Role, Standard, Step
from services.timeliness.standards.states import Spell, State, StateTest, Track

Ids = dict[str, tuple[str, ...]]
NO_IDS: Ids = {}
REFERRAL = "referral_id"


class DataFault(NamedTuple):
    """A fault in the data that no clock carries: the event that shows it, and what is wrong."""

    event: str
    what: str


class Running:
    """A clock that still runs, with what the fold needs to know of it: the ids it goes by, the spell it belongs to."""

    __slots__ = ("booking", "clock", "fact", "keys", "limit", "ordinal", "restarted", "said_by", "spell")

    def __init__(self, clock: Clock, fact: Fact, limit: Limit, keys: dict[str, str], spell: Spell | None) -> None:
        self.clock, self.fact, self.limit, self.keys, self.spell = clock, fact, limit, keys, spell
        self.booking: str | None = None
        self.said_by: list[Fact] = []  # facts that say its start again
        self.ordinal = 0
        self.restarted = False  # cancelled only because the standard lets a later start begin anew

    def shares(self, named: Ids) -> bool:
        """Whether the clock and an event name the same, by the first field that both carry."""
        for name, values in named.items():
            if name in self.keys:
                return self.keys[name] in values
        return False

    def may_be(self, named: Ids) -> bool:
        """Whether the two share an id, or cannot be told apart because one of them carries none."""
        return self.shares(named) or not any(name in self.keys for name in named)

    def learn(self, named: Ids) -> None:
        """Take over the ids of an event that turned out to be about this clock."""
        self.keys.update({name: values[0] for name, values in named.items() if name not in self.keys})

    def began(self) -> bool:
        """Tells whether a start said again can be this one: it runs, or was ended otherwise than by cancelling it."""
        return self.clock.ended in (None, "stopped", "excused") or self.restarted


class Fold:
    """One standard, one history, and how far it has got. `running`: the clocks that nothing has ended yet; `done`: all
    that were started; `too_early`: the ids of what was done before its clock began."""

    def __init__(self, standard: Standard, history: History, calendar: Calendar) -> None:
        self.standard, self.history, self.calendar = standard, history, calendar
        self.rule = standard.file
        self.prohibits = standard.file.measure == "must_not_happen"
        self.facts = history.of(standard.roles.keys())
        self.at = 0  # the place in `facts` of the event being looked at
        self.tracks = {s.name: Track(s, history) for s in standard.followed}
        self.scope = self.tracks[standard.scope[0]] if standard.scope else None
        self.asked: dict[str, StateTest] = {}
        self.running: list[Running] = []
        self.done: list[Running] = []
        self.ordinals: dict[str, int] = {}
        self.faults: list[DataFault] = []
        self.too_early: list[Ids] = []

    def ids(self, fact: Fact) -> Ids:
        """The values an event carries of the fields that tell clocks apart (`enquiry_id` or several `enquiry_ids`)."""
        named = self.standard.roles[fact.kind].named
        if not named:
            return NO_IDS
        found: Ids = {}
        for name, field, several in named:
            value = getattr(fact.data, field)
            if value and name not in found:
                found[name] = tuple(value) if several else (value,)
        return found

    def names_done(self, fact: Fact) -> bool:
        """Whether an event names a clock that was started, whatever became of it."""
        named = self.ids(fact)
        return bool(named) and any(running.shares(named) for running in self.done)

    def meant(self, fact: Fact) -> list[Running]:
        """The running clocks an event is about: those that share an id with it; failing that, those that cannot be
        told apart from it. An event without an id means every one."""
        named = self.ids(fact)
        if not named:
            return list(self.running)
        sharing = [running for running in self.running if running.shares(named)]
        if sharing or any(running.shares(named) for running in self.done):
            return sharing  # what names a clock that is done is about no other
        return [running for running in self.running if running.may_be(named)]

    def same_start(self, step: Step, fact: Fact) -> list[Running]:
        """The running clocks that an event which starts one may have started already, said again. Where another may
        run beside it, only one that names the same is the same."""
        if step.again == "another":
            named = self.ids(fact)
            return [running for running in self.running if running.shares(named)]
        return self.meant(fact)

    def said_before(self, fact: Fact, role: Role) -> Running | None:
        """Finds the clock whose start an event says again: a decision saved twice, an enquiry sent again after its
        conference. A clock that was cancelled is begun anew, and a recurring duty is as often done as it is said."""
        if not role.starts or self.rule.recurring or self.rule.repeats:
            return None
        if not any(self.applies(step, fact) for step in role.starts):
            return None
        named = self.ids(fact)
        for running in reversed(self.done):
            if running.began() and self._says_again(running, fact, role, named):
                return running
        return None

    def _says_again(self, running: Running, fact: Fact, role: Role, named: Ids) -> bool:
        """By the most exact id that both carry, where the standard tells clocks apart by one; else by the own id of the
        event (`Role.own`). A referral may lead to several of a kind: its id alone says nothing of what is not its own.
        """
        field = next((name for name in named if name in running.keys), "")
        if field and field != REFERRAL:
            return running.keys[field] in named[field]
        if named and not field:
            return False
        own = getattr(fact.data, role.own, None) if role.own else None
        return own is not None and running.fact.kind == fact.kind and getattr(running.fact.data, role.own) == own

    def keys_of(self, spell: Spell | None) -> dict[str, str]:
        """The id of a clock whose start names none: that of its spell, where the spell goes by one such id."""
        key = self.scope.state.key if self.scope is not None else ""
        if spell is None or len(spell.keys) != 1 or key not in self.standard.match:
            return {}
        return {key: next(iter(spell.keys))}

    def begun_by_doing(self, running: Running) -> bool:
        """Whether a clock was begun by an event that itself satisfies the duty."""
        role = self.standard.roles.get(running.fact.kind)
        return role is not None and any(step.test(running.fact.data) for step in role.stops)

    def applies(self, step: Step, fact: Fact) -> bool:
        """Whether an event meets a trigger's conditions, those on states among them."""
        if not step.test(fact.data):
            return False
        if step.free:
            return True
        if (step.from_on is not None and fact.day < step.from_on) or (step.to_on is not None and fact.day > step.to_on):
            return False
        if step.linked is not None and not self.linked_allows(step, fact):
            return False
        if step.when and not self._held(step.when, fact):
            return False
        return not (step.when_not and self._held(step.when_not, fact))

    def _held(self, name: str, fact: Fact) -> bool:
        """Whether a state held just before an event. It is followed only as far as it is asked about."""
        return self._followed(self.standard.asked[name]).held_before(fact)

    def ran_when_the_day_opened(self, closing: Fact) -> bool:
        """Whether there was work for a closing to end before its day began: a clock of the standard that ran then, or a
        state that the closing ends."""
        day = closing.day
        for running in self.done:
            ended_on = running.clock.ended_on
            if running.fact.day < day and (ended_on is None or ended_on >= day):
                return True
        states = self.standard.closed_by.get(closing.kind, ())
        return any(self._followed(state).ran_when_the_day_opened(closing) for state in states)

    def _followed(self, state: State) -> StateTest:
        """A state as far as it has been asked about."""
        asked = self.asked.get(state.name)
        if asked is None:
            asked = self.asked[state.name] = StateTest(state, self.history)
        return asked

    def latest_spell(self) -> Spell | None:
        """The latest open spell of the state the standard lives in."""
        return self.scope.open[-1] if self.scope is not None and self.scope.open else None

    def earlier_that_day(self) -> list[Fact]:
        """Returns what stands before the event being looked at on its own day."""
        at, day = self.at, self.facts[self.at].day
        while at > 0 and self.facts[at - 1].day == day:
            at -= 1
        return self.facts[at : self.at]

    def that_morning(self) -> list[Fact]:
        """Returns what happened at an hour of the day, before the event being looked at. An event dated only by its
        day stands at that day's end, and yet is good for the whole of it."""
        return [fact for fact in self.earlier_that_day() if fact.event.time is not None]

    def linked_allows(self, step: Step, fact: Fact) -> bool:
        """Whether the event a step is linked to is as it asks; where there is none, nothing speaks against it."""
        others = self.linked(step, fact)
        if step.linked is None:
            return True
        link, test = step.linked
        if link.absent:
            return not any(test(other.data) for other in others)
        return not others or test(others[-1].data)

    def linked(self, step: Step, fact: Fact) -> list[Fact]:
        """The events that a step is linked to by the value of a field, in order; whatever the days of the two: an id
        is surer than a day."""
        if step.linked is None:
            return []
        link = step.linked[0]
        value = getattr(fact.data, link.by)
        return [other for other in self.history.of({link.event}) if getattr(other.data, link.by) == value]

    def before(self, fact: Fact, kind: str) -> list[Fact]:
        """The events of a kind up to the day of an event, in order."""
        return [other for other in self.history.of({kind}) if other.day <= fact.day]


def note(clock: Clock, fault: str) -> None:
    """Mark a fault on a clock, once."""
    if fault not in (clock.faults or ""):
        clock.faults = f"{clock.faults}; {fault}" if clock.faults else fault


def clock_id(standard: str, fact: Fact, ordinal: int, root: str = "") -> str:
    """Returns a clock's id: of the standard and the id that its start's chain of versions goes back to (or `root`), so
    that neither a correction nor a merge makes it a new clock. Never of the child's id or a date."""
    hashed = _hashed(standard).copy()
    hashed.update(f"{fact.source}\n{root or fact.root}\n{ordinal}".encode())
    return hashed.hexdigest()


Begun = tuple[Clock, Fact, int, list[Fact]]  # a clock, its start, which clock of that start, what says it again


def name_aliases(begun: list[Begun]) -> None:
    """Note the other ids of each clock of a standard. One that is a clock's own id, or an earlier one's alias, is no
    alias."""
    if not any(said_by or fact.names or fact.shadows for _, fact, _, said_by in begun):
        return
    taken = {clock.id for clock, *_ in begun}
    for clock, fact, ordinal, said_by in begun:
        others = _aliases(clock.standard, fact, ordinal, said_by) - taken
        clock.aliases = " ".join(sorted(others)) or None
        taken |= others


def _aliases(standard: str, fact: Fact, ordinal: int, said_by: Iterable[Fact]) -> set[str]:
    """Returns the ids that a clock went by, or would go by had less been known: of every version of its start's fact
    (before an earlier one arrived it was the root), and of every fact that says the start again."""
    found = {clock_id(standard, fact, ordinal, name) for name in _names(fact)}
    for said in (*said_by, *fact.shadows):
        found |= {clock_id(standard, said, 0, name) for name in _names(said)}
    return found


def _names(fact: Fact) -> set[str]:
    """Returns the root of a fact and the ids of its versions; of one never corrected the root alone, for one leaving of
    a worker is a fact of each child whom that worker held."""
    return {fact.root, fact.id, *(version.id for version in fact.before)} if fact.names else {fact.root}


@cache
def _hashed(standard: str) -> blake2b:
    return blake2b(f"{standard}\n".encode(), digest_size=12)
