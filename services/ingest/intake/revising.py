"""A return that says a known fact differently corrects it: looked up here, decided in `readers.revisions`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from schemas.events.event import CaseEvent, trusted
from schemas.store.engine import among, table_of
from schemas.store.tables import LoggedEvent
from services.ingest.decide.accept import Rejected
from services.ingest.readers.revisions import in_effect, revision

_LOG = table_of(LoggedEvent)

Read = CaseEvent | Rejected
Fact = tuple[str, str, str]  # source, subject, the id under which it was first said


class Revising:
    """One import of a return. A fact it says twice, differently, is not a correction of itself: the second goes on as
    it stands and is a conflict, so that the same file again changes nothing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._said: set[Fact] = set()

    def revised(self, batch: Sequence[Read]) -> list[Read]:
        """The batch as it is to be decided on: each event as it stands if new, as the version in effect if it says
        the same, or as a replacement of that version. What was erased has no version, and stays as it stands."""
        latest = _in_effect(self._connection, {one.subject for one in batch if not isinstance(one, Rejected)})
        return [one if isinstance(one, Rejected) else self._one(one, latest) for one in batch]

    def _one(self, event: CaseEvent, latest: dict[Fact, CaseEvent]) -> CaseEvent:
        fact = (event.source, event.subject, event.id)
        before = latest.get(fact)
        now = revision(event, before)
        if fact in self._said and now is not before:
            return event
        self._said.add(fact)
        latest[fact] = now
        return now


def _in_effect(connection: Connection, subjects: set[str]) -> dict[Fact, CaseEvent]:
    """The versions in effect of all that the log holds of some children."""
    query = select(_LOG.c.payload).where(among(connection, _LOG.c.subject, subjects)).order_by(_LOG.c.seq)
    of: dict[tuple[str, str], list[CaseEvent]] = {}
    for payload in connection.execute(query).scalars():
        event = trusted(payload)
        of.setdefault((event.source, event.subject), []).append(event)
    return {(*whose, root): event for whose, logged in of.items() for root, event in in_effect(logged).items()}
