"""A return that says a known fact differently corrects it: looked up here, decided in `readers.revisions`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from schemas.events import CaseEvent, trusted
from schemas.store import among, table_of
from schemas.tables import LoggedEvent
from services.ingest.accept import Rejected
from services.ingest.readers.revisions import in_effect, revision

_LOG = table_of(LoggedEvent)

Read = CaseEvent | Rejected


def revised(connection: Connection, batch: Sequence[Read]) -> list[Read]:
    """The batch as it is to be decided on: each event as it stands if new, as the version in effect if it says
    the same, or as a replacement of that version. What was erased has no version, and stays as it stands."""
    latest = _in_effect(connection, {one.subject for one in batch if not isinstance(one, Rejected)})
    return [
        one if isinstance(one, Rejected) else revision(one, latest.get((one.source, one.subject, one.id)))
        for one in batch
    ]


def _in_effect(connection: Connection, subjects: set[str]) -> dict[tuple[str, str, str], CaseEvent]:
    """By source, subject and the id under which a fact was first said."""
    query = select(_LOG.c.payload).where(among(connection, _LOG.c.subject, subjects)).order_by(_LOG.c.seq)
    of: dict[tuple[str, str], list[CaseEvent]] = {}
    for payload in connection.execute(query).scalars():
        event = trusted(payload)
        of.setdefault((event.source, event.subject), []).append(event)
    return {
        (*whose, root): event for whose, logged in of.items() for root, event in in_effect(logged).items()
    }
