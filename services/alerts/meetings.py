"""Which meeting began a clock, so that brothers and sisters whose review is due from one meeting are counted once."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, select

from schemas.clock import Clock
from schemas.store import batches, table_of
from schemas.tables import LoggedEvent

_LOG = table_of(LoggedEvent)


class _Data(msgspec.Struct):
    meeting_id: str | None = None


class _Event(msgspec.Struct):
    data: _Data = msgspec.field(default_factory=_Data)


_decode = msgspec.json.Decoder(_Event).decode


def meetings(connection: Connection, clocks: Iterable[Clock]) -> dict[str, str]:
    """The meeting that each clock began with, by the clock's id; clocks that began otherwise are left out."""
    causes: dict[str, list[Clock]] = {}
    for clock in clocks:
        causes.setdefault(clock.cause, []).append(clock)
    found: dict[str, str] = {}
    for some in batches(sorted(causes), 500):
        query = select(_LOG.c.id, _LOG.c.payload).where(_LOG.c.id.in_(some), _LOG.c.payload.is_not(None))
        for id, payload in connection.execute(query):
            meeting = _decode(payload).data.meeting_id
            found |= {clock.id: meeting for clock in causes[id] if meeting is not None}
    return found
