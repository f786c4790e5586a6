"""Trying again what was refused as another child's, once a merge or its withdrawal says anew who is one child."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from schemas.store.engine import batches, table_of
from schemas.store.quarantine import waits
from schemas.store.tables import Quarantined
from services.ingest.decide.accept import Accepted, decide, read
from services.ingest.intake.known import known_of
from services.ingest.intake.quarantine import raw_of

_QUARANTINE = table_of(Quarantined)
AT_ONCE = 500


def may_say_who_is_one_child(accepted: Iterable[Accepted]) -> bool:
    """Whether a merge is among these events, or a withdrawal, which may be of one."""
    return any(one.event.kind in ("child.merged", "event.retracted") for one in accepted)


def acceptable_now(connection: Connection) -> list[Accepted]:
    """The corrections that were refused as another child's and are to be taken now, in the order in which they came."""
    query = (
        select(_QUARANTINE.c.raw, _QUARANTINE.c.raw_hash)
        .where(_QUARANTINE.c.code == "wrong_subject", waits())
        .order_by(_QUARANTINE.c.id)
    )
    raws = [raw for row in connection.execute(query).mappings() if (raw := raw_of(row)) is not None]
    return [one for some in batches(raws, AT_ONCE) for one in _accepted(connection, some)]


def _accepted(connection: Connection, raws: Sequence[bytes]) -> list[Accepted]:
    events = [read(raw) for raw in raws]
    known = known_of(connection, events)
    accepted = []
    for event in events:
        outcome = decide(event, known)
        if isinstance(outcome, Accepted):
            known.add(outcome)
            accepted.append(outcome)
    return accepted
