"""Erasing a child: what the log and quarantine hold about the child is blanked, and that it was is entered.

Known_at, hash and chain stay, so that the log still verifies; in place of the id stays a keyed digest of it, so that
the same event sent again is a duplicate and nobody can find out whose it was by trying (`schemas.store.erased`). What
the log tells of other children and names this one in is said again without the name (`services.ingest.log.said_again`).
All of it in one transaction, with whatever else is to go in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update

from schemas.errors import CaseclockError
from schemas.store.engine import among, hold, table_of
from schemas.store.erased import MARK, NO_SHARD, ErasedNames, names_to_erase_by
from schemas.store.tables import Erasure, LoggedEvent
from services.ingest.decide.naming import Names
from services.ingest.log.append import Log
from services.ingest.log.erase_quarantine import blank_quarantine
from services.ingest.log.journal import ERASED as JOURNALLED
from services.ingest.log.journal import enter
from services.ingest.log.said_again import naming_others, other_children, said_again

_LOG, _ERASURE = table_of(LoggedEvent), table_of(Erasure)

Group = Callable[[Connection, str], Collection[str]]
Also = Callable[[Connection, "Erasing"], None]


class ErasureRefused(CaseclockError, ValueError):
    """The erasure was not asked for as it must be; nothing was erased. The message says why."""


class Erasing(NamedTuple):
    """What is being erased: the ids of the child, how they are found in a text, when, and the other children of whom
    something was said again."""

    ids: frozenset[str]
    names: Names
    now: datetime
    others: frozenset[str]


class Erased(NamedTuple):
    """Holds how many events and quarantined records were blanked, how many facts of other children were said again,
    and the names that must be found nowhere any more: the child's ids and those of the events."""

    events: int
    quarantined: int
    said_again: int = 0
    gone: frozenset[str] = frozenset()


def erase(
    engine: Engine,
    child: str,
    reason: str,
    now: datetime,
    group: Group = lambda connection, child: {child},
    also: Sequence[Also] = (),
) -> Erased:
    """Blanks a child's events, and what is in quarantine about the child or names the child. In one transaction.

    `group`: every id of the child, given one of them. `also`: what else is to go in the transaction. `reason` is kept,
    and must say whose decision it was rather than who the child is. Raises ErasureRefused without one, and KeyMissing.
    Doing it again does nothing.
    """
    if not reason.strip() or "\0" in reason:
        raise ErasureRefused("an erasure needs a reason, as text: who decided it, and when")
    with engine.begin() as connection:
        hold(connection, "log")  # else more of the child could come between entering and blanking
        ids = frozenset(group(connection, child)) | {child}
        names = Names(ids, other_children(connection, ids))
        if names.within(reason):
            raise ErasureRefused("the reason names the child; it is kept for ever, so leave the id out")
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        keyed = names_to_erase_by(connection)
        others = naming_others(connection, names)
        theirs = _theirs(connection, ids)
        again = said_again(others, names)
        if rows := [*theirs, *others]:
            enter(connection, now, JOURNALLED, {"positions": sorted(row.seq for row in rows), "reason": reason})
        _blank(connection, keyed, rows, reason, now)
        log = Log(connection, now)
        log.append([one.accepted for one in again], [one.known_at for one in again])
        quarantined = blank_quarantine(connection, keyed, names, reason, now)
        gone = frozenset(one.id for one in (*theirs, *others)) - {one.accepted.event.id for one in again}
        erasing = Erasing(ids, names, now, frozenset(one.accepted.subject for one in again))
        for step in also:
            step(connection, erasing)
    return Erased(len(theirs), quarantined, len(again), ids | gone)


def _theirs(connection: Connection, ids: Collection[str]) -> list[Any]:
    query = select(_LOG.c.seq, _LOG.c.source, _LOG.c.id).where(
        among(connection, _LOG.c.subject, ids), _LOG.c.payload.is_not(None)
    )
    return list(connection.execute(query.order_by(_LOG.c.seq)))


def _blank(connection: Connection, keyed: ErasedNames, rows: Sequence[Any], reason: str, now: datetime) -> None:
    """Enters that rows are erased, and blanks them. Those erased before ids went too lose theirs now."""
    before = select(_LOG.c.seq, _LOG.c.source, _LOG.c.id).where(
        _LOG.c.payload.is_(None), func.substr(_LOG.c.id, 1, 1) != MARK
    )
    old = list(connection.execute(before))
    if rows:
        entries = [{"seq": row.seq, "erased_at": now, "reason": reason} for row in rows]
        connection.execute(insert(_ERASURE), entries)
    blanked = dict.fromkeys(("type", "subject", "occurred_on", "recorded_at", "salt", "payload"))
    blanking = (
        update(_LOG).where(_LOG.c.seq == bindparam("at")).values(id=bindparam("named"), shard=NO_SHARD, **blanked)
    )
    if named := [{"at": row.seq, "named": keyed.of(row.source, row.id)} for row in (*rows, *old)]:
        connection.execute(blanking, named)
