"""Says what is amiss with a topic as a broker has it, and what mends it. Pure.

>>> from schemas.settings.settings import Settings
>>> from schemas.kafka.topics import CASE_EVENTS, topics
>>> wanted = topics(Settings.read({}))[CASE_EVENTS]
>>> print(faults(wanted, None)[0])
caseclock.case-events is not there. To mend it: caseclock topics create
>>> print(faults(wanted, Found(4, 1, wanted.config()))[0])
caseclock.case-events has 4 partitions, not 8. To mend it: caseclock topics mend
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from schemas.kafka.topics import Topic

CREATE, MEND = "caseclock topics create", "caseclock topics mend"

# in Kafka, -1 is without end for the first, and any other name must be as declared
_AT_LEAST = ("retention.ms", "retention.bytes", "max.message.bytes", "delete.retention.ms", "min.insync.replicas")
_AT_MOST = ("max.compaction.lag.ms", "segment.ms")
_OF_OTHERS = ("cleanup.policy", "retention.ms", "retention.bytes")  # what we need of a topic that is not ours


class Found(NamedTuple):
    """A topic as the broker has it."""

    partitions: int
    replicas: int
    config: Mapping[str, str]


class TopicFault(NamedTuple):
    """Holds what is amiss with a topic. `remedy`: what to type or do; `config`: the configuration that `mend` would
    set."""

    topic: str
    what: str
    remedy: str
    config: Mapping[str, str] = {}

    def __str__(self) -> str:
        return f"{self.topic} {self.what}. To mend it: {self.remedy}"


def faults(topic: Topic, found: Found | None) -> list[TopicFault]:
    """Everything that is amiss; none if the topic can be used."""
    if found is None:
        remedy = CREATE if topic.ours else "its owner creates it, or CASECLOCK_RAW_TOPIC names another"
        return [TopicFault(topic.name, "is not there", remedy)]
    return [*_division(topic, found), *_configuration(topic, found)]


def _division(topic: Topic, found: Found) -> list[TopicFault]:
    made = []
    if topic.partitions is not None and found.partitions != topic.partitions:
        what = f"has {found.partitions} partitions, not {topic.partitions}"
        made.append(
            TopicFault(topic.name, what, MEND if found.partitions < topic.partitions else _too_many(topic, found))
        )
    if topic.replicas is not None and found.replicas < topic.replicas:
        what = f"has {found.replicas} of {topic.replicas} copies"
        remedy = f"kafka-reassign-partitions, or set CASECLOCK_REPLICATION={found.replicas}"
        made.append(TopicFault(topic.name, what, remedy))
    return made


def _too_many(topic: Topic, found: Found) -> str:
    """Kafka takes no partition away."""
    if topic.partitions == 1:
        return f"delete it (kafka-topics --delete --topic {topic.name}), then {CREATE}"
    return f"set CASECLOCK_PARTITIONS={found.partitions} for every worker, then {MEND}"


def _configuration(topic: Topic, found: Found) -> list[TopicFault]:
    made = []
    for name, wanted in topic.config().items():
        is_so = found.config.get(name, "unknown")
        if (topic.ours or name in _OF_OTHERS) and not _serves(name, wanted, is_so):
            remedy = MEND if topic.ours else f"its owner sets {name}={wanted}"
            made.append(TopicFault(topic.name, _said(name, wanted, is_so), remedy, {name: wanted}))
    return made


def _serves(name: str, wanted: str, is_so: str) -> bool:
    if name in _AT_LEAST:
        return is_so == "-1" or (wanted != "-1" and is_so.isdigit() and int(is_so) >= int(wanted))
    if name in _AT_MOST:
        return is_so.isdigit() and int(is_so) <= int(wanted)
    return is_so == wanted


def _said(name: str, wanted: str, is_so: str) -> str:
    if name.endswith(".ms") and is_so.isdigit():
        least = "at least" if name in _AT_LEAST else "at most"
        return f"has {name}={is_so} ({int(is_so) / 86_400_000:.3g} days); it must be {least} {wanted}"
    return f"has {name}={is_so}, not {wanted}"
