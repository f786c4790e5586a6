"""Keeping what was refused: whole, with the reason, once however often it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection

from schemas.store import add_rows
from schemas.tables import Quarantined
from services.ingest.accept import Rejected


class Refused(NamedTuple):
    """A record, where it came from, and why it was refused."""

    raw: bytes
    place: str
    why: Rejected


def keep(connection: Connection, refused: Sequence[Refused], now: datetime) -> None:
    """Puts records in quarantine, where they are not there already for the same reason."""
    rows = [
        {
            "received_at": now, "place": place, "code": why.code, "reason": why.reason, "subject": why.subject,
            "raw": as_text(raw), "raw_hash": sha256(raw).hexdigest(),
        }
        for raw, place, why in refused
    ]  # fmt: skip
    add_rows(connection, Quarantined, rows)


def as_text(raw: bytes) -> str:
    """The record as text: bytes that are not UTF-8, and NUL, which no database takes, are escaped as `\\xe9`."""
    return raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00")
