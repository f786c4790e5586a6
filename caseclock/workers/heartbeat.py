"""Saying in the store that a worker lives, for `caseclock status`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, insert, update

from schemas.store.engine import table_of
from schemas.store.tables import Heartbeat

_HEARTBEAT = table_of(Heartbeat)


def beat(engine: Engine, service: str, worker: str, now: datetime, swept: bool = False) -> None:
    """Notes that it lives, and if so that it has just looked for what was left undone."""
    mine = (_HEARTBEAT.c.service == service, _HEARTBEAT.c.worker == worker)
    values = {"seen_at": now, **({"swept_at": now} if swept else {})}
    with engine.begin() as connection:
        if not connection.execute(update(_HEARTBEAT).where(*mine).values(**values)).rowcount:
            connection.execute(insert(_HEARTBEAT).values(service=service, worker=worker, started_at=now, **values))
