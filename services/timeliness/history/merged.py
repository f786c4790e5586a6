"""Which ids are one child: merges, as the events in effect say. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from services.timeliness.history.facts import Fact, in_order
from services.timeliness.history.history import in_effect


def survivors(events: Iterable[Fact], adopted: frozenset[str] = frozenset()) -> dict[str, str]:
    """For each id that ceased, the id that survives in the end. `events`: every `child.merged` and the retractions and
    replacements of them, in any order.

    An id with an adoption order is never joined: the record before the order and the record after it stay apart.
    A cycle, which ingest refuses, is not followed.
    """
    events = list(events)
    into: dict[str, str] = {}
    for event in in_order(in_effect(events, one_of(ever_joined(events)))):
        ceased, survivor = event.event.subject, event.data.into
        if event.kind == "child.merged" and ceased not in adopted and survivor not in adopted:
            into[ceased] = survivor
    return {ceased: _end(ceased, into) for ceased in into}


def ever_joined(events: Iterable[Fact]) -> dict[str, set[str]]:
    """Returns for each id that any merge names, standing or withdrawn, every id it was ever joined with, itself among
    them."""
    of: dict[str, set[str]] = {}
    for event in events:
        if event.kind == "child.merged":
            pair = (event.event.subject, event.data.into)
            group = set().union(*(of.get(id_, {id_}) for id_ in pair))
            of.update(dict.fromkeys(group, group))
    return of


def one_of(joined: Mapping[str, set[str]]) -> Callable[[str], str]:
    """Returns which child an id stands for where corrections are settled: a correction of a merge, or of what came
    before it, may be under any id that was ever joined."""
    return lambda subject: min(joined[subject]) if subject in joined else subject


def _end(child: str, into: Mapping[str, str]) -> str:
    seen = {child}
    while (following := into.get(child)) is not None and following not in seen:
        seen.add(following)
        child = following
    return child


def members(survivor_of: Mapping[str, str]) -> dict[str, list[str]]:
    """For each survivor, every id of its group, itself among them, in order."""
    found: dict[str, list[str]] = {}
    for ceased, survivor in survivor_of.items():
        found.setdefault(survivor, [survivor]).append(ceased)
    return {survivor: sorted(ids) for survivor, ids in found.items()}
