"""One child's life: what holds of it, who the child is, which team answers, which clocks came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from schemas.events.sources import is_return
from schemas.events.vocabulary import KINDS
from tests.laws.plain.coverage import Carried
from tests.laws.plain.days import DAY, birthday, london
from tests.laws.plain.facts import Fact, in_effect
from tests.laws.plain.states import Spell, State, ran


@dataclass(eq=False)
class Row:
    """One clock. `ids`: those by which it is told apart or known again; `begun`: the event that began it."""

    standard: str
    begun: Fact
    started_on: date
    due_on: date | None
    ids: dict[str, str | None] = field(default_factory=dict)
    spell: Spell | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None
    ended: str | None = None
    ended_on: date | None = None
    ended_at: datetime | None = None
    ended_by: Fact | None = None
    recorded_late: bool = False
    instead: str | None = None
    begun_again: bool | None = None
    after_excuse: bool = False
    restarted: bool = False
    unmeasured: bool = False
    lasts_to: date | None = None
    team: str = "unassigned"


class Life:
    """`facts`: all that holds. `childhood`: those of them by which duties begin and end, up to the eve of the 18th
    birthday and the death. Workers' events (`worker.left`) are facts beside the child's own."""

    def __init__(self, given: Iterable[Any]) -> None:
        told = list(given)
        own = in_effect(g for g in told if g.event.about == "child")
        workers = in_effect(g for g in told if g.event.about == "worker" or g.event.kind == "event.retracted")
        left = [f for f in workers if f.kind == "worker.left"]
        self.carried = Carried(told, own)
        self.facts = own
        self.born, self.unborn = self._birth()
        self.eve = birthday(self.born, 18) - DAY if self.born is not None else None
        self.childhood = self._childhood(own)
        self.with_leaving = self._childhood(sorted(own + left, key=lambda fact: fact.place))

    def _birth(self) -> tuple[date | None, bool]:
        born, expected = None, False
        for fact in self.facts:
            if fact.kind == "child.born":
                born = fact.day
            if fact.kind == "child.registered":
                born = fact.data.born_on or born
                expected = expected or fact.data.expected_on is not None
        return born, expected and born is None

    def _childhood(self, facts: list[Fact]) -> list[Fact]:
        young = [fact for fact in facts if self.eve is None or fact.day <= self.eve]
        died = [at for at, fact in enumerate(young) if fact.kind == "child.died"]
        return young[: died[0] + 1] if died else young

    @cached_property
    def case(self) -> State:
        """Whether the case was open, over the whole of childhood."""
        state = State("case_open", self.facts)
        for fact in self.childhood:
            state.see(fact)
        return state

    def case_ran(self, day: date) -> bool:
        """Whether any work of the case ran when a day opened."""
        return any(ran(s.opened, day) and (s.closed is None or s.closed.day >= day) for s in self.case.spells)

    def team_on(self, day: date | None) -> str:
        """The team responsible when a day is over; the last known for what has no day that decides."""
        told = [f for f in self.facts if KINDS[f.kind].assigns_team]
        teams = [f.get("team") for f in told if day is None or f.day <= day]
        return teams[-1] if teams else "unassigned"

    def known_late(self, row: Row, fact: Fact) -> bool:
        """Done on time, known after the due day. A return, or any source that states what it carries, cannot tell
        unless it says when it was recorded."""
        if is_return(fact.source) or (fact.recorded is None and fact.source in self.carried.stated):
            return False
        return row.due_on is not None and london(fact.known_at) > row.due_on

    def finish(self, row: Row, kinds: Iterable[str]) -> Row:
        """Settles what is asked of a clock once all is told: the team, the last day, whether it can be judged."""
        last = min((day for day in (row.due_on, row.ended_on) if day is not None), default=None)
        row.team = self.team_on(last if row.begun_again is None else row.started_on)
        row.lasts_to = self.eve
        row.unmeasured |= not self.carried.whole(kinds, row.started_on, row.due_on or row.started_on)
        return row
