"""Which ids are one child, and whether a merge would make a child its own survivor. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas.events.chains import corrects, settle
from schemas.events.event import CaseEvent

Into = dict[str, set[str]]


class Merges:
    """Holds what is known of merges, for some children: their `child.merged` events and what corrects them.

    Only the children named are looked at; every event of theirs that is known should be added.
    """

    def __init__(self, children: Iterable[str] = (), events: Iterable[CaseEvent] = ()) -> None:
        self._children = frozenset(children)
        self._events: list[CaseEvent] = []
        self._corrected = False
        self._into: Into | None = {}  # worked out anew where a correction came
        for event in events:
            self.add(event)

    def __bool__(self) -> bool:
        return bool(self._children)

    def add(self, event: CaseEvent) -> None:
        """Takes an event into account, if it says anything about a merge of these children."""
        if event.subject not in self._children or not (event.kind == "child.merged" or corrects(event)):
            return
        self._events.append(event)
        self._corrected = self._corrected or corrects(event)
        if self._corrected or self._into is None:
            self._into = None
        else:
            self._into.setdefault(event.subject, set()).add(event.data.into)

    def closes_cycle(self, event: CaseEvent) -> bool:
        """Whether, with this event, a child would be merged through others into itself."""
        if event.kind == "child.merged" and not corrects(event) and not self._corrected:
            return event.subject in _reached(self._standing(), {event.data.into})
        if event.kind != "child.merged" and not (corrects(event) and self._events):
            return False
        into = _into([*self._events, event])
        return any(child in _reached(into, into[child]) for child in into)

    def one_child(self, one: str, other: str) -> bool:
        """Whether two ids stand for the same child, by the merges that hold."""
        into = self._standing()
        return not {one, *_reached(into, {one})}.isdisjoint({other, *_reached(into, {other})})

    def _standing(self) -> Into:
        if self._into is None:
            self._into = _into(self._events)
        return self._into


def _reached(into: Mapping[str, set[str]], children: set[str]) -> set[str]:
    """These children and all whom they are merged into, directly or through others."""
    seen: set[str] = set()
    left = set(children)
    while left:
        child = left.pop()
        if child not in seen:
            seen.add(child)
            left |= into.get(child, set())
    return seen


def _into(events: list[CaseEvent]) -> Into:
    """Into whom each child is merged, corrections and withdrawals settled."""
    into: Into = {}
    for one in settle(events).standing:
        event = events[one.at]
        if event.kind == "child.merged":
            into.setdefault(event.subject, set()).add(event.data.into)
    return into
