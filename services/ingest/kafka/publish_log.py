"""The log onto Kafka: what is in it and was not published yet, in its order, by shard.

How far it was published is kept in the store, and moves only once the broker has acknowledged. Killed between the two,
the same records are published again; nobody minds, since a record only says where to look. Who publishes holds a lock,
so that records of a shard are in the order of the log whoever publishes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kafka import KafkaProducer
from sqlalchemy import Connection, Engine, insert, select, update

from schemas.kafka.records import CaseEvents, case_events, encode
from schemas.kafka.shards import partition_of
from schemas.store.engine import hold, reader, table_of
from schemas.store.tables import LoggedEvent, Publication

_LOG, _PUBLICATION = table_of(LoggedEvent), table_of(Publication)
AT_ONCE = 5000  # events
PATIENCE = 30  # seconds until what was sent must be acknowledged


class Publisher:
    """Publishes to one topic of so many partitions."""

    def __init__(self, producer: KafkaProducer, topic: str, partitions: int) -> None:
        self._producer, self._topic, self._partitions = producer, topic, partitions

    def publish(self, engine: Engine, now: datetime) -> int:
        """Publishes what was not, 5,000 events at most; gives how many. Raises KafkaError if the broker did not take
        them: then nothing counts as published."""
        if not unpublished(engine):
            return 0
        with engine.begin() as connection:
            hold(connection, "publication")
            published_to = _published_to(connection)
            rows = list(_after(connection, published_to))
            if not rows:
                return 0
            told = [(subject, seq, at, payload) for seq, subject, at, payload in rows if payload is not None]
            self._send(case_events(told))
            _note(connection, rows[-1][0], now)
        return len(rows)

    def _send(self, records: Iterator[CaseEvents]) -> None:
        sent = [
            self._producer.send(
                self._topic,
                key=str(record.shard).encode(),
                value=encode(record),
                partition=partition_of(record.shard, self._partitions),
            )
            for record in records
        ]
        self._producer.flush(timeout=PATIENCE)
        for one in sent:
            one.get(timeout=PATIENCE)  # raises what went wrong with it


def unpublished(engine: Engine) -> bool:
    """Whether the log holds anything that was not published. Takes no lock."""
    with reader(engine) as connection:
        query = select(_LOG.c.seq).where(_LOG.c.seq > (_published_to(connection) or 0)).limit(1)
        return connection.execute(query).first() is not None


def _published_to(connection: Connection) -> int | None:
    return connection.execute(select(_PUBLICATION.c.published_to)).scalar()


def _after(connection: Connection, published_to: int | None) -> Iterator[tuple[int, str, datetime, bytes]]:
    """The next events. An erased one has no payload any more."""
    columns = (_LOG.c.seq, _LOG.c.subject, _LOG.c.known_at, _LOG.c.payload)
    query = select(*columns).where(_LOG.c.seq > (published_to or 0)).order_by(_LOG.c.seq).limit(AT_ONCE)
    for row in connection.execute(query):
        yield row[0], row[1], row[2], row[3]


def _note(connection: Connection, published_to: int, now: datetime) -> None:
    values = {"published_to": published_to, "published_at": now}
    if not connection.execute(update(_PUBLICATION).values(**values)).rowcount:
        connection.execute(insert(_PUBLICATION).values(id=1, **values))
