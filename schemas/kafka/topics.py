"""The topics: what crosses Kafka, declared once. `caseclock topics` compares a broker with this, and creates them.

What is kept how long, and why, stands beside each. Kafka is not the memory of anything: the log in the database is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from schemas.settings.settings import Settings

DAY, MONTH = timedelta(days=1), timedelta(days=30)
RECORD_LIMIT = 512 * 1024  # bytes; a record of several events is split below this
LARGEST_RECORD = 2 * 1024 * 1024  # bytes; a single event may be larger, and a raw one is at most 1 MB

RAW, CASE_EVENTS, CLOCK_CHANGES, DEAD_LETTERS = "raw", "case-events", "clock-changes", "dead-letters"


class Topic(NamedTuple):
    """A topic as it must be.

    `short`: our name for it; `name`: as brokers know it. `key` and `value`: in words. `partitions` and `replicas`: None
    where they are its owner's business. `cleanup`: Kafka's cleanup.policy. `kept`: how long a record is kept at least;
    None where the last one of each key is kept for ever. `why`: of key and keeping.
    """

    short: str
    name: str
    key: str
    value: str
    partitions: int | None
    replicas: int | None
    cleanup: str
    kept: timedelta | None
    why: str

    def config(self) -> dict[str, str]:
        """The topic's configuration, in Kafka's words."""
        made = {
            "cleanup.policy": self.cleanup,
            "max.message.bytes": str(LARGEST_RECORD),
            # a record's age is counted from when it came: one that says it is of 2019 is not deleted at once
            "message.timestamp.type": "LogAppendTime",
        }
        if self.kept is not None:
            # what is past keeping goes within a day: it is by whole segments that a broker deletes
            made |= {"retention.ms": _ms(self.kept), "retention.bytes": "-1", "segment.ms": _ms(DAY)}
        else:
            # a state that was replaced is gone within about a day; that a clock is gone can be read for a month
            made |= {"max.compaction.lag.ms": _ms(DAY), "delete.retention.ms": _ms(MONTH)}
        if self.replicas is not None and self.replicas > 2:
            # what was acknowledged survives the loss of one broker
            made["min.insync.replicas"] = str(self.replicas - 1)
        return made

    @property
    def ours(self) -> bool:
        """Whether we create it and say how it is divided. A case record system may have its own raw topic."""
        return self.partitions is not None


def topics(settings: Settings) -> dict[str, Topic]:
    """Every topic, by our name for it."""
    return {
        topic.short: topic
        for topic in (
            _raw(settings),
            Topic(
                CASE_EVENTS,
                settings.topic_prefix + CASE_EVENTS,
                "the child's shard, 0 to 63, in digits; the partition is the shard modulo their number",
                "what one commit of the log accepted for one shard, at most 512 KB unless a single event is larger",
                settings.partitions,
                settings.replication,
                "delete",
                MONTH,
                "By shard, so that one child's events keep their order and one record holds many events. A month,"
                " so that another consumer may be away for one; ours need none of it, since the log is the memory.",
            ),
            Topic(
                CLOCK_CHANGES,
                settings.topic_prefix + CLOCK_CHANGES,
                "the clock's id",
                "the clock as it now is; no value: there is no such clock any more",
                settings.partitions,
                settings.replication,
                "compact",
                None,
                "Compacted: a consumer that starts anew reads the last state of every clock. It names no child, so"
                " that nothing personal stays on a topic that forgets nothing.",
            ),
            Topic(
                DEAD_LETTERS,
                settings.topic_prefix + DEAD_LETTERS,
                "the key of the record",
                "a record that could not be read, as it came; its headers say where it came from and why",
                1,
                settings.replication,
                "delete",
                MONTH,
                "For records of our own topics that a worker cannot read: another version's, or somebody else's. (Raw"
                " records that cannot be read are in quarantine.) A month, to be looked at.",
            ),
        )
    }


def _raw(settings: Settings) -> Topic:
    ours = settings.raw_topic is None
    return Topic(
        RAW,
        settings.raw_topic or settings.topic_prefix + RAW,
        "the child",
        "one event as CloudEvents JSON, as its source spells it",
        settings.partitions if ours else None,
        settings.replication if ours else None,
        "delete",
        MONTH,
        "By child, so that one child's events keep their order. A month, because ingest may be away for weeks and a"
        " record that was deleted before it was taken in is lost.",
    )


def _ms(span: timedelta) -> str:
    return str(int(span.total_seconds() * 1000))
