"""Says how the whole stands: who works, how far behind each step is, what was refused. From the store alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, func, select

from schemas.store.engine import reader, table_of
from schemas.store.quarantine import how_many_wait
from schemas.store.tables import Alert, Delivery, Heartbeat, LoggedEvent, Notice, Progress, Publication
from services.alerts.reports.undelivered import Outstanding, outstanding
from services.alerts.routes.line import Routes
from services.timeliness.table import progress

_LOG, _PROGRESS, _PUBLICATION = table_of(LoggedEvent), table_of(Progress), table_of(Publication)
_HEARTBEAT, _ALERT = table_of(Heartbeat), table_of(Alert)
_NOTICE, _DELIVERY = table_of(Notice), table_of(Delivery)
ALIVE = timedelta(minutes=3)  # a worker not seen for longer is taken for gone
FORGOTTEN = timedelta(days=1)  # and is no longer shown


class Lag(msgspec.Struct):
    """Holds how far a step is behind the log: events, and seconds since the oldest of them became known."""

    events: int
    seconds: float


class WorkerSeen(msgspec.Struct):
    """A worker. `seconds`: since it was last seen; `swept_seconds`: since it last looked for what was left undone."""

    service: str
    worker: str
    alive: bool
    started_at: datetime
    seconds: float
    swept_seconds: float | None


class Status(msgspec.Struct):
    """`notices`: what was not delivered, and teams for which nobody answers. `events`: in the log. `unfolded`,
    `unpublished`: behind it; the latter None where nothing is published. `undelivered`: notices that no channel has
    yet. `swept_at`: when anybody last looked for clocks to tell of."""

    events: int
    workers: list[WorkerSeen]
    unfolded: Lag
    unpublished: Lag | None
    quarantined: int
    told: int
    undelivered: int
    swept_at: datetime | None
    notices: Outstanding


def status(engine: Engine, now: datetime, routes: Routes | None = None) -> Status:
    """Returns how it stands at `now`."""
    notices = outstanding(engine, now, routes)
    with reader(engine) as connection:
        workers = _workers(connection, now)
        swept = [
            now - timedelta(seconds=w.swept_seconds)
            for w in workers
            if w.service == "alerts" and w.swept_seconds is not None
        ]
        return Status(
            progress.head_of(connection),
            workers,
            _unfolded(connection, now),
            _unpublished(connection, now),
            how_many_wait(connection),
            _count(connection, select(func.count()).select_from(_ALERT).where(~_ALERT.c.skipped)),
            _count(
                connection,
                select(func.count())
                .select_from(_NOTICE)
                .where(~select(_DELIVERY.c.notice).where(_DELIVERY.c.notice == _NOTICE.c.id).exists()),
            ),
            max(swept, default=None),
            notices,
        )


def unfolded(engine: Engine, now: datetime) -> Lag:
    """Returns how far the clocks are behind the log."""
    with reader(engine) as connection:
        return _unfolded(connection, now)


def unfolded_by_shard(engine: Engine) -> dict[int, int]:
    """Returns how many events the clocks are behind, of each shard that is."""
    with reader(engine) as connection:
        behind = _LOG.join(_PROGRESS, progress.unfolded(progress.live_of(connection) or 1))
        query = select(_LOG.c.shard, func.count()).select_from(behind).group_by(_LOG.c.shard)
        return {shard: events for shard, events in connection.execute(query)}  # noqa: C416  (a row is not a pair to mypy)


def unpublished(engine: Engine, now: datetime) -> Lag:
    """Returns how far Kafka is behind the log."""
    with reader(engine) as connection:
        return _unpublished(connection, now) or _lag(connection, select(_LOG), now)


def _workers(connection: Connection, now: datetime) -> list[WorkerSeen]:
    rows = connection.execute(select(_HEARTBEAT).order_by(_HEARTBEAT.c.service, _HEARTBEAT.c.worker))
    return [
        WorkerSeen(
            row.service,
            row.worker,
            now - row.seen_at < ALIVE,
            row.started_at,
            _ago(row.seen_at, now),
            None if row.swept_at is None else _ago(row.swept_at, now),
        )
        for row in rows
        if now - row.seen_at < FORGOTTEN
    ]


def _unfolded(connection: Connection, now: datetime) -> Lag:
    live = progress.live_of(connection)
    if live is None:
        return _lag(connection, select(_LOG), now)
    behind = _LOG.join(_PROGRESS, progress.unfolded(live))
    return _lag(connection, select(_LOG).select_from(behind), now)


def _unpublished(connection: Connection, now: datetime) -> Lag | None:
    published_to = connection.execute(select(_PUBLICATION.c.published_to)).scalar()
    return None if published_to is None else _lag(connection, select(_LOG).where(_LOG.c.seq > published_to), now)


def _lag(connection: Connection, query: Any, now: datetime) -> Lag:
    found = query.with_only_columns(func.count(), func.min(_LOG.c.known_at), maintain_column_froms=True)
    events, oldest = connection.execute(found).one()
    return Lag(events, _ago(oldest, now) if oldest else 0.0)


def _ago(then: datetime, now: datetime) -> float:
    return max(0.0, (now - then).total_seconds())


def _count(connection: Connection, query: Any) -> int:
    found: int = connection.execute(query).scalar_one()
    return found
