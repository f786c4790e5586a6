"""What a return says again, and says differently. Pure.

A return says the whole of a child's story each time, under ids that are a hash of child, kind and natural
key. So a fact that comes again is a duplicate; one that comes with other content is a correction, and goes
into the log as a further event that replaces the version in effect. Its id is a hash of the fact's id, the
version it replaces and what it says: the same files in the same order give the same log, and a file imported
again after a later one ends at what it says, as a replacement of the replacement.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import blake2b

import msgspec

from schemas.events.event import CaseEvent, canonical

_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)


def in_effect(logged: Iterable[CaseEvent]) -> dict[str, CaseEvent]:
    """The version of each fact that is in effect, by the id under which the fact was first said.

    Of rival replacements the later `recordedtime`, then the greater `id`, wins, as in the fold. A withdrawn
    version counts here: a return that repeats it does not bring it back.
    """
    by_id = {event.id: event for event in logged}
    replaced_by: dict[str, CaseEvent] = {}
    for event in by_id.values():
        if event.replaces is not None:
            rival = replaced_by.get(event.replaces)
            if rival is None or _rank(event) > _rank(rival):
                replaced_by[event.replaces] = event
    latest: dict[str, CaseEvent] = {}
    for root in by_id.values():
        if root.replaces is None:
            seen, last = {root.id}, root
            while (following := replaced_by.get(last.id)) is not None and following.id not in seen:
                seen.add(following.id)
                last = following
            latest[root.id] = last
    return latest


def _rank(event: CaseEvent) -> tuple[datetime, str]:
    return (event.recordedtime or _EARLIEST, event.id)


def revision(event: CaseEvent, latest: CaseEvent | None) -> CaseEvent:
    """The event to take in for what a return says now, given the version in effect (None: never said).

    The event itself if it is new; the version in effect if that says the same (a duplicate); else one that
    replaces it.
    """
    if latest is None:
        return event
    if _content(event) == _content(latest):
        return latest
    parts = (event.id, latest.id, _content(event).decode())
    digest = blake2b(msgspec.json.encode(parts), digest_size=16).hexdigest()
    return msgspec.structs.replace(event, id=digest, replaces=latest.id)


def _content(event: CaseEvent) -> bytes:
    """All that it says but for who it is and what it replaces."""
    return canonical(msgspec.structs.replace(event, id="-", replaces=None))
