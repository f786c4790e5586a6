"""What the feeds carry, and so which clocks can be judged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.laws.plain.days import DAY
from tests.laws.plain.facts import Fact, in_effect

SAYS_NOTHING = {"child.registered", "child.born"}


class Carried:
    """Which kinds were carried on which days, for one child. A source that states nothing carries every kind from its
    first fact about the child on."""

    def __init__(self, given: Iterable[Any], facts: list[Fact]) -> None:
        statements = [g for g in given if g.event.kind == "feed.covered" or g.event.subject == g.event.source]
        self.stated = {g.event.source for g in statements if g.event.kind == "feed.covered"}
        self.spans: list[tuple[set[str] | None, date, date]] = []
        for said in in_effect(statements):
            self.spans.append((set(said.data.kinds), said.data.from_on, min(said.data.to_on, said.data.complete_to)))
        for source in {fact.source for fact in facts} - self.stated:
            days = [fact.day for fact in facts if fact.source == source and fact.kind not in SAYS_NOTHING]
            if days:
                self.spans.append((None, min(days), date.max))

    def whole(self, kinds: Iterable[str], first: date, last: date) -> bool:
        """Whether all of these kinds were carried on every day from the first to the last."""
        return all(self._one(kind, first, last) for kind in kinds)

    def _one(self, kind: str, first: date, last: date) -> bool:
        day = first
        while day <= last:
            to = [end for kinds, start, end in self.spans if start <= day <= end and (kinds is None or kind in kinds)]
            if not to:
                return False
            if max(to) >= last:
                return True
            day = max(to) + DAY
        return True
