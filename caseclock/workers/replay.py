"""`replay`: history onto a topic for another consumer, from the log, as it was taken in. Tells no manager anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from threading import Event
from time import monotonic
from typing import NamedTuple

from kafka import KafkaProducer
from sqlalchemy import Connection, Engine, select

from caseclock.workers.broker import administration, is_there
from schemas.errors import CaseclockError
from schemas.kafka.topics import topics
from schemas.settings.settings import Settings
from schemas.store.engine import batches, reader, table_of
from schemas.store.tables import LoggedEvent
from schemas.time.days import iso
from services.timeliness.history.log_view import LogView

_LOG = table_of(LoggedEvent)
PARTS = 10  # of a second: so often is looked at the rate


class ReplayRefused(CaseclockError):
    """This topic cannot be replayed to. The message says why."""


class Chosen(NamedTuple):
    """Which events: that occurred on these days, both inclusive, London; of this child, under whatever id."""

    from_on: date | None = None
    to_on: date | None = None
    child: str | None = None


def refuse_unknown(settings: Settings, topic: str) -> None:
    """Raises ReplayRefused for a topic that is not there, BrokerRefused. (The producer itself would wait for it.)"""
    with administration(settings) as client:
        if not is_there(client, topic):
            raise ReplayRefused(f"there is no topic {topic} on the broker: create it first")


def refuse_ours(settings: Settings, topic: str) -> None:
    """Raises ReplayRefused for a topic that our own workers read or write: they would take history for news."""
    if any(topic == ours.name for ours in topics(settings).values()):
        raise ReplayRefused(f"{topic} is a topic of caseclock's own: replay to one of the other consumer's")


def replay(
    engine: Engine,
    producer: KafkaProducer,
    topic: str,
    chosen: Chosen,
    rate: int,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Publishes events in the log's order, `rate` a second at most, keyed by the child, and waits until the broker has
    them all; gives how many. Each is as the log holds it, with its first id and times; headers say its number in the
    log and since when it is known. Erased events are not there. Raises KafkaError."""
    pace, sent = _Pace(rate), 0
    with reader(engine) as connection:
        for some in batches(_events(connection, chosen), max(1, rate // PARTS)):
            waiting = [
                producer.send(
                    topic,
                    key=child.encode(),
                    value=payload,
                    headers=[("seq", str(seq).encode()), ("known_at", iso(known_at).encode())],
                )
                for seq, child, known_at, payload in some
            ]
            producer.flush(timeout=30)
            for one in waiting:
                one.get(timeout=30)
            sent += len(some)
            progress(sent)
            pace.after(sent)
    return sent


def _events(connection: Connection, chosen: Chosen) -> Iterator[tuple[int, str, datetime, bytes]]:
    query = select(_LOG.c.seq, _LOG.c.subject, _LOG.c.known_at, _LOG.c.payload).where(_LOG.c.payload.is_not(None))
    if chosen.from_on is not None:
        query = query.where(_LOG.c.occurred_on >= chosen.from_on)
    if chosen.to_on is not None:
        query = query.where(_LOG.c.occurred_on <= chosen.to_on)
    if chosen.child is not None:
        joined = LogView(connection).linked.get(chosen.child, {chosen.child})
        query = query.where(_LOG.c.subject.in_(sorted(joined)))
    for row in connection.execute(query.order_by(_LOG.c.seq), execution_options={"yield_per": 1000}):
        yield row[0], row[1], row[2], row[3]


class _Pace:
    """Waits so that no more than so many a second are sent."""

    def __init__(self, rate: int) -> None:
        self._rate, self._begun, self._never = rate, monotonic(), Event()

    def after(self, sent: int) -> None:
        ahead = sent / self._rate - (monotonic() - self._begun)
        if ahead > 0:
            self._never.wait(ahead)
