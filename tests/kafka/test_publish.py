"""Publishing to a real broker: every record as it is, keyed by its child, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition

from schemas.kafka import options as kafka_options
from schemas.kafka.topics import RAW, topics
from schemas.settings.settings import Settings
from services.ingest.kafka.publish_raw import NotPublished, publish
from services.ingest.readers import Unreadable
from tests.helpers.brokers import PARTITIONS
from tests.helpers.records import CutOff, given, record

Record = tuple[int, bytes | None, bytes]


@pytest.fixture
def producer(streaming: Settings) -> Iterator[KafkaProducer]:
    made = KafkaProducer(**kafka_options.producer(streaming))
    yield made
    made.close(timeout=5)


@pytest.fixture
def there(streaming: Settings) -> Callable[[], list[Record]]:
    """(partition, key, value) of everything on the raw topic, each partition's in its order."""

    def read() -> list[Record]:
        places = [TopicPartition(topics(streaming)[RAW].name, n) for n in range(PARTITIONS)]
        with KafkaConsumer(**kafka_options.client(streaming), enable_auto_commit=False) as consumer:
            consumer.assign(places)
            consumer.seek_to_beginning()
            ends = consumer.end_offsets(places)
            found: list[Record] = []
            while any(consumer.position(place) < end for place, end in ends.items()):
                for some in consumer.poll(500).values():
                    found += [(one.partition, one.key, one.value) for one in some]
        return found

    return read


def test_each_record_as_it_is_by_child_in_order(
    producer: KafkaProducer, streaming: Settings, there: Callable[[], list[Record]]
) -> None:
    sent = [record(f"e{n}", f"C{n % 7}") for n in range(70)]
    assert publish(producer, topics(streaming)[RAW].name, given(*sent)) == 70
    found = there()
    assert sorted(value for _, _, value in found) == sorted(sent)
    for child in range(7):
        mine = [(partition, value) for partition, key, value in found if key == b"C%d" % child]
        assert len({partition for partition, _ in mine}) == 1
        assert [value for _, value in mine] == sent[child::7]
    assert len({partition for partition, _, _ in found}) > 1


def test_what_is_no_event_is_published_too(
    producer: KafkaProducer, streaming: Settings, there: Callable[[], list[Record]]
) -> None:
    """It is ingest that decides, and keeps what it refuses."""
    poison = [b"not json", b'{"subject": 7}', b'{"subject": "two words"}']
    assert publish(producer, topics(streaming)[RAW].name, given(*poison)) == 3
    assert sorted((key or b"", value) for _, key, value in there()) == [
        (b"", b"not json"),
        (b"", b'{"subject": "two words"}'),
        (b"7", b'{"subject": 7}'),
    ]


def test_an_event_of_the_largest_size_goes_through(
    producer: KafkaProducer, streaming: Settings, there: Callable[[], list[Record]]
) -> None:
    large = record(data={"reason": "R" * 1_040_000})
    assert publish(producer, topics(streaming)[RAW].name, given(large)) == 1
    assert [value for _, _, value in there()] == [large]


def test_a_file_that_ends_in_the_middle_is_said_and_what_was_read_is_there(
    producer: KafkaProducer, streaming: Settings, there: Callable[[], list[Record]]
) -> None:
    with pytest.raises(Unreadable, match="line 9"):
        publish(producer, topics(streaming)[RAW].name, CutOff(record("e1"), record("e2")))
    producer.flush()
    assert len(there()) == 2


def test_a_broker_that_takes_nothing_is_said(streaming: Settings) -> None:
    impatient = {**kafka_options.producer(streaming), "max_block_ms": 300}
    producer = KafkaProducer(**impatient)
    with pytest.raises(NotPublished, match=r"took 0 of 1 events .* Publish again"):
        publish(producer, "no.such.topic", given(record()))
    producer.close(timeout=1)
