"""`rebuild` with workers: asks them for it on case-events, waits, and finishes."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic

from kafka import KafkaProducer
from sqlalchemy import Engine

from caseclock.runtime import Rules
from schemas.errors import CaseclockError
from schemas.kafka import options as kafka_options
from schemas.kafka.records import CaseEvents, encode
from schemas.kafka.shards import SHARDS, partition_of
from schemas.kafka.topics import CASE_EVENTS, topics
from schemas.settings.settings import Settings
from services.timeliness.table import spread
from services.timeliness.table.catch_up import Rebuilt
from services.timeliness.table.progress import RuleVersions

A_LOOK = 0.2  # seconds


class NotRebuilt(CaseclockError):
    """The workers did not do it in time. The message says what is left and what to look at."""


def rebuild(
    engine: Engine,
    settings: Settings,
    rules: Rules,
    seconds: float,
    progress: Callable[[int], None] = lambda done: None,
) -> Rebuilt:
    """Rebuild by the workers. `seconds`: how long to wait for them; `progress` is called with how many of the 64 shards
    are done. Raises NotRebuilt, Overtaken, KafkaError; then the live clocks are as they were."""
    fresh, to = spread.begin(engine, RuleVersions(rules.register.version, rules.calendar.version))
    try:
        _ask(settings)
        _wait(engine, fresh, to, seconds, progress)
        return spread.finish(engine, rules.register, rules.calendar, fresh)
    except BaseException:
        spread.give_up(engine, fresh)
        raise


def _ask(settings: Settings) -> None:
    """A record for each shard, of no events."""
    topic = topics(settings)[CASE_EVENTS]
    producer = KafkaProducer(**kafka_options.producer(settings))
    try:
        for shard in range(SHARDS):
            value = encode(CaseEvents(shard, 0, 0, []))
            partition = partition_of(shard, topic.partitions or 1)
            producer.send(topic.name, key=str(shard).encode(), value=value, partition=partition)
        producer.flush(timeout=30)
    finally:
        producer.close(timeout=5)


def _wait(engine: Engine, fresh: int, to: int, seconds: float, progress: Callable[[int], None]) -> None:
    end, never = monotonic() + seconds, Event()
    while shards := spread.left(engine, fresh, to):
        progress(SHARDS - len(shards))
        if monotonic() > end:
            raise NotRebuilt(
                f"after {seconds:.0f} s {len(shards)} of {SHARDS} shards are not folded. Is a timeliness worker running"
                " with the same register and calendar? `caseclock status` shows them; --timeout waits longer. The"
                " clocks are as they were"
            )
        never.wait(A_LOOK)
    progress(SHARDS)
