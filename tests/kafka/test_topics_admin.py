"""Topics on a real broker: what is missing or misconfigured is refused with the command that mends it."""

from __future__ import annotations

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource

from caseclock.workers.broker import BrokerRefused, TopicsRefused, administration, amiss, check, create, mend
from schemas.kafka.topic_faults import CREATE, MEND
from schemas.kafka.topics import CASE_EVENTS, CLOCK_CHANGES, DEAD_LETTERS, RAW, topics
from schemas.settings.settings import Settings
from tests.helpers.brokers import PARTITIONS


def spoil(settings: Settings, short: str, **config: str) -> None:
    values = {name.replace("_", "."): value for name, value in config.items()}
    with administration(settings) as client:
        client.alter_configs([ConfigResource("TOPIC", topics(settings)[short].name, values)])


def test_missing_topics_are_refused_then_created(bare: Settings) -> None:
    with pytest.raises(TopicsRefused) as refused:
        check(bare)
    lines = str(refused.value).splitlines()
    assert len(lines) == 4
    assert all(line.endswith(f"is not there. To mend it: {CREATE}") for line in lines)
    with administration(bare) as client:
        assert create(client, bare) == [topic.name for topic in topics(bare).values()]
        assert create(client, bare) == []
    check(bare)


@pytest.mark.parametrize(
    ("short", "config", "said"),
    [
        (RAW, {"retention_ms": "604800000"}, "retention.ms=604800000 (7 days); it must be at least 2592000000"),
        (RAW, {"retention_bytes": "1000000"}, "retention.bytes=1000000, not -1"),
        (RAW, {"cleanup_policy": "compact"}, "cleanup.policy=compact, not delete"),
        (CASE_EVENTS, {"cleanup_policy": "delete,compact"}, "cleanup.policy=delete,compact"),
        (CASE_EVENTS, {"message_timestamp_type": "CreateTime"}, "message.timestamp.type=CreateTime"),
        (CLOCK_CHANGES, {"cleanup_policy": "delete"}, "cleanup.policy=delete, not compact"),
        (CLOCK_CHANGES, {"max_compaction_lag_ms": "9000000000"}, "it must be at most"),
        (DEAD_LETTERS, {"max_message_bytes": "1000"}, "max.message.bytes=1000"),
    ],
)
def test_a_wrong_configuration_is_refused_then_mended(
    streaming: Settings, short: str, config: dict[str, str], said: str
) -> None:
    spoil(streaming, short, **config)
    with pytest.raises(TopicsRefused) as refused:
        check(streaming)
    assert said in str(refused.value)
    assert MEND in str(refused.value)
    with administration(streaming) as client:
        assert len(mend(client, streaming)) == 1
    check(streaming)


def test_a_longer_retention_is_as_good(streaming: Settings) -> None:
    spoil(streaming, RAW, retention_ms="-1")
    spoil(streaming, CASE_EVENTS, retention_ms="99999999999")
    check(streaming)


def test_too_few_partitions_are_added(streaming: Settings, environ: dict[str, str]) -> None:
    more = Settings.read({**environ, "CASECLOCK_PARTITIONS": str(PARTITIONS + 2)})
    with pytest.raises(TopicsRefused, match=f"has {PARTITIONS} partitions, not {PARTITIONS + 2}. .*topics mend"):
        check(more)
    with administration(more) as client:
        assert len(mend(client, more)) == 3
    check(more)


def test_too_many_partitions_cannot_be_taken_away(streaming: Settings, environ: dict[str, str]) -> None:
    fewer = Settings.read({**environ, "CASECLOCK_PARTITIONS": "2"})
    with pytest.raises(TopicsRefused, match=f"set CASECLOCK_PARTITIONS={PARTITIONS} for every worker"):
        check(fewer)
    with administration(fewer) as client:
        assert mend(client, fewer) == []


def test_too_few_copies_are_refused(streaming: Settings, environ: dict[str, str]) -> None:
    three = Settings.read({**environ, "CASECLOCK_REPLICATION": "3"})
    with pytest.raises(TopicsRefused, match="has 1 of 3 copies"):
        check(three)


def test_a_raw_topic_of_somebody_elses_is_looked_at_and_let_be(
    streaming: Settings, environ: dict[str, str], admin: KafkaAdminClient
) -> None:
    name = f"{environ['CASECLOCK_TOPIC_PREFIX']}carefirst"
    theirs = Settings.read({**environ, "CASECLOCK_RAW_TOPIC": name})
    assert [str(fault) for fault in amiss(admin, theirs)] == [
        f"{name} is not there. To mend it: its owner creates it, or CASECLOCK_RAW_TOPIC names another"
    ]
    assert create(admin, theirs) == []
    admin.create_topics({name: {"num_partitions": 7, "configs": {"retention.ms": "86400000"}}}, wait_for_metadata=True)
    (fault,) = amiss(admin, theirs)
    assert "(1 days); it must be at least" in fault.what
    assert fault.remedy == "its owner sets retention.ms=2592000000"
    assert mend(admin, theirs) == []


@pytest.fixture
def admin(streaming: Settings):  # type: ignore[no-untyped-def]
    with administration(streaming) as client:
        yield client


def test_a_broker_that_is_away_is_named() -> None:
    nowhere = Settings.read({"CASECLOCK_KAFKA": "127.0.0.1:1"})
    with pytest.raises(BrokerRefused, match=r"127\.0\.0\.1:1: .*make stack"):
        check(nowhere)
