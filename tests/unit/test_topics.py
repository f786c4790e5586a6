"""The topics as declared: keys that keep a child's order, and nothing kept too short."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.kafka.shards import SHARDS, partition_of, shard_of
from schemas.kafka.topics import CASE_EVENTS, CLOCK_CHANGES, DEAD_LETTERS, RAW, topics
from schemas.settings.settings import Settings

DEFAULT = topics(Settings.read({}))


def test_the_four() -> None:
    assert list(DEFAULT) == [RAW, CASE_EVENTS, CLOCK_CHANGES, DEAD_LETTERS]
    assert [topic.name for topic in DEFAULT.values()] == [f"caseclock.{short}" for short in DEFAULT]


def test_what_is_not_compacted_is_kept_a_month() -> None:
    for topic in DEFAULT.values():
        if topic.short == CLOCK_CHANGES:
            assert topic.config()["cleanup.policy"] == "compact"
            assert "retention.ms" not in topic.config()
        else:
            assert topic.config()["cleanup.policy"] == "delete"
            assert topic.config()["retention.ms"] == str(30 * 24 * 3600 * 1000)
            assert topic.kept == timedelta(days=30)


def test_settings_reach_the_topics() -> None:
    given = {"CASECLOCK_TOPIC_PREFIX": "norfolk.", "CASECLOCK_PARTITIONS": "16", "CASECLOCK_REPLICATION": "3"}
    found = topics(Settings.read(given))
    assert found[CASE_EVENTS].name == "norfolk.case-events"
    assert found[CASE_EVENTS].partitions == 16
    assert found[CASE_EVENTS].config()["min.insync.replicas"] == "2"
    assert found[DEAD_LETTERS].partitions == 1


def test_a_raw_topic_of_somebody_elses_is_divided_as_they_like() -> None:
    raw = topics(Settings.read({"CASECLOCK_RAW_TOPIC": "carefirst.events"}))[RAW]
    assert (raw.name, raw.partitions, raw.replicas) == ("carefirst.events", None, None)


def test_shards_are_for_ever() -> None:
    """Another hash would move children between shards while records are under way: these answers never change."""
    assert [shard_of(child) for child in ("", "C1", "C0012345", "É", "a/b#c")] == [0, 3, 25, 54, 5]


@given(st.text(max_size=40), st.integers(1, SHARDS))
def test_a_child_has_one_shard_and_a_shard_one_partition(child: str, partitions: int) -> None:
    assert 0 <= shard_of(child) < SHARDS
    assert 0 <= partition_of(shard_of(child), partitions) < partitions


@given(st.integers(1, SHARDS))
def test_partitions_are_filled_evenly(partitions: int) -> None:
    filled = [sum(partition_of(shard, partitions) == one for shard in range(SHARDS)) for one in range(partitions)]
    assert max(filled) - min(filled) <= 1
