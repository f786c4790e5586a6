"""What the topics hold at the end, beside what the store holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kafka import KafkaConsumer
from kafka.structs import TopicPartition
from sqlalchemy import Engine, select

from schemas.kafka import options as kafka_options
from schemas.kafka.records import encode, read_case_events
from schemas.kafka.topics import CASE_EVENTS, CLOCK_CHANGES, topics
from schemas.settings.settings import Settings
from schemas.store.engine import reader, table_of
from schemas.store.tables import LoggedEvent
from services.timeliness.table.announce import changes
from services.timeliness.table.progress import live_of
from services.timeliness.table.rows import CLOCK

_LOG = table_of(LoggedEvent)


def unpublished(settings: Settings, store: Engine) -> int:
    """Events of the log that no record of case-events holds."""
    said = {entry.seq for record in _all_of(settings, CASE_EVENTS) for entry in read_case_events(record.value).events}
    with reader(store) as connection:
        return sum(seq not in said for seq in connection.execute(select(_LOG.c.seq)).scalars())


def stale(settings: Settings, store: Engine) -> int:
    """Clocks of which clock-changes says last something else than the clock table."""
    last = {record.key.decode(): record.value for record in _all_of(settings, CLOCK_CHANGES)}
    with reader(store) as connection:
        there = set(connection.execute(select(CLOCK.c.id).where(CLOCK.c.generation == live_of(connection))).scalars())
        return sum(
            _plain(last.get(clock)) != _plain(None if now is None else encode(now))
            for clock, now in changes(connection, there | last.keys(), 0)
        )


def _plain(value: bytes | None) -> dict[str, Any] | None:
    """A record without the position it was folded at."""
    import msgspec

    return None if value is None else {**msgspec.json.decode(value), "seq": 0}


def _all_of(settings: Settings, name: str) -> Iterator[Any]:
    """Every record, each partition's in its order."""
    topic = topics(settings)[name].name
    consumer = KafkaConsumer(**kafka_options.client(settings), auto_offset_reset="earliest")
    try:
        places = [TopicPartition(topic, n) for n in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < end for place, end in ends.items()):
            for some in consumer.poll(timeout_ms=500).values():
                yield from some
    finally:
        consumer.close()
