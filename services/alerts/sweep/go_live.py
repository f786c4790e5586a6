"""The stored moment from which managers are told. None stored: no bound."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, select

from schemas.store.engine import reader, table_of
from schemas.store.tables import GoLive

_GO_LIVE = table_of(GoLive)


def set_go_live(engine: Engine, at: datetime) -> None:
    """Tell managers from `at` (an instant) on. What was overdue before goes into one list for each team at
    the first sweep after it. Setting it again moves the moment; what was told stays told."""
    with engine.begin() as connection:
        connection.execute(delete(_GO_LIVE))
        connection.execute(insert(_GO_LIVE).values(id=1, at=at))


def get_go_live(engine: Engine) -> datetime | None:
    """The stored moment, or None."""
    with reader(engine) as connection:
        return go_live_in(connection)


def go_live_in(connection: Connection) -> datetime | None:
    """The stored moment as seen by an open transaction, or None."""
    return connection.execute(select(_GO_LIVE.c.at)).scalar()
