"""What is lost on the way is found; what dies is taken up where it was; what is asked of all is shared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

import pytest
from kafka import KafkaConsumer, KafkaProducer
from sqlalchemy import Engine

from caseclock.runtime import now
from caseclock.workers import streaming as stream
from caseclock.workers.context import Work
from caseclock.workers.replay import Chosen, ReplayRefused, refuse_ours, replay
from caseclock.workers.state import State
from caseclock.workers.streaming import Duty, Nudge
from caseclock.workers.timeliness import GROUP as TIMELINESS
from caseclock.workers.timeliness import Folding
from schemas.kafka import options as kafka_options
from schemas.kafka.records import read_case_events
from schemas.kafka.shards import shard_of
from schemas.kafka.topics import CASE_EVENTS, DEAD_LETTERS, topics
from schemas.settings.settings import Settings
from services.ingest.intake.intake import take_in
from services.ingest.kafka.publish_log import Publisher
from services.ingest.readers.given import Given
from tests.helpers.brokers import Send
from tests.helpers.worker_flow import digest_of, of_one_machine, records
from tests.helpers.workers import PATIENCE, all_folded, logged, running, until


@pytest.fixture
def settings(workers_environ: dict[str, str]) -> Settings:
    return Settings.read(workers_environ)


@pytest.fixture
def producer(streaming: Settings):
    made = KafkaProducer(**kafka_options.producer(streaming))
    yield made
    made.close()


def take(store: Engine) -> int:
    return take_in(store, Given(records(), "made"), history=False, now=now()).accepted


def here(settings: Settings, store: Engine, done: Callable[[], bool]) -> Work:
    """A worker in this process, until it is done."""
    end = monotonic() + PATIENCE
    return Work(settings, "here", store, State("timeliness"), lambda: done() or monotonic() > end)


def read_all(settings: Settings, topic: str, count: int) -> list:
    """The first records of a topic."""
    consumer = KafkaConsumer(topic, **kafka_options.client(settings), auto_offset_reset="earliest")
    found: list = []
    try:
        until(
            lambda: (
                found.extend(r for some in consumer.poll(timeout_ms=200).values() for r in some) or len(found) >= count
            )
        )
    finally:
        consumer.close()
    return found


def _polled(consumer: KafkaConsumer) -> list:
    return [record for some in consumer.poll(timeout_ms=200).values() for record in some]


class TestPublisher:
    def test_publishes_what_is_in_the_log_once_and_by_shard(self, settings, store, producer):
        topic = topics(settings)[CASE_EVENTS]
        publisher = Publisher(producer, topic.name, topic.partitions)
        accepted = take(store)
        assert publisher.publish(store, now()) == accepted
        assert publisher.publish(store, now()) == 0
        shards = {shard_of(json.loads(raw)["subject"]) for raw in records()}
        found = read_all(settings, topic.name, len(shards))
        entries = 0
        for record in found:
            read = read_case_events(record.value)
            entries += len(read.events)
            assert int(record.key) == read.shard == shard_of(json.loads(bytes(read.events[0].event))["subject"])
            assert record.partition == read.shard % topic.partitions
        assert entries == accepted

    def test_two_publishers_publish_no_event_twice(self, settings, store, producer):
        topic = topics(settings)[CASE_EVENTS]
        one, other = (Publisher(producer, topic.name, topic.partitions) for _ in range(2))
        accepted = take(store)
        assert [one.publish(store, now()), other.publish(store, now())] == [accepted, 0]


class TestNothingIsLost:
    def test_a_record_that_was_never_sent_is_found_by_looking(self, settings, store, producer):
        """The worker runs and looks; then events come that nobody publishes."""
        folding, taken = Folding(here(settings, store, lambda: False), producer), []

        def looked() -> None:
            folding.looked()
            if not taken:
                taken.append(take(store))

        work = here(settings, store, lambda: bool(taken) and all_folded(store, taken[0]))
        stream.run(work, Duty(TIMELINESS, topics(settings)[CASE_EVENTS], folding.nudged, looked))
        assert all_folded(store, taken[0])
        assert digest_of(store) == of_one_machine()

    def test_an_agent_that_raises_loses_nothing(self, settings, store, producer):
        """Its records are taken for done all the same; looking finds what they spoke of."""
        folding, raised, published = Folding(here(settings, store, lambda: False), producer), [], []
        topic = topics(settings)[CASE_EVENTS]

        def nudged(nudges: Sequence[Nudge]) -> None:
            raised.append(len(nudges))
            raise RuntimeError("planted")

        def looked() -> None:
            if not published:
                folding.looked()
                published.append(take(store))
                Publisher(producer, topic.name, topic.partitions).publish(store, now())
            elif raised:
                folding.looked()

        stream.run(
            here(settings, store, lambda: bool(published) and all_folded(store, published[0])),
            Duty(TIMELINESS, topic, nudged, looked),
        )
        assert raised
        assert digest_of(store) == of_one_machine()

    def test_a_record_that_cannot_be_read_is_a_dead_letter(self, settings, store, producer):
        take(store)
        folding = Folding(here(settings, store, lambda: False), producer)
        folding.nudged([Nudge(b"3", b"not a record", 0, 7), Nudge(b"9", b'{"shard": 99, "last": 1}', 1, 8)])
        producer.flush()
        dead = read_all(settings, topics(settings)[DEAD_LETTERS].name, 2)
        assert [record.value for record in dead] == [b"not a record", b'{"shard": 99, "last": 1}']
        assert dict(dead[0].headers)["offset"] == b"7"


def test_killed_and_started_again_two_share_and_nothing_is_lost(
    workers_environ, store: Engine, send: Send, tmp_path: Path
) -> None:
    given = records()
    half = len(given) // 2
    with (
        running("ingest timeliness", workers_environ, tmp_path) as first,
        running("timeliness", workers_environ, tmp_path, 2) as second,
    ):
        send(*given[:half])
        until(lambda: logged(store) > 0, first)
        for worker in first:
            worker.kill()
        send(*given[half:], *given[:half])
        with running("ingest", workers_environ, tmp_path, 3) as third:
            until(lambda: all_folded(store, len(given)), [*second, *third])
            assert [worker.stop() for worker in [*second, *third]] == [0, 0]
    assert logged(store) == len(given)
    assert digest_of(store) == of_one_machine()


def test_a_rebuild_is_spread_over_the_workers_and_status_shows_them(
    workers_environ, store: Engine, tmp_path: Path
) -> None:
    take(store)

    def command(*arguments: str) -> dict:
        ran = subprocess.run(
            [sys.executable, "-m", "caseclock.cli.main", *arguments],
            env={**os.environ, **workers_environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

    with (
        running("timeliness", workers_environ, tmp_path) as one,
        running("timeliness", workers_environ, tmp_path, 2) as two,
    ):
        until(lambda: all_folded(store, len(records())), [*one, *two])
        rebuilt = command("rebuild", "--json", "--timeout", "60")
        assert rebuilt["equal"]
        assert rebuilt["digest"] == of_one_machine()
        said = command("status", "--format", "json")
        assert {(w["service"], w["alive"]) for w in said["workers"]} == {("timeliness", True)}
        assert said["raw_records_waiting"] == 0
        assert said["unfolded"] == {"events": 0, "seconds": 0.0}


class TestReplay:
    def test_history_goes_out_with_its_first_ids(self, settings, store, producer):
        from caseclock.workers.broker import administration

        take(store)
        topic = f"{settings.topic_prefix}others"
        with administration(settings) as client:
            client.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})
            client.wait_for_topics([topic])
        child = json.loads(records()[0])["subject"]
        theirs = sorted(json.loads(raw)["id"] for raw in records() if json.loads(raw)["subject"] == child)
        sent = replay(store, producer, topic, Chosen(child=child), rate=1000)
        found = read_all(settings, topic, sent)
        assert sorted(json.loads(record.value)["id"] for record in found) == theirs
        assert {record.key.decode() for record in found} == {child}

    def test_our_own_topics_are_refused(self, settings):
        for topic in topics(settings).values():
            with pytest.raises(ReplayRefused):
                refuse_ours(settings, topic.name)
