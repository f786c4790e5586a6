"""The journal: what we did ourselves, an entry an act, append-only and chained as the log is. It names no child."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, insert, select

from schemas.store.audit_tables import JournalEntry
from schemas.store.engine import hold, table_of
from services.ingest.decide.chain import BEGINNING
from services.ingest.log.row import spelt

_JOURNAL = table_of(JournalEntry)
ERASED, FROZEN, RULES = "erased", "frozen", "rules first used"


class Entry(NamedTuple):
    """An act, what is told of it, and the chain at it."""

    seq: int
    at: datetime
    act: str
    told: dict[str, Any]
    chain: bytes


def enter(connection: Connection, at: datetime, act: str, told: Mapping[str, Any]) -> None:
    """Enters an act, in the caller's transaction."""
    hold(connection, "log")
    last = connection.execute(select(_JOURNAL.c.seq, _JOURNAL.c.chain).order_by(_JOURNAL.c.seq.desc()).limit(1)).first()
    seq, before = (last.seq + 1, last.chain) if last else (1, BEGINNING)
    text = msgspec.json.encode(dict(told)).decode()
    chain = link(before, seq, spelt(at), act, text)
    connection.execute(insert(_JOURNAL).values(seq=seq, at=at, act=act, told=text, chain=chain))


def link(previous: bytes, seq: int, at: str, act: str, told: str) -> bytes:
    """The chain at an entry: SHA-256 of the previous entry's chain, the number in 8 bytes, and as text when, what and
    what is told of it, each after a NUL."""
    return sha256(previous + seq.to_bytes(8, "big") + f"\0{at}\0{act}\0{told}".encode()).digest()


class Broken(Exception):
    """The journal is not whole. The message says where and what."""


def entries(connection: Connection) -> Iterator[Entry]:
    """Every entry, in order. Raises Broken at the first that does not hold."""
    before = BEGINNING
    for expected, row in enumerate(connection.execute(select(_JOURNAL).order_by(_JOURNAL.c.seq)), start=1):
        if row.seq != expected:
            raise Broken(f"the journal: entry {expected} is missing")
        if link(before, row.seq, spelt(row.at), row.act, row.told) != bytes(row.chain):
            raise Broken(f"the journal: entry {expected} was changed, or its place")
        before = bytes(row.chain)
        yield Entry(row.seq, row.at, row.act, msgspec.json.decode(row.told), before)
