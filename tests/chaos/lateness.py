"""How long managers waited for what they were told, and how long the system took to recover."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import Engine, select

from schemas.store import reader, table_of
from schemas.tables import Alert, LoggedEvent
from services.timeliness.clockrows import CLOCK
from services.timeliness.progress import live_of

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
    """Of each rung told in a clock's first spell and still the clock's: seconds from when it could be told, which is
    when it came or when the event that began the clock was in the log, whichever was later, to when it was claimed. A
    clock that became overdue only by a later withdrawal shows as late as if it had been so from the beginning. With
    `told_at`, of those claimed at that moment."""
    with reader(store) as connection:
        known = {id: at for id, at in connection.execute(select(_LOG.c.id, _LOG.c.known_at))}  # noqa: C416
        clocks = {
            row.id: (known.get(row.cause), dict(_rungs.decode(row.rungs)))
            for row in connection.execute(
                select(CLOCK.c.id, CLOCK.c.cause, CLOCK.c.rungs).where(
                    CLOCK.c.generation == live_of(connection), CLOCK.c.rungs.is_not(None)
                )
            )
        }
        told = connection.execute(
            select(_ALERT.c.clock, _ALERT.c.rung, _ALERT.c.told_at)
            .where(_ALERT.c.skipped.is_(False), _ALERT.c.spell == 1)
        ).all()  # fmt: skip
    found = []
    for clock, rung, at in told:
        begun, come = clocks.get(clock, (None, {}))
        if begun is not None and rung in come and told_at in (None, at):
            found.append(max(0.0, (at - max(begun, come[rung])).total_seconds()))
    return found
