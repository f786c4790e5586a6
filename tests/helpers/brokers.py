"""A Kafka broker of the tests' own: fetched and started as `make stack` does, in a new folder, gone afterwards.

With several processes one of them runs all tests of `tests/kafka`, and only it has a broker (`tests.helpers.sharing`).
Each test has topics of its own.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from deploy.stack.broker import Broker
from deploy.stack.jars import fetch
from deploy.stack.needs import Missing
from deploy.stack.places import folder, free
from deploy.stack.processes import Died
from schemas.kafka import options as kafka_options
from schemas.kafka.topics import RAW, topics
from schemas.settings.settings import Settings

PARTITIONS = 4
_numbers = count(1)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker of this session's own. Where it cannot be had its tests are skipped, and fail where CI is `true`."""
    try:
        ports = free(20000 + os.getpid() * 10 % 10000)  # beside other sessions, which must not take them meanwhile
        started = Broker(
            tmp_path_factory.mktemp("broker"), fetch(folder()), next(ports), next(ports), guard=os.getpid()
        )
        started.start()
    except (Missing, Died, OSError) as wrong:
        reason = f"needs Kafka: {wrong}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    yield started
    started.stop()


@pytest.fixture
def environ(broker: Broker) -> dict[str, str]:
    """The settings of a test: topics under a prefix of its own, which are not there yet."""
    return {
        "CASECLOCK_KAFKA": broker.address,
        "CASECLOCK_TOPIC_PREFIX": f"test{next(_numbers)}.",
        "CASECLOCK_PARTITIONS": str(PARTITIONS),
    }


@pytest.fixture
def bare(environ: dict[str, str]) -> Settings:
    """Settings whose topics are not there."""
    return Settings.read(environ)


@pytest.fixture
def streaming(bare: Settings) -> Settings:
    """Settings whose topics are there."""
    from caseclock.workers.broker import administration, create

    with administration(bare) as client:
        create(client, bare)
    return bare


Send = Callable[..., None]


@pytest.fixture
def send(streaming: Settings) -> Iterator[Send]:
    """`send(b'...', None)`: values to the raw topic, keyed by what `key` says or not at all."""
    from kafka import KafkaProducer

    producer = KafkaProducer(**kafka_options.producer(streaming))

    def send_them(*values: bytes | None, key: bytes | None = None, **more: Any) -> None:
        for value in values:
            producer.send(topics(streaming)[RAW].name, value=value, key=key, **more)
        producer.flush()

    yield send_them
    producer.close()
