"""What is amiss with a topic, and what mends it."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.kafka.topic_faults import CREATE, MEND, Found, faults
from schemas.kafka.topics import CASE_EVENTS, CLOCK_CHANGES, DEAD_LETTERS, RAW, Topic, topics
from schemas.settings.settings import Settings

DEFAULT = topics(Settings.read({}))


def as_declared(topic: Topic, **other: Any) -> Found:
    config = {**topic.config(), **{name.replace("_", "."): value for name, value in other.items()}}
    return Found(topic.partitions or 5, topic.replicas or 1, config)


@pytest.mark.parametrize("topic", DEFAULT.values(), ids=lambda topic: topic.short)
def test_as_declared_there_is_no_fault(topic: Topic) -> None:
    assert faults(topic, as_declared(topic)) == []
    (fault,) = faults(topic, None)
    assert fault.remedy == CREATE


@pytest.mark.parametrize(
    ("short", "name", "value", "right"),
    [
        (RAW, "retention_ms", "2591999999", False),
        (RAW, "retention_ms", "2592000001", True),
        (RAW, "retention_ms", "-1", True),
        (RAW, "retention_bytes", "1", False),
        (RAW, "cleanup_policy", "compact,delete", False),
        (CASE_EVENTS, "segment_ms", "604800000", False),
        (CASE_EVENTS, "segment_ms", "3600000", True),
        (CLOCK_CHANGES, "cleanup_policy", "compact,delete", False),
        (CLOCK_CHANGES, "max_compaction_lag_ms", "9223372036854775807", False),
        (CLOCK_CHANGES, "delete_retention_ms", "86400000", False),
        (DEAD_LETTERS, "message_timestamp_type", "CreateTime", False),
        (DEAD_LETTERS, "max_message_bytes", "1048588", False),
    ],
)
def test_each_value_is_right_or_mended_by_one_command(short: str, name: str, value: str, right: bool) -> None:
    topic = DEFAULT[short]
    found = faults(topic, as_declared(topic, **{name: value}))
    assert (found == []) is right
    for fault in found:
        key = name.replace("_", ".")
        assert (fault.remedy, fault.config) == (MEND, {key: topic.config()[key]})
        assert f"{key}={value}" in fault.what


def test_a_value_the_broker_does_not_tell_is_a_fault() -> None:
    topic = DEFAULT[RAW]
    config = {name: value for name, value in topic.config().items() if name != "retention.ms"}
    assert "retention.ms=unknown" in faults(topic, Found(8, 1, config))[0].what


def test_partitions_and_copies() -> None:
    topic = DEFAULT[CASE_EVENTS]
    assert faults(topic, as_declared(topic)._replace(partitions=7))[0].remedy == MEND
    too_many = faults(topic, as_declared(topic)._replace(partitions=9))[0]
    assert too_many.remedy == f"set CASECLOCK_PARTITIONS=9 for every worker, then {MEND}"
    letters = DEFAULT[DEAD_LETTERS]
    assert "delete it" in faults(letters, as_declared(letters)._replace(partitions=2))[0].remedy
    three = topics(Settings.read({"CASECLOCK_REPLICATION": "3"}))[CASE_EVENTS]
    few = faults(three, as_declared(three)._replace(replicas=2))[0]
    assert few.remedy == "kafka-reassign-partitions, or set CASECLOCK_REPLICATION=2"
    assert faults(topic, as_declared(topic)._replace(replicas=3)) == []


def test_of_a_raw_topic_that_is_not_ours_only_what_we_need() -> None:
    theirs = topics(Settings.read({"CASECLOCK_RAW_TOPIC": "carefirst.events"}))[RAW]
    config = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
    assert faults(theirs, Found(3, 2, config)) == []
    compacted = faults(theirs, Found(3, 2, {**config, "cleanup.policy": "compact"}))[0]
    assert compacted.remedy == "its owner sets cleanup.policy=delete"
