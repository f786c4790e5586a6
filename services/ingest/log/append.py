"""The log: append-only, one gapless sequence in commit order, hash-chained. `verify` checks it, `erase` blanks a
child.

Appending happens in one transaction that holds the one lock, from opening the log to the commit: so no row can commit
after a later one, and who reads up to a sequence number has read everything up to it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from schemas.kafka.shards import shard_of
from schemas.store.engine import Stored, append_rows, hold, table_of
from schemas.store.tables import Feed, LoggedEvent
from services.ingest.decide.accept import Accepted
from services.ingest.decide.chain import BEGINNING, SALT, digest, link
from services.ingest.log.arrivals import Arrivals
from services.ingest.log.row import columns, spelt
from services.ingest.log.verify import Verified, verify

__all__ = ["Log", "Verified", "verify"]

_LOG, _FEED = table_of(LoggedEvent), table_of(Feed)


class Log:
    """The log, open for appending until the transaction ends. `seq`: the last number given.

    What is appended is known at `now`, or when the last live event was if the machine's clock has gone back
    since. History is known when it was recorded, if that was earlier.
    """

    def __init__(self, connection: Connection, now: datetime, history: bool = False) -> None:
        hold(connection, "log")
        self._connection = connection
        self._stored = Stored.by(connection)
        self._history = history
        self.seq, self._chain = _tail(connection)
        self.now = max(now, _last_live(connection) or now)
        self._arrivals = Arrivals()

    def append(self, accepted: Sequence[Accepted], said_before: Sequence[datetime] | None = None) -> None:
        """Adds events in the order given. `said_before`: of those that are said again, when they were known
        first; they do not count as arrived."""
        salts = os.urandom(SALT * len(accepted))
        seq, chain, history, stored = self.seq, self._chain, self._history, self._stored
        now, now_stored, blob = self.now, stored.instant(self.now), stored.blob
        rows = []
        for n, one in enumerate(accepted):
            event, payload, salt = one.event, one.payload, salts[n * SALT : n * SALT + SALT]
            recorded = event.recordedtime
            known = recorded if history and recorded is not None and recorded < now else now
            if said_before is not None:
                known = said_before[n]
            kind, subject, day, recorded_at, future = columns(event, known, stored)
            if said_before is None:
                stamp = now_stored if known is now else recorded_at
                self._arrivals.add(event, known)
            else:
                stamp = stored.instant(known)
            seq += 1
            content = digest(salt, payload)
            chain = link(chain, seq, content, spelt(stamp), event.source)
            rows.append(
                (
                    seq,
                    event.source,
                    event.id,
                    kind,
                    subject,
                    day,
                    recorded_at,
                    stamp,
                    future,
                    blob(salt),
                    blob(payload),
                    blob(content),
                    blob(chain),
                    shard_of(subject),
                )
            )
        append_rows(self._connection, LoggedEvent, rows)
        self._arrivals.write(self._connection)
        self.seq, self._chain = seq, chain


def _tail(connection: Connection) -> tuple[int, bytes]:
    last = connection.execute(select(_LOG.c.seq, _LOG.c.chain).order_by(_LOG.c.seq.desc()).limit(1)).first()
    return (last.seq, last.chain) if last else (0, BEGINNING)


def _last_live(connection: Connection) -> datetime | None:
    """When the last live event became known. A source takes no history once it is live, so the last row of any
    live source is a live one."""
    live = select(_FEED.c.source)
    query = select(_LOG.c.known_at).where(_LOG.c.source.in_(live)).order_by(_LOG.c.seq.desc()).limit(1)
    return connection.execute(query).scalar()
