"""Emptying quarantine: a record leaves the list of those that wait when it is in the log after all, or when somebody
says why it need not be. Nothing is taken out: that it is settled is entered beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, select

from schemas.errors import CaseclockError
from schemas.store.engine import batches, reader, table_of
from schemas.store.quarantine import waits
from schemas.store.tables import Quarantined
from services.ingest.decide.accept import Duplicate, decide, read
from services.ingest.intake.intake import take_in
from services.ingest.intake.known import known_of
from services.ingest.intake.quarantine import REFUSED_AGAIN, SET_ASIDE, TAKEN, identity_of, raw_of, settle
from services.ingest.readers.given import Given

_QUARANTINE = table_of(Quarantined)
AT_ONCE = 500


class Settling(NamedTuple):
    """Holds how many records a try settled, and how many wait still; of one refused again for another reason, the
    new row."""

    settled: int
    waiting: int


class NotWaiting(CaseclockError):
    """No record of that number waits. The message says which."""


def retry(engine: Engine, now: datetime) -> Settling:
    """Takes in again whatever waits, as if it came now, and settles what is in the log then: because it was taken, or
    because the event it claims to be came right meanwhile. Killed in the middle, the next try does the rest."""
    before = _waiting(engine)
    raws = [raw for raw in map(raw_of, before) if raw is not None]
    take_in(engine, Given(raws, "quarantine"), history=False, now=now)
    newest: dict[str, int] = {}
    for row in _waiting(engine):
        newest[row["raw_hash"]] = max(row["id"], newest.get(row["raw_hash"], 0))
    with engine.begin() as connection:
        for some in batches(before, AT_ONCE):
            settle(connection, _settled(connection, some, newest), now)
    left = _waiting(engine)
    still = {row["id"] for row in left}
    return Settling(sum(row["id"] not in still for row in before), len(left))


def set_aside(engine: Engine, ids: Collection[int], reason: str, now: datetime) -> None:
    """Says of records that wait that they need not be taken in, and why. Raises NotWaiting, or ValueError for a reason
    that is empty or names the child; then of none."""
    if not reason.strip() or "\0" in reason:
        raise ValueError("setting a record aside needs a reason, as text, for those who ask later")
    waiting = {row["id"]: row for row in _waiting(engine)}
    if missing := sorted(set(ids) - waiting.keys()):
        raise NotWaiting(f"no record number {', '.join(map(str, missing))} waits in quarantine")
    if any((child := waiting[one]["subject"]) and child in reason for one in ids):
        raise ValueError("the reason names the child; it is kept for ever, so leave the id out")
    with engine.begin() as connection:
        settle(connection, dict.fromkeys(ids, SET_ASIDE), now, reason)


def _waiting(engine: Engine) -> list[dict[str, Any]]:
    query = select(_QUARANTINE).where(waits()).order_by(_QUARANTINE.c.id)
    with reader(engine) as connection:
        return [dict(row._mapping) for row in connection.execute(query)]


def _settled(connection: Connection, rows: Sequence[Mapping[str, Any]], newest: Mapping[str, int]) -> dict[int, str]:
    """Returns how each of these is settled, of those that are. Only a conflict says of itself that the log has
    another event of its identity."""
    events = [read((row["raw"] or "").encode()) for row in rows]
    known = known_of(connection, events)
    found = {}
    for row, event in zip(rows, events, strict=True):
        outcome = decide(event, known)
        claimed = row["code"] != "conflict" and identity_of(row["raw"]) in known.events
        if claimed or isinstance(outcome, Duplicate):
            found[row["id"]] = TAKEN
        elif newest.get(row["raw_hash"], 0) > row["id"]:
            found[row["id"]] = REFUSED_AGAIN
    return found
