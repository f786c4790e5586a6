"""Where nobody looked for longer than they should, and which rungs were told late and why."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, select

from schemas.errors import CaseclockError
from schemas.store.aliases import by_id
from schemas.store.engine import among, reader, table_of
from schemas.store.tables import Alert, ClockRow, Generation, LoggedEvent, Notice, Telling
from services.alerts.sweep.ticks import whole_ticks

_ALERT, _CLOCK, _GENERATION = table_of(Alert), table_of(ClockRow), table_of(Generation)
_LOG, _NOTICE, _TELLING = table_of(LoggedEvent), table_of(Notice), table_of(Telling)
_rungs = msgspec.json.Decoder(tuple[tuple[str, datetime], ...])
NOT_LOOKING, NOT_KNOWN, HELD, FOLD = "not looking", "not known", "held for the digest", "waiting for the fold"


class TicksBroken(CaseclockError):
    """The ticks are not whole. The message says where."""


class Gap(NamedTuple):
    """From one look to the next."""

    begun_at: datetime
    ended_at: datetime
    seconds: float


class Late(NamedTuple):
    """A rung that was told later than it came, why, and by how many seconds."""

    alert: str
    standard: str
    team: str
    rung: str
    came_at: datetime
    told_at: datetime
    late_s: float
    reason: str


class Ticks(NamedTuple):
    """How many looks there were, the longest time between two, and which were too long; what was told late."""

    ticks: int
    longest_gap_s: float | None
    gaps: list[Gap]
    late: list[Late]


def ticks(engine: Engine, since: datetime | None, until: datetime | None, every: timedelta) -> Ticks:
    """Returns what is known of looks from a moment to a moment, inclusive. `every`: how long may pass between two, and
    from a rung's coming to its telling. Raises TicksBroken."""
    with reader(engine) as connection:
        try:
            rows = [row for row in whole_ticks(connection) if _within(row["as_of"], since, until)]
        except ValueError as wrong:
            raise TicksBroken(str(wrong)) from None
        rows.sort(key=lambda row: row["as_of"])
        times = [row["as_of"] for row in rows]
        pairs = [Gap(a, b, (b - a).total_seconds()) for a, b in pairwise(times)]
        longest = max((gap.seconds for gap in pairs), default=None)
        gaps = [gap for gap in pairs if gap.seconds > every.total_seconds()]
        return Ticks(len(rows), longest, gaps, _late(connection, rows, since, until, every))


def _within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or since <= at) and (until is None or at <= until)


def _late(
    connection: Connection, rows: Sequence[Any], since: datetime | None, until: datetime | None, every: timedelta
) -> list[Late]:
    query = select(_ALERT).where(~_ALERT.c.skipped).order_by(_ALERT.c.told_at, _ALERT.c.id)
    told = [row for row in connection.execute(query) if _within(row.told_at, since, until)]
    came = _came(connection, {row.clock for row in told})
    by_digest = _by_digest(connection)
    times = [row["as_of"] for row in rows]
    found = []
    for row in told:
        clock = came.get(row.clock)
        at = clock.rungs.get(row.rung) if clock is not None and clock.due_on == row.due_on else None
        if clock is None or at is None or row.told_at - at <= every:
            continue
        between = rows[bisect_left(times, at) : bisect_left(times, row.told_at)]
        why = _reason(at, clock.known_at, row.told_at, every, row.id in by_digest, between)
        late = (row.told_at - at).total_seconds()
        found.append(Late(row.id, row.standard, row.team, row.rung, at, row.told_at, late, why))
    return found


def _reason(
    came: datetime, known: datetime | None, told: datetime, every: timedelta, digest: bool, between: Sequence[Any]
) -> str:
    """The first that holds: it was not known until shortly before, it was held or waited while somebody looked, nobody
    looked."""
    if known is not None and known > came and told - known <= every:
        return NOT_KNOWN
    looked = [row for row in between if known is None or row["as_of"] >= known]
    if looked and digest and any(row["held"] for row in looked):
        return HELD
    if any(row["waiting"] or row["folded_to"] < row["head"] for row in looked):
        return FOLD
    return NOT_KNOWN if known is not None and known > came and not looked and between else NOT_LOOKING


class _Came(NamedTuple):
    """When each rung of a clock came, the due day that is of, and when the event that began it was known."""

    due_on: Any
    rungs: dict[str, datetime]
    known_at: datetime | None


def _came(connection: Connection, clocks: set[str]) -> dict[str, _Came]:
    """By any id of a clock."""
    live = connection.execute(select(_GENERATION.c.live)).scalar()
    if live is None:
        return {}
    named = by_id(connection, live, clocks)
    ids = {*named.values(), *clocks}
    query = select(_CLOCK.c.id, _CLOCK.c.due_on, _CLOCK.c.rungs, _CLOCK.c.cause, _CLOCK.c.child).where(
        _CLOCK.c.generation == live, among(connection, _CLOCK.c.id, ids), _CLOCK.c.rungs.is_not(None)
    )
    rows = connection.execute(query).all()
    causes = select(_LOG.c.id, _LOG.c.known_at).where(among(connection, _LOG.c.id, {row.cause for row in rows}))
    known: dict[str, datetime] = {row.id: row.known_at for row in connection.execute(causes)}
    found = {row.id: _Came(row.due_on, dict(_rungs.decode(row.rungs)), known.get(row.cause)) for row in rows}
    return {one: found[id_] for one in clocks if (id_ := named.get(one, one)) in found}


def _by_digest(connection: Connection) -> set[str]:
    """Alerts of which a digest told."""
    query = select(_TELLING.c.alert).join(_NOTICE, _NOTICE.c.id == _TELLING.c.notice).where(_NOTICE.c.kind == "digest")
    return set(connection.execute(query).scalars())
