"""Telling of clocks that changed: the records of the topic clock-changes."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from kafka import KafkaProducer
from sqlalchemy import Connection, Engine, select

from schemas.kafka.records import ClockChange, encode
from schemas.store.engine import among, batches
from services.timeliness.table import unannounced
from services.timeliness.table.progress import live_of
from services.timeliness.table.rows import CLOCK
from services.timeliness.table.unannounced import SAID

PATIENCE = 30  # seconds until what was sent must be acknowledged


def announce(producer: KafkaProducer, topic: str, engine: Engine, number: int) -> int:
    """Says of each clock of a note how it is now, or that there is no such clock any more, and drops the note; gives
    how many, 0 if somebody did it before. Raises KafkaError if the broker did not take it all: then the note stays."""
    with engine.begin() as connection:
        note = unannounced.take(connection, number)
        if note is None:
            return 0
        _send(producer, topic, list(changes(connection, note.clocks, note.seq)))
        unannounced.drop(connection, number)
    return len(note.clocks)


def _send(producer: KafkaProducer, topic: str, told: list[tuple[str, ClockChange | None]]) -> None:
    sent = [producer.send(topic, key=clock.encode(), value=None if now is None else encode(now)) for clock, now in told]
    producer.flush(timeout=PATIENCE)
    for one in sent:
        one.get(timeout=PATIENCE)


def changes(connection: Connection, clocks: Collection[str], seq: int) -> Iterator[tuple[str, ClockChange | None]]:
    """Each clock with its record. None: it is gone."""
    live = live_of(connection)
    for some in batches(sorted(clocks), 5000):
        query = select(*(CLOCK.c[name] for name in SAID)).where(
            CLOCK.c.generation == live, among(connection, CLOCK.c.id, some)
        )
        there = {row.id: row for row in connection.execute(query)}
        for clock in some:
            row = there.get(clock)
            yield (
                clock,
                None
                if row is None
                else ClockChange(
                    clock=row.id,
                    seq=seq,
                    standard=row.standard,
                    team=row.team_now,
                    started_on=row.started_on,
                    due_on=row.due_on,
                    due_at=row.due_at,
                    ended=row.ended,
                    ended_on=row.ended_on,
                    ended_at=row.ended_at,
                    next_rung_at=row.first_rung_at,
                ),
            )
