"""How long managers waited for what they were told, and how long the system took to recover."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Engine, select

from schemas.store.engine import reader, table_of
from schemas.store.tables import Alert, LoggedEvent
from services.timeliness.table.progress import live_of
from services.timeliness.table.rows import CLOCK

_ALERT, _LOG = table_of(Alert), table_of(LoggedEvent)
_rungs = msgspec.json.Decoder(tuple[tuple[str, datetime], ...])


class Spread(NamedTuple):
    """Seconds: nearest rank, of so many."""

    p50: float
    p95: float
    max: float
    of: int

    @classmethod
    def of_these(cls, seconds: Sequence[float]) -> Spread | None:
        ranked = sorted(seconds)
        if not ranked:
            return None

        def rank(share: float) -> float:
            return round(ranked[max(0, -(-int(share * 100) * len(ranked) // 100) - 1)], 2)

        return cls(rank(0.5), rank(0.95), round(ranked[-1], 2), len(ranked))


def lateness(store: Engine, told_at: datetime | None = None) -> list[float]:
    """Of each rung told of a clock that still has it: seconds from when it could be told (it had come, and the last that
    was known of the child by then was in the log) to when it was claimed. With `told_at`, of those claimed then."""
    with reader(store) as connection:
        known: dict[str, list[datetime]] = {}
        order = select(_LOG.c.subject, _LOG.c.known_at).order_by(_LOG.c.seq)
        for child, at in connection.execute(order):
            known.setdefault(child, []).append(at)
        live = CLOCK.c.generation == live_of(connection)
        query = select(CLOCK.c.id, CLOCK.c.rungs).where(live, CLOCK.c.rungs.is_not(None))
        come = {clock: dict(_rungs.decode(rungs)) for clock, rungs in connection.execute(query)}
        a = _ALERT.c
        told = connection.execute(select(a.clock, a.child, a.rung, a.told_at).where(a.skipped.is_(False)))
        return [
            max(0.0, (at - max(come[clock][rung], _last(known[child], at))).total_seconds())
            for clock, child, rung, at in told
            if rung in come.get(clock, {}) and told_at in (None, at)
        ]


def _last(moments: list[datetime], by: datetime) -> datetime:
    """The last of some moments in order that is not after another."""
    return moments[max(0, bisect_right(moments, by) - 1)]
