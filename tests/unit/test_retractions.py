"""Retractions of retractions, however many: which events of a child count."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

from services.timeliness.history.facts import Fact, fact_of
from services.timeliness.history.history import in_effect
from tests.helpers.records import event

NOW = datetime(2024, 6, 3, 9, 0, tzinfo=UTC)


def taken_back(names: dict[str, str]) -> set[str]:
    """What counts of `e0` and `e1`, given which retraction names which event or retraction."""
    events: list[Fact] = [fact_of(event(id), NOW) for id in ("e0", "e1")]
    events += [fact_of(event(id, kind="event.retracted", retracts=of), NOW) for id, of in names.items() if id != of]
    return {fact.id for fact in in_effect(events)}


def counts(id: str, names: dict[str, str], seen: frozenset[str]) -> bool:
    """The same by the definition, and short: what stands is named by nothing that stands."""
    return not any(
        counts(by, names, seen | {by}) for by, of in names.items() if of == id and by != of and by not in seen
    )


def test_every_way_in_which_four_retractions_can_name_each_other() -> None:
    ids = ("r0", "r1", "r2", "r3")
    for targets in product(("e0", "e1", *ids), repeat=4):
        names = dict(zip(ids, targets, strict=True))
        expected = {id for id in ("e0", "e1") if counts(id, names, frozenset({id}))}
        assert taken_back(names) == expected, names


def test_a_chain_of_any_length() -> None:
    chain = {f"r{n}": f"r{n - 1}" if n else "e0" for n in range(5_000)}
    assert taken_back(chain) == {"e0", "e1"}
    del chain["r4999"]
    assert taken_back(chain) == {"e1"}
