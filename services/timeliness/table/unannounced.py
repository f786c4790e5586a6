"""Keeps the changes of clocks that still have to be published to the topic clock-changes.

They are noted in the transaction that changed them, a row for each fold, and the row goes once the broker has them. Who
dies between the two leaves the row, and the next look finds it. Nothing is noted where nothing is on Kafka.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Select, delete, except_, insert, select

from schemas.store.engine import hold, reader, table_of
from schemas.store.tables import Publication, Unannounced
from services.timeliness.table.rows import CLOCK

_NOTE, _PUBLICATION = table_of(Unannounced), table_of(Publication)

# what clock-changes says of a clock, beside its position
SAID = (
    "id",
    "standard",
    "team_now",
    "started_on",
    "due_on",
    "due_at",
    "ended",
    "ended_on",
    "ended_at",
    "first_rung_at",
)


class Note(NamedTuple):
    """Clocks that a fold of the log up to `seq` changed."""

    clocks: frozenset[str]
    seq: int


def on_kafka(connection: Connection) -> bool:
    """Whether anything of this store was ever published, so that somebody may follow clock-changes."""
    return connection.execute(select(_PUBLICATION.c.id)).first() is not None


def note(connection: Connection, shards: Collection[int], clocks: Collection[str], seq: int) -> int | None:
    """Notes clocks of these shards; gives the note's number, None where there is nothing to note."""
    if not clocks:
        return None
    made = connection.execute(
        insert(_NOTE).values(shards=" ".join(map(str, sorted(shards))), clocks=" ".join(sorted(clocks)), seq=seq)
    )
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def notes(engine: Engine) -> list[int]:
    """Those there are, oldest first."""
    with reader(engine) as connection:
        return list(connection.execute(select(_NOTE.c.id).order_by(_NOTE.c.id)).scalars())


def take(connection: Connection, number: int) -> Note | None:
    """A note, for who announces it and then drops it in the same transaction; None if somebody did. Of notes that share
    a shard one is taken at a time, so that what is sent last of a clock is what it is last."""
    where = _NOTE.c.id == number
    shards = connection.execute(select(_NOTE.c.shards).where(where)).scalar()
    if shards is None:
        return None
    hold(connection, *(f"announce shard {shard}" for shard in shards.split()))
    found = connection.execute(select(_NOTE.c.clocks, _NOTE.c.seq).where(where)).first()
    return None if found is None else Note(frozenset(found.clocks.split()), found.seq)


def drop(connection: Connection, number: int) -> None:
    connection.execute(delete(_NOTE).where(_NOTE.c.id == number))


def differing(connection: Connection, one: int, other: int) -> set[str]:
    """Clocks of which clock-changes would say something else by one generation than by another."""

    def said(generation: int) -> Select[Any]:
        return select(*(CLOCK.c[name] for name in SAID)).where(CLOCK.c.generation == generation)

    return {
        str(row[0])
        for here, there in ((one, other), (other, one))
        for row in connection.execute(except_(said(here), said(there)))
    }
