"""Finds the children with events that are not folded yet. Alerts for them wait, since their clocks may be out of date.

A claim waits 15 minutes at most, counted from when the first unfolded event was known; then silence is the greater
risk and it is told, with an alarm for whoever runs the machine.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from schemas.events.event import trusted
from schemas.store.engine import table_of
from schemas.store.tables import LoggedEvent, Progress

LONGEST_WAIT = timedelta(minutes=15)

_LOG, _PROGRESS = table_of(LoggedEvent), table_of(Progress)


class Ahead(NamedTuple):
    """Children with events the clocks have not folded. `waiting`: leave them. `stalled`: waited for long
    enough."""

    waiting: frozenset[str]
    stalled: frozenset[str]


def ahead(connection: Connection, generation: int, now: datetime) -> Ahead:
    """Who is ahead of what a generation has folded of their shard. An event of one id of a merged child concerns them
    all."""
    since = (
        select(_LOG.c.subject, func.min(_LOG.c.known_at))
        .join_from(_PROGRESS, _LOG, _LOG.c.shard == _PROGRESS.c.shard)
        .where(_PROGRESS.c.generation == generation, _LOG.c.seq > _PROGRESS.c.folded_to)
        .where(_LOG.c.subject.is_not(None))
        .group_by(_LOG.c.subject)
    )
    known = {subject: at for subject, at in connection.execute(since)}  # noqa: C416  (a row is not a pair to mypy)
    if not known:
        return Ahead(frozenset(), frozenset())
    stalled = {child for child, at in known.items() if now - at >= LONGEST_WAIT}
    groups = _merged(connection)
    out = [
        {each for child in children for each in groups.get(child, {child})}
        for children in (set(known) - stalled, stalled)
    ]
    return Ahead(frozenset(out[0] - out[1]), frozenset(out[1]))


def _merged(connection: Connection) -> dict[str, set[str]]:
    """Each merged id with every id of its group. A merge since retracted counts too: its child only waits
    longer."""
    groups: dict[str, set[str]] = {}
    for (payload,) in connection.execute(select(_LOG.c.payload).where(_LOG.c.type == "child.merged")):
        if payload is None:
            continue  # erased
        event = trusted(payload)
        joined = groups.get(event.subject, {event.subject}) | groups.get(event.data.into, {event.data.into})
        groups.update(dict.fromkeys(joined, joined))
    return groups
