"""Lists what was refused and is in quarantine."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, select

from schemas.store.engine import reader, table_of
from schemas.store.quarantine import waits
from schemas.store.tables import Quarantined, Settled

_QUARANTINE, _SETTLED = table_of(Quarantined), table_of(Settled)


def quarantined(engine: Engine, settled: bool = False) -> list[dict[str, Any]]:
    """Every record that was refused and waits still, oldest first; `settled`: those that wait no longer too, with how
    they were settled. `raw` is the record as it came."""
    columns: list[Any] = [
        _QUARANTINE.c[name] for name in ("id", "received_at", "place", "code", "reason", "subject", "raw")
    ]
    columns += [_SETTLED.c.how.label("settled"), _SETTLED.c.reason.label("because")] if settled else []
    query = select(*columns).order_by(_QUARANTINE.c.id)
    if settled:
        query = query.outerjoin_from(_QUARANTINE, _SETTLED, _SETTLED.c.quarantined == _QUARANTINE.c.id)
    query = query.where(_QUARANTINE.c.erased_at.is_(None) if settled else waits())
    with reader(engine) as connection:
        return [dict(row._mapping) for row in connection.execute(query)]
