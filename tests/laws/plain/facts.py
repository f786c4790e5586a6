"""What holds of all that was said, and the order of a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from schemas.events.event import content
from schemas.events.vocabulary import KINDS
from tests.laws.plain.days import london

NEVER = datetime(1, 1, 1, tzinfo=UTC)
OPENING, TIMED, CLOSING = 0, 1, 2  # the parts of a day


@dataclass(eq=False)
class Fact:
    """One fact as it was last said. `at`: None where the day alone is known. `was`: the versions that it replaced, the
    first one first."""

    kind: str
    id: str
    source: str
    subject: str
    data: Any
    at: datetime | None
    day: date
    known_at: datetime
    recorded: datetime | None
    place: tuple[Any, ...]
    was: list[Fact] = field(default_factory=list)

    def get(self, name: str) -> Any:
        return getattr(self.data, name, None)

    @property
    def moment(self) -> tuple[Any, ...]:
        """The day, the part of it and the hour: what of one moment comes first only the kinds say."""
        return self.place[:3]


def in_effect(given: Iterable[Any]) -> list[Fact]:
    """The facts that hold, in their order."""
    told = list(given)
    return sorted(filter(None, map(_holds, _chains(told))), key=lambda fact: fact.place)


def _names(g: Any) -> set[tuple[str, str]]:
    event = g.event
    return {(event.source, name) for name in (event.id, event.replaces, event.retracts) if name is not None}


def _chains(told: list[Any]) -> list[list[Any]]:
    """A fact is all that name one another, an id that has not arrived among them."""
    chains: list[tuple[set[tuple[str, str]], list[Any]]] = []
    for g in told:
        names, members = _names(g), [g]
        for chain in [chain for chain in chains if chain[0] & names]:
            names, members = names | chain[0], members + chain[1]
            chains.remove(chain)
        chains.append((names, members))
    return [members for _, members in chains]


def _holds(chain: list[Any]) -> Fact | None:
    """What holds of a fact: its latest statement, unless a withdrawal outlives it."""
    by_id = {g.event.id: g for g in chain}
    versions = [g for g in chain if g.event.retracts is None]

    def target(g: Any) -> Any:
        return by_id.get(g.event.replaces or g.event.retracts)

    def before(g: Any) -> list[Any]:
        """What it names, what that names, and so on, nearest first."""
        found: list[Any] = []
        while (earlier := target(g)) is not None and earlier not in found:
            found, g = [*found, earlier], earlier
        return found

    def undone(g: Any) -> bool:
        """A withdrawal that was itself withdrawn, or replaced by a version that says the fact again."""
        naming = [other for other in chain if target(other) is g and other.event.retracts is not None]
        return any(g in before(v) for v in versions) or any(not undone(other) for other in naming)

    def recorded(g: Any) -> datetime:
        return g.event.recordedtime or NEVER

    withdrawals = [g for g in chain if g.event.retracts is not None and not undone(g)]
    withdrawals = [g for g in withdrawals if target(g) is None or target(g).event.retracts is None]
    last = [g for g in versions if not any(g in before(v) for v in versions)]
    if not last:
        return None
    best = max(last, key=lambda g: (recorded(g), content(g.event), g.event.id))
    for withdrawal in withdrawals:
        if recorded(best) <= max(map(recorded, [withdrawal, *before(withdrawal)])):
            return None
    fact = fact_of(best)
    fact.was = [fact_of(g) for g in reversed(before(best)) if g.event.retracts is None]
    return fact


def fact_of(g: Any) -> Fact:
    event = g.event
    day = event.occurredon or london(event.time)
    return Fact(
        event.kind,
        event.id,
        event.source,
        event.subject,
        event.data,
        event.time,
        day,
        g.known_at,
        event.recordedtime,
        _place(event, day),
    )


def _place(event: Any, day: date) -> tuple[Any, ...]:
    """A beginning of which only the day is known stands before the day's first hour, whatever else has no hour after
    its last. At one moment: who the child is, a referral, a start, what is done, an end."""
    kind = KINDS[event.kind]
    begins = kind.edge in ("start", "referral")
    part = TIMED if event.time is not None else OPENING if begins else CLOSING
    order = {"referral": 11, "end": 40}.get(kind.edge, kind.order)
    return (
        day,
        part,
        event.time or NEVER,
        order,
        not begins,
        event.recordedtime or NEVER,
        content(event),
        event.source,
        event.id,
    )
