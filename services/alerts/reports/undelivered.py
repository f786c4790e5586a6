"""Says what has not been delivered, and for whom nobody answers: for whoever runs the machine."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, exists, func, or_, select

from schemas.store.engine import reader, table_of
from schemas.store.tables import Attempt, ClockRow, Delivery, Notice
from schemas.time.days import london_day
from services.alerts.delivery.post import OLDEST
from services.alerts.routes.line import Routes
from services.alerts.sweep.candidates import live_generation_if_any

_NOTICE, _DELIVERY, _ATTEMPT, _CLOCK = (table_of(t) for t in (Notice, Delivery, Attempt, ClockRow))


class Outstanding(NamedTuple):
    """Notices of the last 30 days that wait; those that a channel has taken and has no receipt of yet (`sent`); and
    those that nobody on the line could be given by any channel, which are tried again every 6 hours. `why`: what the
    channels said of the latter, each once. `unmanned`: teams with running clocks for which nobody answers today
    (without routes: none)."""

    waiting: int
    failed: int
    why: tuple[str, ...]
    unmanned: tuple[str, ...]
    sent: int


def outstanding(engine: Engine, now: datetime, routes: Routes | None) -> Outstanding:
    """Returns how it stands at `now`."""
    with reader(engine) as connection:
        why = connection.execute(_last_tries(now, _ATTEMPT.c.outcome == "refused", _ATTEMPT.c.next_try_at.is_not(None)))
        failed = why.scalars().all()
        sent = len(connection.execute(_last_tries(now, _ATTEMPT.c.outcome == "sent")).all())
        undelivered: int = connection.execute(_undelivered(now, routes)).scalar_one()
        unmanned = routes.unmanned(teams(connection), london_day(now)) if routes is not None else []
    waiting = undelivered - len(failed) - sent
    return Outstanding(max(0, waiting), len(failed), tuple(sorted(set(failed))), tuple(unmanned), sent)


def teams(connection: Connection) -> list[str]:
    """The teams that are responsible for a running clock now."""
    query = (
        select(_CLOCK.c.team_now)
        .distinct()
        .where(_CLOCK.c.generation == (live_generation_if_any(connection) or 0), _CLOCK.c.first_rung_at.is_not(None))
    )
    return sorted(connection.execute(query).scalars())


def _undelivered(now: datetime, routes: Routes | None) -> Select[Any]:
    """Returns how many of the last notices whom they are for does not have; a copy elsewhere does not count for a
    person."""
    through = exists().where(_ATTEMPT.c.notice == _NOTICE.c.id, _ATTEMPT.c.outcome == "delivered")
    copied = exists().where(_DELIVERY.c.notice == _NOTICE.c.id)
    has_it = or_(through, and_(_NOTICE.c.recipient.is_(None), copied)) if routes is not None else copied
    return select(func.count()).select_from(_NOTICE).where(_NOTICE.c.created_at >= now - OLDEST, ~has_it)


def _last_tries(now: datetime, *which: ColumnElement[bool]) -> Select[Any]:
    """Returns what was said at the last try of each notice, where that try is as asked. A refusal with a time to try
    again is one after which nobody is left to try."""
    later = _ATTEMPT.alias("later")
    newer = exists().where(later.c.notice == _ATTEMPT.c.notice, later.c.number > _ATTEMPT.c.number)
    return (
        select(_ATTEMPT.c.why)
        .join_from(_ATTEMPT, _NOTICE, _NOTICE.c.id == _ATTEMPT.c.notice)
        .where(_NOTICE.c.created_at >= now - OLDEST, ~newer, *which)
    )
