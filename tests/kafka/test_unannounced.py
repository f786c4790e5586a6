"""What changed and nobody announced is found and announced: on both databases, on a real broker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from kafka import KafkaProducer
from kafka.errors import KafkaError
from sqlalchemy import Engine, insert

from caseclock.runtime import rules
from schemas.kafka import options as kafka_options
from schemas.kafka.shards import SHARDS
from schemas.kafka.topics import CLOCK_CHANGES, topics
from schemas.settings.settings import Settings
from schemas.store.engine import table_of
from schemas.store.tables import Publication
from services.ingest.intake.intake import take_in
from services.ingest.log.erase import erase
from services.timeliness.table.announce import announce
from services.timeliness.table.catch_up import catch_up, rebuild
from services.timeliness.table.unannounced import notes
from tests.chaos.topics_end import stale
from tests.helpers.records import NOW, given, record, retraction

SHARDS_ALL = range(SHARDS)


@pytest.fixture
def producer(streaming: Settings) -> Iterator[KafkaProducer]:
    made = KafkaProducer(**kafka_options.producer(streaming))
    yield made
    made.close()


def enquiry(id: str, child: str) -> bytes:
    return record(id, child, "enquiry.started", data={"enquiry_id": id})


def fold_as_a_worker(engine: Engine) -> None:
    catch_up(engine, rules().register, rules().calendar, SHARDS_ALL)


def announce_all(engine: Engine, settings: Settings, producer: KafkaProducer) -> int:
    topic = topics(settings)[CLOCK_CHANGES].name
    return sum(announce(producer, topic, engine, note) for note in notes(engine))


def take(engine: Engine, *records: bytes) -> None:
    take_in(engine, given(*records), history=False, now=NOW)


def published(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(table_of(Publication)).values(id=1, published_to=0, published_at=NOW))


def test_who_dies_between_the_commit_and_the_broker_leaves_a_note(
    engine: Engine, streaming: Settings, producer: KafkaProducer
) -> None:
    take(engine, enquiry("r1", "C1"), enquiry("r2", "C2"))
    fold_as_a_worker(engine)  # and dies
    assert stale(streaming, engine) > 0
    assert announce_all(engine, streaming, producer) > 0
    assert stale(streaming, engine) == 0
    assert notes(engine) == []
    take(engine, retraction("x1", "r1", "C1"))  # a clock goes
    fold_as_a_worker(engine)
    assert stale(streaming, engine) > 0
    announce_all(engine, streaming, producer)
    assert stale(streaming, engine) == 0


def test_what_the_broker_did_not_take_stays_noted(engine: Engine, streaming: Settings) -> None:
    take(engine, enquiry("r1", "C1"))
    fold_as_a_worker(engine)
    (note,) = notes(engine)
    closed = KafkaProducer(**kafka_options.producer(streaming))
    closed.close()
    with pytest.raises(KafkaError):
        announce(closed, topics(streaming)[CLOCK_CHANGES].name, engine, note)
    assert notes(engine) == [note]


def test_a_note_is_announced_once(engine: Engine, streaming: Settings, producer: KafkaProducer) -> None:
    take(engine, enquiry("r1", "C1"))
    fold_as_a_worker(engine)
    (note,) = notes(engine)
    topic = topics(streaming)[CLOCK_CHANGES].name
    assert announce(producer, topic, engine, note) > 0
    assert announce(producer, topic, engine, note) == 0


def test_what_a_rebuild_changes_is_announced(engine: Engine, streaming: Settings, producer: KafkaProducer) -> None:
    """An erased child's clocks go from the topic, too."""
    take(engine, enquiry("r1", "C1"), enquiry("r2", "C2"))
    published(engine)
    fold_as_a_worker(engine)
    announce_all(engine, streaming, producer)
    erase(engine, "C1", "asked", NOW)
    assert not rebuild(engine, rules().register, rules().calendar).equal
    assert stale(streaming, engine) > 0
    announce_all(engine, streaming, producer)
    assert stale(streaming, engine) == 0


def test_one_machine_notes_nothing(engine: Engine) -> None:
    take(engine, enquiry("r1", "C1"))
    catch_up(engine, rules().register, rules().calendar)
    erase(engine, "C1", "asked", NOW)
    rebuild(engine, rules().register, rules().calendar)
    assert notes(engine) == []


def test_other_rules_folded_by_a_command_are_announced(
    engine: Engine, streaming: Settings, producer: KafkaProducer
) -> None:
    take(engine, enquiry("r1", "C1"))
    published(engine)
    fold_as_a_worker(engine)
    announce_all(engine, streaming, producer)
    register = rules().register
    fewer = replace(register, standards={}, version="none")
    catch_up(engine, fewer, rules().calendar)
    assert stale(streaming, engine) > 0
    announce_all(engine, streaming, producer)
    assert stale(streaming, engine) == 0
