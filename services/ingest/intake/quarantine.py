"""Keeping what was refused: whole, with the reason, once however often it is sent; and entering that it is settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from schemas.store.engine import add_rows, among, table_of
from schemas.store.erased import erased_names
from schemas.store.quarantine import waits
from schemas.store.tables import Quarantined, Settled
from services.ingest.decide.accept import Accepted, Identity, Rejected
from services.ingest.decide.sketch import sketch

TAKEN, REFUSED_AGAIN, SET_ASIDE = "taken", "refused_again", "set_aside"
_QUARANTINE = table_of(Quarantined)


class Refused(NamedTuple):
    """A record, where it came from, and why it was refused."""

    raw: bytes
    place: str
    why: Rejected


def keep(connection: Connection, refused: Sequence[Refused], now: datetime) -> None:
    """Puts records in quarantine, where they are not there already for the same reason, or were and are erased."""
    rows: list[dict[str, Any]] = [
        {
            "received_at": now,
            "place": place,
            "code": why.code,
            "reason": why.reason,
            "subject": why.subject,
            "raw": as_text(raw),
            "raw_hash": sha256(raw).hexdigest(),
        }
        for raw, place, why in refused
    ]
    erased = _erased(connection, [row["raw_hash"] for row in rows])
    add_rows(connection, Quarantined, [row for row in rows if row["raw_hash"] not in erased])


def _erased(connection: Connection, hashes: Sequence[str]) -> set[str]:
    """Returns the hashes of those records that were in quarantine and are erased."""
    names = erased_names(connection) if hashes else None
    if names is None:
        return set()
    by_name = {names.of("quarantine", one): one for one in hashes}
    there = select(_QUARANTINE.c.raw_hash).where(among(connection, _QUARANTINE.c.raw_hash, by_name))
    return {by_name[name] for name in connection.execute(there).scalars()}


def as_text(raw: bytes) -> str:
    """The record as text: bytes that are not UTF-8, and NUL, which no database takes, are escaped as `\\xe9`."""
    return raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def taken(connection: Connection, accepted: Sequence[Accepted], now: datetime) -> None:
    """Settles what waits and claims to be one of these events, which were accepted now."""
    children = {one.subject for one in accepted}
    theirs = (among(connection, _QUARANTINE.c.subject, children), waits())
    if rows := connection.execute(select(_QUARANTINE.c.id, _QUARANTINE.c.raw).where(*theirs)).all():
        came = {(one.event.source, one.event.id) for one in accepted}
        settle(connection, {id: TAKEN for id, raw in rows if identity_of(raw) in came}, now)


def raw_of(row: Any) -> bytes | None:
    """The record as it came; None where it was kept with its bytes escaped, so that it cannot be tried again."""
    raw: bytes = (row["raw"] or "").encode()
    return raw if sha256(raw).hexdigest() == row["raw_hash"] else None


def settle(connection: Connection, how: Mapping[int, str], now: datetime, reason: str | None = None) -> None:
    """Enters that records, by their number, wait no longer."""
    rows = [{"quarantined": one, "at": now, "how": each, "reason": reason} for one, each in sorted(how.items())]
    add_rows(connection, Settled, rows)


def identity_of(raw: str | None) -> Identity | None:
    """The event that a record claims to be, where that can be read."""
    found = sketch((raw or "").encode())
    return (found.source, found.id) if found.source and found.id else None
