"""The day as of which the views answer: that of the last sweep."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, insert, update

from schemas.store.engine import table_of
from schemas.store.view_tables import Today
from schemas.time.days import london_day

_TODAY = table_of(Today)


def note_today(engine: Engine, now: datetime) -> None:
    """Note that a sweep has looked at everything as it is at `now`."""
    values = {"day": london_day(now), "at": now}
    with engine.begin() as connection:
        if not connection.execute(update(_TODAY).values(**values)).rowcount:
            connection.execute(insert(_TODAY).values(id=1, **values))
