"""The row that a sweep of all clocks leaves, so that it can be shown that somebody looked; each chained to the last."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, func, insert, select

from schemas.store.audit_tables import Tick
from schemas.store.engine import hold, table_of
from schemas.store.tables import Generation, LoggedEvent, Progress
from schemas.time.days import iso

TICK = table_of(Tick)
_LOG, _PROGRESS, _GENERATION = (table_of(table) for table in (LoggedEvent, Progress, Generation))
BEGINNING = bytes(32)


class Looked(NamedTuple):
    """Counts of one sweep: clocks looked at; rungs told, skipped, held for the digest; clocks that waited for the fold;
    notices that failed."""

    looked_at: int
    told: int
    skipped: int
    held: int
    waiting: int
    failed: int


def leave_tick(
    engine: Engine, as_of: datetime, begun_at: datetime, ended_at: datetime, counts: Looked, rungs: Collection[str]
) -> None:
    """Enters that everything was looked at."""
    with engine.begin() as connection:
        hold(connection, "ticks")
        last = connection.execute(select(TICK.c.seq, TICK.c.chain).order_by(TICK.c.seq.desc()).limit(1)).first()
        seq, before = (last.seq + 1, bytes(last.chain)) if last else (1, BEGINNING)
        row: dict[str, Any] = {
            "seq": seq,
            "as_of": as_of,
            "begun_at": begun_at,
            "ended_at": ended_at,
            **_where(connection),
            **counts._asdict(),
            "rungs": sha256("\n".join(sorted(rungs)).encode()).hexdigest(),
        }
        connection.execute(insert(TICK).values(**row, chain=link(before, row)))


def _where(connection: Connection) -> dict[str, int]:
    """How far the log goes, and how far every shard is folded that has anything to fold."""
    head = connection.execute(select(func.coalesce(func.max(_LOG.c.seq), 0))).scalar_one()
    live = select(_GENERATION.c.live).scalar_subquery()
    ahead = select(func.max(_LOG.c.seq)).where(_LOG.c.shard == _PROGRESS.c.shard).correlate(_PROGRESS)
    behind = select(func.min(_PROGRESS.c.folded_to)).where(
        _PROGRESS.c.generation == live, _PROGRESS.c.folded_to < ahead.scalar_subquery()
    )
    folded = connection.execute(behind).scalar()
    return {"head": head, "folded_to": head if folded is None else folded}


def link(previous: bytes, row: Mapping[str, Any]) -> bytes:
    """The chain at a tick: SHA-256 of the previous one's chain and of its columns as a JSON list, instants as text."""
    names = [column.name for column in TICK.columns if column.name != "chain"]
    told = [iso(value) if isinstance(value := row[name], datetime) else value for name in names]
    return sha256(previous + msgspec.json.encode(told)).digest()


def whole_ticks(connection: Connection) -> Iterator[Mapping[str, Any]]:
    """Every tick in order. Raises ValueError at the first that does not hold."""
    before = BEGINNING
    for expected, row in enumerate(connection.execute(select(TICK).order_by(TICK.c.seq)), start=1):
        if row.seq != expected or link(before, dict(row._mapping)) != bytes(row.chain):
            raise ValueError(f"the ticks: row {expected} is missing or was changed")
        before = bytes(row.chain)
        yield dict(row._mapping)
