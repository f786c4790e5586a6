"""Workers who left, as the histories of the children whom they held tell it. Pure.

A worker's leaving is about a worker and not about a child; it ends what that worker still held, for each child.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.events.event import CaseEvent, from_dict
from services.timeliness.history.facts import Fact, fact_of
from services.timeliness.history.history import in_effect

LEFT, HELD, NO_LONGER = "worker.left", "worker.allocated", "worker.deallocated"
Leavings = Mapping[str, list[Fact]]


def leavings(events: list[Fact]) -> dict[str, list[Fact]]:
    """Returns by worker the leavings in effect, in order, of `worker.left` and whatever replaces or retracts one."""
    found: dict[str, list[Fact]] = {}
    for fact in sorted(in_effect(events, child_of=str), key=lambda each: each.key):
        if fact.kind == LEFT:
            found.setdefault(fact.event.subject, []).append(fact)
    return found


def no_longer_held(facts: Iterable[Fact], left: Leavings) -> list[Fact]:
    """Returns an ending (`worker.deallocated`, by the event of the leaving) for each allocation of one child whose
    worker left afterwards; the first leaving ends it.

    Allocated on 2 May to a worker who left on 10 May and was back on 1 June: held from 2 to 10 May.
    """
    held = [fact for fact in facts if fact.kind == HELD and fact.data.worker in left]
    pairs = [(fact, next((one for one in left[fact.data.worker] if one.key > fact.key), None)) for fact in held]
    return [_ending(fact, gone) for fact, gone in pairs if gone is not None]


def _ending(held: Fact, gone: Fact) -> Fact:
    event: CaseEvent = gone.event
    raw: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": NO_LONGER,
        "subject": held.event.subject,
        "data": {"allocation_id": held.data.allocation_id, "reason": "left_post"},
        "recordedtime": event.recordedtime,
    }
    raw |= {"time": event.time} if event.time is not None else {"occurredon": event.occurredon}
    ended = fact_of(from_dict({name: value for name, value in raw.items() if value is not None}), gone.known_at)
    ended.root = (
        f"{gone.root}\n{held.source}\n{held.root}"  # one leaving ends many: what begins with it is another each
    )
    return ended
