"""Says how far the clocks are folded: by generation and shard, and by which rules.

A shard is behind where the log holds an event of it after the position it is folded to, or where it was folded by
other rules than ours. Whoever asks finds it so, whatever a message said or did not say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from schemas.kafka.shards import SHARDS, shard_of
from schemas.store.engine import table_of, write_rows
from schemas.store.tables import Generation, LoggedEvent, Progress

LOG, GENERATION, PROGRESS = (table_of(t) for t in (LoggedEvent, Generation, Progress))
ALL = range(SHARDS)


class RuleVersions(NamedTuple):
    """By which register and which calendar clocks are folded."""

    register: str
    calendar: str


class ShardState(NamedTuple):
    """A shard in a generation. `head`: the last event the log holds of it, 0 for none."""

    generation: int
    shard: int
    folded_to: int
    head: int
    rules: RuleVersions

    @property
    def behind(self) -> bool:
        return self.head > self.folded_to

    def is_new_to(self, rules: RuleVersions) -> bool:
        """Whether nothing was folded yet by these rules."""
        return self.rules != rules or not self.folded_to


def head_of(connection: Connection) -> int:
    """The last position of the log; 0 where it is empty."""
    head: int = connection.execute(select(func.coalesce(func.max(LOG.c.seq), 0))).scalar_one()
    return head


def live_of(connection: Connection) -> int | None:
    """The live generation; None before the first fold."""
    return connection.execute(select(GENERATION.c.live)).scalar()


def states(connection: Connection, shards: Collection[int] = ALL) -> list[ShardState]:
    """Every shard of the live generation and of those being built, in order."""
    head = select(func.max(LOG.c.seq)).where(LOG.c.shard == PROGRESS.c.shard).correlate(PROGRESS).scalar_subquery()
    p = PROGRESS.c
    query = (
        select(p.generation, p.shard, p.folded_to, head, p.register_version, p.calendar_version)
        .where(p.shard.in_(sorted(shards)))
        .order_by(p.generation, p.shard)
    )
    return [
        ShardState(generation, shard, folded_to, last or 0, RuleVersions(register, calendar))
        for generation, shard, folded_to, last, register, calendar in connection.execute(query)
    ]


def begin(connection: Connection, generation: int, rules: RuleVersions) -> None:
    """A generation of which nothing is folded yet."""
    write_rows(
        connection,
        Progress,
        [
            {
                "generation": generation,
                "shard": shard,
                "folded_to": 0,
                "register_version": rules.register,
                "calendar_version": rules.calendar,
            }
            for shard in ALL
        ],
    )


def begin_live(connection: Connection, rules: RuleVersions) -> None:
    """The first generation."""
    connection.execute(insert(GENERATION).values(id=1, live=1))
    begin(connection, 1, rules)


def folded(connection: Connection, generation: int, shards: Iterable[int], to: int, rules: RuleVersions) -> None:
    """Note that shards are folded up to a position."""
    connection.execute(
        update(PROGRESS)
        .where(PROGRESS.c.generation == generation, PROGRESS.c.shard.in_(sorted(shards)))
        .values(folded_to=to, register_version=rules.register, calendar_version=rules.calendar)
    )


def to_fold_anew(connection: Connection, children: Iterable[str]) -> None:
    """Note that nothing of these children's shards is folded by rules that hold: whoever comes next folds them anew."""
    shards = sorted({shard_of(child) for child in children})
    connection.execute(update(PROGRESS).where(PROGRESS.c.shard.in_(shards)).values(register_version=""))


def drop(connection: Connection, generation: int) -> None:
    connection.execute(delete(PROGRESS).where(PROGRESS.c.generation == generation))


def make_live(connection: Connection, generation: int) -> None:
    connection.execute(update(GENERATION).values(live=generation))


def unfolded(generation: int) -> Any:
    """A condition that joins the log to the progress of a generation: events it has not folded."""
    p = PROGRESS.c
    return and_(p.generation == generation, LOG.c.shard == p.shard, LOG.c.seq > p.folded_to)
