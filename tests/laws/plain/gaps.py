"""What must hold: one clock for each gap, due on the day on which it opens."""

from __future__ import annotations

from itertools import groupby

from tests.laws.plain.facts import Fact
from tests.laws.plain.life import Life, Row
from tests.laws.plain.rules import RULES, limit, some
from tests.laws.plain.states import State, leaves


class Gaps:
    def __init__(self, standard: str, life: Life) -> None:
        self.standard, self.life, self.rule = standard, life, RULES[standard]
        self.needed = [State(name, []) for name in self.rule["while"]]
        self.held = State(self.rule["holds"], [])
        self.worker_of: dict[str, str] = {}
        self.rows: list[Row] = []

    def see(self, fact: Fact) -> None:
        if fact.kind == "worker.allocated":
            self.worker_of[fact.data.allocation_id] = fact.data.worker
        if fact.kind == "worker.left":
            for spell in self.held.open:
                if any(self.worker_of.get(one) == fact.subject for one in spell.ids):
                    spell.closed = fact
        for state in [*self.needed, self.held]:
            state.see(fact)

    def is_needed(self) -> bool:
        return any(spell.opened for state in self.needed for spell in state.open)

    def is_gap(self) -> bool:
        return self.is_needed() and not self.held.open

    def running(self) -> list[Row]:
        return [row for row in self.rows if row.ended is None]

    def end(self, how: str, fact: Fact) -> None:
        """A gap one end of which is known only by its day, closed on that day, is no gap."""
        for row in self.running():
            row.ended, row.ended_on, row.ended_by = how, fact.day, fact
            if fact.day == row.started_on and None in (fact.at, row.begun.at):
                self.rows.remove(row)


def gaps_of(standard: str, life: Life) -> list[Row]:
    """Whether anything still asks for it is looked at when the day is over; what is of one moment, at once."""
    gaps = Gaps(standard, life)
    for _, day in groupby(life.with_leaving, key=lambda fact: fact.day):
        for _, moment in groupby(day, key=lambda fact: fact.moment):
            opener = None
            for fact in moment:
                before = gaps.is_gap()
                gaps.see(fact)
                opener = fact if gaps.is_gap() and not before else opener
            if gaps.held.open:
                gaps.end("stopped", fact)
            elif gaps.is_gap() and not gaps.running() and opener is not None:
                if limit(gaps.rule, fact.day, {}, None) is not None:
                    gaps.rows.append(Row(standard, opener, fact.day, fact.day))
            if leaves(fact):
                gaps.end("cancelled", fact)
        if not gaps.is_needed():
            gaps.end("cancelled", fact)
    kinds = {trigger["event"] for trigger in some(gaps.held.said["opens"])}
    return [life.finish(row, kinds) for row in gaps.rows]
