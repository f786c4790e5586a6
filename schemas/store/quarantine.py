"""Which quarantined records still wait: for being sent right, taken in on another try, or set aside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from schemas.store.engine import table_of
from schemas.store.tables import Quarantined, Settled

_QUARANTINE, _SETTLED = table_of(Quarantined), table_of(Settled)


def waits(by: datetime | None = None) -> ColumnElement[bool]:
    """Makes a condition on a row of quarantine: neither erased nor settled, by a moment (None: by now)."""
    of_it = select(_SETTLED.c.quarantined).where(_SETTLED.c.quarantined == _QUARANTINE.c.id)
    settled = exists(of_it if by is None else of_it.where(_SETTLED.c.at <= by))
    return and_(_QUARANTINE.c.erased_at.is_(None), ~settled)


def how_many_wait(connection: Connection) -> int:
    """Counts the quarantined records that wait."""
    query = select(func.count()).select_from(_QUARANTINE).where(waits())
    return connection.execute(query).scalar_one()
