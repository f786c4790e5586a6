"""The stored moment from which managers are told. None stored: no bound."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, delete, insert, select

from schemas.store.engine import reader, table_of
from schemas.store.tables import GoLive, Notice
from services.alerts.sweep.candidates import live_generation_if_any, to_look_at

_GO_LIVE, _NOTICE = table_of(GoLive), table_of(Notice)


def set_go_live(engine: Engine, at: datetime) -> None:
    """Tell managers from `at` (an instant) on. What was overdue before goes into one list for each team at
    the first sweep after it. Setting it again moves the moment; what was told stays told."""
    with engine.begin() as connection:
        connection.execute(delete(_GO_LIVE))
        connection.execute(insert(_GO_LIVE).values(id=1, at=at))


class HeldBack(NamedTuple):
    """Nobody is told before `until` (an instant); `clocks` have something to tell of and wait for it."""

    until: datetime
    clocks: int


def held_back(engine: Engine, now: datetime) -> HeldBack | None:
    """Returns what waits for a go-live that is still to come at `now`; None where there is none to come."""
    with reader(engine) as connection:
        until = go_live_in(connection)
        if until is None or until <= now:
            return None
        live = live_generation_if_any(connection)
        return HeldBack(until, 0 if live is None else len(to_look_at(connection, live, now)))


def had_routes(engine: Engine) -> bool:
    """Whether any sweep yet told people by a routes file, and not teams alone."""
    with reader(engine) as connection:
        told = select(_NOTICE.c.id).where(_NOTICE.c.recipient.is_not(None)).limit(1)
        return connection.execute(told).first() is not None


def get_go_live(engine: Engine) -> datetime | None:
    """The stored moment, or None."""
    with reader(engine) as connection:
        return go_live_in(connection)


def go_live_in(connection: Connection) -> datetime | None:
    """The stored moment as seen by an open transaction, or None."""
    return connection.execute(select(_GO_LIVE.c.at)).scalar()
