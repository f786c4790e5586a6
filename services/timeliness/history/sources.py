"""Two sources of one fact: the higher speaks, the other is kept and shown and counts no second time. Pure.

Sources stand in tiers: those that the setting names, in its order; then live feeds, which are one tier; then returns,
the one made last first. A fact of a lower tier is told by a higher one too where both are of one kind and either carry
the same id of what happened, or lie within five working days of each other, nearest first, one to one. What has no
partner counts: a silence of the higher source deletes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from schemas.events.chains import EARLIEST
from schemas.events.sources import is_return
from schemas.events.vocabulary import KINDS
from services.timeliness.history.facts import Fact

ONLY_IN = "only in "  # and the source: what a fault says of what no higher source tells
WITHIN = 5  # working days between what two sources tell of one fact; bank holidays count as days here
ONCE = frozenset({"child.registered", "child.born", "child.died"})  # of a child there is one, whatever its day
SAME = ("conference", "review", "kind")  # codes that two tellings of one fact have in common


class ToldOnce(NamedTuple):
    """`facts`: those that count, in their order, each with what it shadows. `shadowed`: with the fact that speaks for
    each. `alone`: facts of a lower source that a higher one, which had begun to tell of the child, does not tell."""

    facts: list[Fact]
    shadowed: list[tuple[Fact, Fact]]
    alone: list[Fact]


def told_once(facts: list[Fact], order: Sequence[str] = ()) -> ToldOnce:
    """Pairs what several sources tell of one child. `order`: sources named by the setting, highest first."""
    sources = {fact.source for fact in facts}
    if len(sources) < 2:
        return ToldOnce(facts, [], [])
    tiers = _tiers(facts, sources, order)
    speaking, *lower = [[fact for fact in facts if fact.source in tier] for tier in tiers]
    partners: dict[int, list[Fact]] = {}
    shadowed: list[tuple[Fact, Fact]] = []
    alone: list[Fact] = []
    counted = {id(fact): fact for fact in speaking}
    for told in lower:
        pairs = _pairs(speaking, told)
        paired = {id(low) for _, low in pairs}
        renamed = _renaming(pairs)
        begun = min(fact.day for fact in speaking) if speaking else date.max
        for high, low in pairs:
            partners.setdefault(id(high), []).append(low)
            shadowed.append((low, high))
        rest = [fact for fact in told if id(fact) not in paired]
        alone += [fact for fact in rest if fact.kind not in ONCE and fact.day >= begun]
        counted |= {id(fact): _renamed(fact, renamed) for fact in rest}
        speaking = [*speaking, *rest]
    kept = [
        msgspec.structs.replace(counted[id(fact)], shadows=tuple(partners[id(fact)]))
        if id(fact) in partners
        else counted[id(fact)]
        for fact in facts
        if id(fact) in counted
    ]
    return ToldOnce(kept, shadowed, alone)


def _tiers(facts: list[Fact], sources: set[str], order: Sequence[str]) -> list[set[str]]:
    named = [{source} for source in order if source in sources]
    left = sources - set(order)
    live = {source for source in left if not is_return(source)}
    made = {
        source: max(fact.event.recordedtime or EARLIEST for fact in facts if fact.source == source)
        for source in left - live
    }
    returns = [{source} for source in sorted(made, key=lambda source: (made[source], source), reverse=True)]
    return [tier for tier in (*named, live, *returns) if tier]


def _pairs(high: Iterable[Fact], low: Iterable[Fact]) -> list[tuple[Fact, Fact]]:
    by_kind: dict[str, list[Fact]] = {}
    for fact in high:
        by_kind.setdefault(fact.kind, []).append(fact)
    pairs: list[tuple[Fact, Fact]] = []
    for kind, of_kind in groupby(sorted(low, key=lambda fact: fact.kind), key=lambda fact: fact.kind):
        pairs += _nearest(by_kind.get(kind, []), list(of_kind))
    return pairs


def _nearest(high: list[Fact], low: list[Fact]) -> list[tuple[Fact, Fact]]:
    """One to one: those with the same id first, then the nearest."""
    apart = sorted(
        (distance, n, m)
        for n, one in enumerate(high)
        for m, other in enumerate(low)
        if (distance := _apart(one, other)) <= WITHIN
    )
    pairs: list[tuple[Fact, Fact]] = []
    taken_high: set[int] = set()
    taken_low: set[int] = set()
    for _, n, m in apart:
        if n not in taken_high and m not in taken_low:
            taken_high.add(n)
            taken_low.add(m)
            pairs.append((high[n], low[m]))
    return pairs


def _apart(high: Fact, low: Fact) -> int:
    """Returns the working days between two facts of one kind; less than none where an id or the kind makes them one,
    many where a code tells them apart."""
    if high.kind in ONCE:
        return -1
    if any(getattr(high.data, name, None) != getattr(low.data, name, None) for name in SAME):
        return WITHIN + 1
    own = KINDS[high.kind].own_id
    if own and getattr(high.data, own) == getattr(low.data, own):
        return -1
    first, last = sorted((high.day, low.day))
    if (last - first).days > 2 * WITHIN:
        return WITHIN + 1
    return sum((first + timedelta(days=n)).weekday() < 5 for n in range(1, (last - first).days + 1))


def _renaming(pairs: list[tuple[Fact, Fact]]) -> dict[str, str]:
    """The ids by which the lower source calls what the higher calls otherwise."""
    renamed: dict[str, str] = {}
    for high, low in pairs:
        for name, field in KINDS[high.kind].fields.items():
            theirs, ours = getattr(low.data, name, None), getattr(high.data, name, None)
            if field.type == "id" and theirs and ours and theirs != ours:
                renamed.setdefault(theirs, ours)
    return renamed


def _renamed(fact: Fact, renamed: dict[str, str]) -> Fact:
    """The fact with the higher source's names for what both tell of."""
    changed: dict[str, Any] = {}
    for name, field in KINDS[fact.kind].fields.items():
        value = getattr(fact.data, name, None)
        if field.type == "id" and value in renamed:
            changed[name] = renamed[value]
        elif field.type == "[id]" and value and any(one in renamed for one in value):
            changed[name] = [renamed.get(one, one) for one in value]
    if not changed:
        return fact
    return msgspec.structs.replace(fact, data=msgspec.structs.replace(fact.data, **changed))
