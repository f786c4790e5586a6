"""The ingest worker: raw records into the log, for as long as it runs."""

from __future__ import annotations

from kafka import KafkaConsumer

from schemas import kafka_options
from schemas.topics import RAW, topics
from services.ingest.intake import Taken
from services.ingest.polled import Partition
from services.ingest.raw_consumer import RawConsumer
from services.single import now
from services.worker.state import State
from services.worker.work import Work

GROUP = "ingest"


def run(work: Work) -> None:
    """Until told to stop."""
    raw = topics(work.settings)[RAW].name
    consumer = KafkaConsumer(raw, **kafka_options.consumer(work.settings, GROUP))
    longest = work.settings.database_wait
    RawConsumer(consumer, work.engine, now, Told(work.state), longest_wait=longest).run(work.stopping)


class Told:
    """What the raw consumer tells, for metrics and health."""

    def __init__(self, state: State) -> None:
        self._state = state

    def alive(self) -> None:
        self._state.moved()

    def idle(self, joined: bool) -> None:
        if joined:
            self._state.ready()
        else:
            self._state.wanting("broker")

    def took(self, taken: Taken, seconds: float) -> None:
        self._state.ready()
        self._state.batches.observe(seconds)
        for outcome in ("accepted", "duplicate", "rejected"):
            self._state.records.labels(outcome).inc(getattr(taken, outcome))

    def waiting(self, why: str) -> None:
        self._state.wanting(f"database: {why}")

    def lost(self, partition: Partition, records: int) -> None:
        self._state.lost.inc(records)
