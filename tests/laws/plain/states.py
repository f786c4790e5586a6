"""The states of a child (`states.yaml`): what is open, under which ids, since when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.laws.plain.facts import Fact
from tests.laws.plain.rules import STATES, fits, named


def leaves(fact: Fact) -> bool:
    """Whether every duty to the child ends with it."""
    return fact.kind == "child.died" or (fact.kind == "transfer.completed" and fact.data.direction == "out")


@dataclass(eq=False)
class Spell:
    """One open piece of work or one stay. `opened`: None for what is presumed to have begun before the feed. `terms`:
    what is known of a placement. `days`: those on which what is counted in it was done."""

    ids: set[str]
    opened: Fact | None = None
    closed: Fact | None = None
    since: date | None = None
    terms: dict[str, Any] = field(default_factory=dict)
    days: list[date] = field(default_factory=list)
    away: bool = False


def ran(opened: Fact | None, day: date) -> bool:
    """Whether it ran when the day opened."""
    return opened is None or opened.day < day


class State:
    """One state as the events of a life go by."""

    def __init__(self, name: str, facts: list[Fact]) -> None:
        self.said, self.facts = STATES[name], facts
        self.key: str = self.said["key"]
        self.spells: list[Spell] = []
        self.stays: set[str] = set()
        self.interrupted: Spell | None = None
        self.over: set[str] = set()
        self.begun = {f.get(self.key) for f in facts if self._does("opens", f)}
        if self.said.get("presumed") and self._begun_before():
            self.spells.append(Spell(set()))

    @property
    def open(self) -> list[Spell]:
        return [spell for spell in self.spells if spell.closed is None]

    def _does(self, what: str, fact: Fact) -> bool:
        return any(fits(trigger, fact, self.facts) for trigger in self.said.get(what, []))

    def _begun_before(self) -> bool:
        """Unless the first day on which anything was seen of it saw a beginning."""
        moves = [f for f in self.facts if leaves(f) or self._does("opens", f) or self._does("closes", f)]
        return not any(f.day == moves[0].day and self._does("opens", f) for f in moves)

    def see(self, fact: Fact) -> None:
        if leaves(fact):
            self._close(self.open, fact)
            self.interrupted = None
            return
        ids = named(fact, self.key)
        if self._does("stays", fact):
            self.stays.update(ids)
            for spell in self.open:
                spell.away = True
        elif self._does("rests", fact):
            for spell in self.open:
                spell.away = spell.away or bool(spell.ids & set(ids))
        elif self._does("closes", fact):
            self._end(fact, ids)
        elif self._does("opens", fact):
            self._begin(fact, ids)
        self._learn_terms(fact, ids)

    def _end(self, fact: Fact, ids: list[str]) -> None:
        if self.stays & set(ids):  # back from a stay elsewhere
            for spell in self.open:
                spell.away = False
            return
        if self.interrupted is not None and self.interrupted.ids & set(ids):
            self.interrupted = None
        here = self.open
        self.over |= set(ids)
        if ids:
            here = [s for s in here if s.ids & set(ids) or (not s.ids and self._ends(s, fact))]
            here = [s for s in here if not s.away]
        else:
            here = [s for s in here if self._ends(s, fact)]
        if fact.kind == "adoption.placed" and here:
            self.interrupted = here[-1]
        self._close(here, fact)

    def _ends(self, spell: Spell, fact: Fact) -> bool:
        """Naming none it ends what ran when the day opened, else what began that day; with two hours all that ran."""
        older = any(ran(s.opened, fact.day) and (s.closed is None or s.closed.day == fact.day) for s in self.spells)
        by_hours = fact.at is not None and spell.opened is not None and spell.opened.at is not None
        return not older or by_hours or ran(spell.opened, fact.day)

    def _close(self, spells: list[Spell], fact: Fact) -> None:
        for spell in spells:
            spell.closed = fact

    def _begin(self, fact: Fact, ids: list[str]) -> None:
        same = [s for s in self.open if s.ids & set(ids)]
        carries_on = any(fact.get(name) == value for name, value in self.said.get("carries_on", {}).items())
        if fact.kind == "adoption.disrupted":
            if not self.open:
                again = self.interrupted or Spell(set())
                self.spells.append(Spell(again.ids, fact, None, again.since or fact.day, again.terms, again.days))
                self.interrupted = None
        elif same:
            same[-1].away = False
        elif carries_on and self.open:
            self.open[-1].away, self.open[-1].ids = False, set(ids)
        else:
            if self.said.get("one_at_a_time"):
                self._close(self.open, fact)
            self.spells.append(Spell(set(ids), fact, None, fact.day))

    def _learn_terms(self, fact: Fact, ids: list[str]) -> None:
        for trigger in self.said.get("facts", []):
            if not fits(trigger, fact, self.facts):
                continue
            for spell in self.open[-1:]:
                if not ids or spell.ids & set(ids):
                    told = {name: fact.get(name) for name in trigger["take"]}
                    spell.terms |= {name: value for name, value in told.items() if value is not None}

    def of(self, fact: Fact) -> Spell | None:
        """The spell that an event belongs to: the one it names, else the one that runs. One named whose beginning
        nobody saw is presumed to have begun before."""
        ids = set(named(fact, self.key))
        if not ids:
            return self.open[-1] if self.open else None
        here = [spell for spell in self.open if spell.ids & ids]
        if not here and self.said.get("presumed") and not ids & self.begun:
            if ids & self.over:
                return None
            if nameless := [spell for spell in self.open if not spell.ids]:
                nameless[-1].ids = set(ids)
            else:
                self.spells.append(Spell(set(ids)))
            return self.of(fact)
        return here[-1] if here else None

    def held_at(self, referral: Fact) -> bool:
        """Whether it held at a referral: asked of the whole life, since a day known only as a day proves nothing."""
        return any(_before(s.opened, referral) and not _over(s.closed, referral) for s in self.spells)


def _before(opened: Fact | None, referral: Fact) -> bool:
    if opened is None or opened.day != referral.day:
        return opened is None or opened.day < referral.day
    return opened.at is not None and referral.at is not None and opened.at < referral.at


def _over(closed: Fact | None, referral: Fact) -> bool:
    if closed is None or closed.day != referral.day:
        return closed is not None and closed.day < referral.day
    return closed.at is None or referral.at is None or closed.at < referral.at
