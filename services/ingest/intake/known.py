"""Looking up what must be known to decide on a batch of events."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, select

from schemas.events.event import CaseEvent, trusted
from schemas.store.engine import among, literally, table_of
from schemas.store.erased import erased_names
from schemas.store.tables import LoggedEvent
from services.ingest.decide.accept import Identity, LogContext, Rejected, Seen
from services.ingest.decide.merges import Merges

_LOG = table_of(LoggedEvent)


def known_of(connection: Connection, batch: Sequence[CaseEvent | Rejected]) -> LogContext:
    """Returns what the log says of the events of a batch: of their identities, of those they correct, of their
    merges."""
    named: set[Identity] = set()
    moving: set[str] = set()  # children whom an event of the batch may merge or un-merge
    merging = []
    for one in batch:
        if isinstance(one, Rejected):
            if one.identity:
                named.add(one.identity)
            continue
        named.add((one.source, one.id))
        if target := one.replaces or one.retracts:
            named.add((one.source, target))
            moving.add(one.subject)
        if one.kind == "child.merged":
            merging.append(one)
    seen = _seen(connection, named)
    return LogContext(seen, _merges(connection, merging, moving, _across(batch, seen)))


def _across(batch: Sequence[CaseEvent | Rejected], seen: Mapping[Identity, Seen]) -> set[str]:
    """Children one of whom corrects an event of the other; nearly always there are none."""
    own = {(one.source, one.id): one.subject for one in batch if isinstance(one, CaseEvent)}
    found: set[str] = set()
    for one in batch:
        target = None if isinstance(one, Rejected) else one.replaces or one.retracts
        if target is None or isinstance(one, Rejected):
            continue
        named = seen.get((one.source, target))
        subject = named.subject if named is not None else own.get((one.source, target))
        if subject is not None and subject != one.subject:
            found |= {subject, one.subject}
    return found


def _seen(connection: Connection, named: Collection[Identity]) -> dict[Identity, Seen]:
    columns = (_LOG.c.source, _LOG.c.id, _LOG.c.subject, _LOG.c.salt, _LOG.c.hash)
    rows = connection.execute(select(*columns).where(among(connection, _LOG.c.id, {id for _, id in named})))
    seen = {(source, id): Seen(subject, salt, content) for source, id, subject, salt, content in rows}
    if (erased := erased_names(connection)) is not None:
        identities = {erased.of(*one): one for one in named}
        for id in connection.execute(select(_LOG.c.id).where(among(connection, _LOG.c.id, identities))).scalars():
            identity = identities[id]  # also where it was said again, without what it named
            seen[identity] = Seen(seen[identity].subject if identity in seen else None)
    return seen


def _merges(
    connection: Connection, merging: Sequence[CaseEvent], moving: Collection[str], across: Collection[str]
) -> Merges:
    """Every merge that leads on from the children in question. Nearly always there is none, and this costs one
    query, or nothing."""
    children = {event.subject for event in merging} | {event.data.into for event in merging}
    children |= _merged_among(connection, moving) | set(across)
    found: list[CaseEvent] = []
    told: set[str] = set()
    while children:
        told |= children
        events = _of(connection, children)
        found += events
        children = {event.data.into for event in events if event.kind == "child.merged"} - told
    return Merges(told, found)


def _merged_among(connection: Connection, children: Collection[str]) -> set[str]:
    if not children:
        return set()
    merged = literally(_LOG.c.type, "child.merged")
    query = select(_LOG.c.subject).where(among(connection, _LOG.c.subject, children), merged)
    return set(connection.execute(query).scalars())


def _of(connection: Connection, children: Collection[str]) -> list[CaseEvent]:
    query = select(_LOG.c.payload).where(among(connection, _LOG.c.subject, children))
    return [trusted(payload) for payload in connection.execute(query).scalars()]
