"""What is published without being asked, and history published again: the days chosen, at the rate chosen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from time import monotonic

import pytest
from kafka import KafkaProducer
from sqlalchemy import Engine

from caseclock.runtime import now
from caseclock.workers.broker import administration
from caseclock.workers.context import Work
from caseclock.workers.publishing import Publishing
from caseclock.workers.replay import Chosen, replay
from caseclock.workers.state import State
from schemas.kafka import options as kafka_options
from schemas.kafka.topics import CASE_EVENTS, topics
from schemas.settings.settings import Settings
from services.ingest.intake.intake import take_in
from services.ingest.kafka.publish_log import Publisher, unpublished
from services.ingest.readers.given import Given
from tests.helpers.worker_flow import records
from tests.helpers.workers import until


@pytest.fixture
def producer(streaming: Settings) -> Iterator[KafkaProducer]:
    made = KafkaProducer(**kafka_options.producer(streaming))
    yield made
    made.close()


@pytest.fixture
def others(streaming: Settings) -> str:
    """A topic of another consumer's."""
    topic = f"{streaming.topic_prefix}others"
    with administration(streaming) as client:
        client.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})
        client.wait_for_topics([topic])
    return topic


def take(store: Engine, some: list[bytes]) -> int:
    return take_in(store, Given(some, "made"), history=False, now=now()).accepted


def waiting(state: State) -> float | None:
    return state.registry.get_sample_value("caseclock_unpublished_events")


def test_what_is_in_the_log_is_published_though_nobody_says_there_is_more(
    streaming: Settings, store: Engine, producer: KafkaProducer
) -> None:
    topic, state = topics(streaming)[CASE_EVENTS], State("ingest")
    work = Work(streaming, "here", store, state, lambda: False)
    with Publishing(work, Publisher(producer, topic.name, topic.partitions or 1), now):
        until(lambda: waiting(state) == 0)
        take(store, records())
        until(lambda: not unpublished(store))
        until(lambda: waiting(state) == 0)


def test_what_the_broker_does_not_take_shows_and_is_taken_later(
    streaming: Settings, store: Engine, producer: KafkaProducer
) -> None:
    """The producer of the first is closed, as one whose broker is away for good."""
    topic, state = topics(streaming)[CASE_EVENTS], State("ingest")
    work = Work(streaming, "here", store, state, lambda: False)
    closed = KafkaProducer(**kafka_options.producer(streaming))
    closed.close()
    accepted = take(store, records())
    shut = work._replace(state=State("ingest"))
    with Publishing(shut, Publisher(closed, topic.name, topic.partitions or 1), now):
        until(lambda: waiting(shut.state) == accepted)
    with Publishing(work, Publisher(producer, topic.name, topic.partitions or 1), now):
        until(lambda: waiting(state) == 0)


def test_only_the_days_chosen_are_replayed(
    workers_environ: dict[str, str], streaming: Settings, store: Engine, others: str
) -> None:
    take(store, records())
    days = sorted(json.loads(raw).get("occurredon") or json.loads(raw)["time"][:10] for raw in records())
    first, last = days[len(days) // 3], days[2 * len(days) // 3]
    wanted = sum(first <= day <= last for day in days)
    ran = subprocess.run(
        [sys.executable, "-m", "caseclock.cli.main", "replay", "--to-topic", others, "--from", first, "--to", last],
        env={**os.environ, **workers_environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert 0 < wanted < len(days)
    assert f"{wanted} events replayed to {others}" in ran.stderr


def test_no_more_a_second_than_the_rate(store: Engine, producer: KafkaProducer, others: str) -> None:
    take(store, records()[:60])
    begun, done = monotonic(), []
    assert replay(store, producer, others, Chosen(), rate=60, progress=done.append) == 60
    assert monotonic() - begun >= 0.85
    assert done[0] == 6  # a tenth of a second's at once


def test_a_topic_that_is_not_there_is_refused_in_words(workers_environ: dict[str, str], store: Engine) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "caseclock.cli.main", "replay", "--to-topic", "nobody.has.this", "--rate", "10"],
        env={**os.environ, **workers_environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "there is no topic nobody.has.this on the broker: create it first" in ran.stderr
