"""Counting what arrives, by source and day, in the transaction that takes it in: how much, how late, how often put
right."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, func

from schemas.events.event import CaseEvent
from schemas.store.engine import table_of, upserting
from schemas.store.view_tables import Arrival
from schemas.time.days import london_day

_ARRIVAL = table_of(Arrival)
COUNTS = ("accepted", "corrections", "ahead", "same_day", "next_day", "within_5", "within_10", "longer")
_ACCEPTED, _CORRECTIONS, _AHEAD, _SAME_DAY, _NEXT_DAY, _WITHIN_5, _WITHIN_10, _LONGER = range(len(COUNTS))


class Arrivals:
    """Holds what arrived and is not written yet."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, date], list[int]] = {}
        self._last: dict[tuple[str, date], datetime] = {}

    def add(self, event: CaseEvent, known_at: datetime) -> None:
        """An event that was taken in, which became known at an instant."""
        day = london_day(known_at)
        key = event.source, day
        counts = self._counts.get(key)
        if counts is None:
            counts = self._counts[key] = [0] * len(COUNTS)
            self._last[key] = known_at
        elif known_at > self._last[key]:
            self._last[key] = known_at
        time = event.time
        occurred_on: date = event.occurredon if time is None else london_day(time)  # type: ignore[assignment]
        counts[_ACCEPTED] += 1
        counts[_SAME_DAY if occurred_on == day else _late((day - occurred_on).days)] += 1
        if event.replaces is not None or event.retracts is not None:
            counts[_CORRECTIONS] += 1

    def rows(self) -> list[dict[str, object]]:
        """A row for each source and day, in order."""
        return [
            {"source": key[0], "day": key[1], **dict(zip(COUNTS, counts, strict=True)), "last_at": self._last[key]}
            for key, counts in sorted(self._counts.items())
        ]

    def write(self, connection: Connection) -> None:
        """Add it to what is in the store."""
        if not self._counts:
            return
        made = upserting(connection, _ARRIVAL)
        later = func.max if connection.dialect.name == "sqlite" else func.greatest
        sums = {name: _ARRIVAL.c[name] + made.excluded[name] for name in COUNTS}
        sums["last_at"] = later(_ARRIVAL.c.last_at, made.excluded.last_at)
        connection.execute(made.on_conflict_do_update(index_elements=["source", "day"], set_=sums), self.rows())
        self._counts, self._last = {}, {}


def _late(days: int) -> int:
    """Which count a record so many days late belongs to; one of something still ahead apart."""
    for most, count in ((-1, _AHEAD), (0, _SAME_DAY), (1, _NEXT_DAY), (5, _WITHIN_5), (10, _WITHIN_10)):
        if days <= most:
            return count
    return _LONGER
