"""The ingest worker: raw records into the log, and what the log holds onto case-events, for as long as it runs."""

from __future__ import annotations

from kafka import KafkaConsumer, KafkaProducer

from caseclock.runtime import now
from caseclock.workers.context import Work
from caseclock.workers.publishing import Publishing
from caseclock.workers.startup import with_broker
from caseclock.workers.state import State
from schemas.kafka import options as kafka_options
from schemas.kafka.topics import CASE_EVENTS, RAW, topics
from services.ingest.intake.intake import Taken
from services.ingest.kafka.batch import Partition
from services.ingest.kafka.consume import RawConsumer
from services.ingest.kafka.publish_log import Publisher

GROUP = "ingest"


def run(work: Work) -> None:
    """Until told to stop."""
    raw = topics(work.settings)[RAW].name
    consumer = with_broker(work, lambda: KafkaConsumer(raw, **kafka_options.consumer(work.settings, GROUP)))
    topic = topics(work.settings)[CASE_EVENTS]
    producer = with_broker(work, lambda: KafkaProducer(**kafka_options.producer(work.settings)))
    longest = work.settings.database_wait
    publisher = Publisher(producer, topic.name, topic.partitions or 1)
    try:
        with Publishing(work, publisher, now) as publishing:
            told = IntakeMetrics(work.state)
            RawConsumer(consumer, work.engine, now, told, publishing.more, longest).run(work.stopping)
    finally:
        producer.close(timeout=5)


class IntakeMetrics:
    """Holds what the raw consumer tells, for metrics and health."""

    def __init__(self, state: State) -> None:
        self._state = state

    def alive(self) -> None:
        self._state.moved()

    def idle(self, joined: bool) -> None:
        if joined:
            self._state.has("broker")
            self._state.has("starting")
        else:
            self._state.wanting("broker")

    def took(self, taken: Taken, seconds: float) -> None:
        self._state.ready()
        self._state.batches.observe(seconds)
        for outcome in ("accepted", "duplicate", "rejected"):
            self._state.records.labels(RAW, outcome).inc(getattr(taken, outcome))

    def waiting(self, why: str) -> None:
        self._state.wanting(f"database: {why}")

    def lost(self, partition: Partition, records: int) -> None:
        self._state.lost.inc(records)
