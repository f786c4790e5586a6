"""Folding made-up events without a store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas.clock import Clock
from services.timeliness.fold.child import Folded, fold_child
from services.timeliness.history.coverage import Coverage
from services.timeliness.history.facts import fact_of
from services.timeliness.history.history import history
from tests.laws.stores import CALENDAR, register
from tests.laws.strategies import Given


def folded(given: Sequence[Given], child: str = "C1") -> Folded:
    """What all the standards make of one child's events."""
    facts = [fact_of(g.event, g.known_at) for g in given if g.event.about == "child"]
    return fold_child(list(register().standards.values()), history(child, facts, covered(given)), CALENDAR)


def covered(given: Iterable[Given]) -> dict[str, Coverage]:
    said = [g.event for g in given if g.event.kind == "feed.covered"]
    return {source: Coverage.stated([e for e in said if e.source == source]) for source in {e.source for e in said}}


def by_id(clocks: Iterable[Clock]) -> list[Clock]:
    return sorted(clocks, key=lambda clock: clock.id)
