"""Whether a merge would make a child its own survivor. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.events.event import CaseEvent

_Key = tuple[str, str]


class Merges:
    """What is known of merges, for some children: their `child.merged` events and what corrects them.

    Only the children named are looked at; every event of theirs that is known should be added.
    """

    def __init__(self, children: Iterable[str] = (), events: Iterable[CaseEvent] = ()) -> None:
        self._of: dict[str, list[CaseEvent]] = {child: [] for child in children}
        for event in events:
            self.add(event)

    def __bool__(self) -> bool:
        return bool(self._of)

    def add(self, event: CaseEvent) -> None:
        """Takes an event into account, if it says anything about a merge of these children."""
        if event.subject in self._of and (event.kind == "child.merged" or correcting(event)):
            self._of[event.subject].append(event)

    def closes_cycle(self, event: CaseEvent) -> bool:
        """Whether, with this event, its subject would be merged through others into itself."""
        if event.kind != "child.merged" and not self._of.get(event.subject):
            return False
        here = _survivors([*self._of.get(event.subject, ()), event])
        seen: set[str] = set()
        while here:
            child = here.pop()
            if child == event.subject:
                return True
            if child not in seen:
                seen.add(child)
                here |= _survivors(self._of.get(child, ()))
        return False


def correcting(event: CaseEvent) -> bool:
    return event.replaces is not None or event.retracts is not None


def _survivors(events: Iterable[CaseEvent]) -> set[str]:
    """Into whom the events of one child merge it: those not retracted or replaced by what itself stands."""
    events = list(events)
    undone_by: dict[_Key, list[_Key]] = {}
    for event in events:
        if target := event.replaces or event.retracts:
            undone_by.setdefault((event.source, target), []).append((event.source, event.id))

    def stands(key: _Key, seen: frozenset[_Key]) -> bool:
        return not any(by not in seen and stands(by, seen | {by}) for by in undone_by.get(key, ()))

    return {
        event.data.into
        for event in events
        if event.kind == "child.merged" and stands((event.source, event.id), frozenset({(event.source, event.id)}))
    }
