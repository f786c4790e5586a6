"""The topics on a broker: compared with what is declared, created and mended. With kafka-python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource
from kafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from schemas.errors import CaseclockError
from schemas.kafka import options as kafka_options
from schemas.kafka.topic_faults import MEND, Found, TopicFault, faults
from schemas.kafka.topics import Topic, topics
from schemas.settings.settings import Settings

SEEN = 10.0  # seconds until a change is seen, at most; it takes milliseconds


class BrokerRefused(CaseclockError):
    """The broker is away, or refuses. The message says what to do."""


class TopicsRefused(CaseclockError):
    """Topics are missing or misconfigured. The message has a line for each, with the command that mends it."""


@contextmanager
def administration(settings: Settings) -> Iterator[KafkaAdminClient]:
    """A connection to the broker. What goes wrong with it is raised as BrokerRefused."""
    where = ", ".join(settings.brokers())
    try:
        client = KafkaAdminClient(**kafka_options.admin(settings))
        try:
            yield client
        finally:
            client.close()
    except KafkaError as wrong:
        raise BrokerRefused(
            f"the broker at {where}: {type(wrong).__name__}. Is it running (in a checkout: `make stack`), does"
            " CASECLOCK_KAFKA name it, and are CASECLOCK_KAFKA_SECURITY and what goes with it right?"
        ) from wrong


def amiss(client: KafkaAdminClient, settings: Settings) -> list[TopicFault]:
    """Returns what is amiss with our topics."""
    declared = topics(settings)
    there = found(client, declared.values())
    return [fault for topic in declared.values() for fault in faults(topic, there.get(topic.name))]


def check(settings: Settings) -> None:
    """For a worker that starts. Raises TopicsRefused, BrokerRefused."""
    with administration(settings) as client:
        wrong = amiss(client, settings)
    if wrong:
        raise TopicsRefused("\n".join(map(str, wrong)))


def create(client: KafkaAdminClient, settings: Settings) -> list[str]:
    """Creates those of our topics that are not there; gives their names. Another may be creating them too."""
    declared = [topic for topic in topics(settings).values() if topic.ours]
    there = found(client, declared)
    missing = [topic for topic in declared if topic.name not in there]
    for topic in missing:
        new = {"num_partitions": topic.partitions, "replication_factor": topic.replicas, "configs": topic.config()}
        with suppress(TopicAlreadyExistsError):
            client.create_topics({topic.name: new})
    if missing:
        client.wait_for_topics([topic.name for topic in missing])
    return [topic.name for topic in missing]


def mend(client: KafkaAdminClient, settings: Settings) -> list[TopicFault]:
    """Sets right what can be set right of our topics as they are; gives what was amiss and is mended."""
    mended = [fault for fault in amiss(client, settings) if fault.remedy == MEND]
    wanted = {topic.name: topic.partitions for topic in topics(settings).values()}
    for fault in mended:
        if fault.config:
            client.alter_configs([_named(fault.topic, dict(fault.config))])
        else:
            client.create_partitions({fault.topic: wanted[fault.topic]})
    _until_seen(client, settings, mended)
    return mended


def _until_seen(client: KafkaAdminClient, settings: Settings, mended: list[TopicFault]) -> None:
    """Returns what was changed is seen a moment later. Raises BrokerRefused if it is not."""
    end = monotonic() + SEEN
    while still := [fault for fault in amiss(client, settings) if fault in mended]:
        if monotonic() > end:
            raise BrokerRefused(f"{still[0].topic} {still[0].what}, and the broker leaves it so")


def is_there(client: KafkaAdminClient, name: str) -> bool:
    """Whether the broker has a topic of this name, whosever it is."""
    (topic,) = client.describe_topics([name])
    if (error := for_code(topic["error_code"])) is UnknownTopicOrPartitionError:
        return False
    if topic["error_code"]:
        raise error(name)
    return True


def found(client: KafkaAdminClient, wanted: Iterable[Topic]) -> dict[str, Found]:
    """Those of some topics that are there."""
    names = [topic.name for topic in wanted]
    described = {}
    for topic in client.describe_topics(names):
        if (error := for_code(topic["error_code"])) is UnknownTopicOrPartitionError:
            continue
        if topic["error_code"]:
            raise error(topic["name"])
        described[topic["name"]] = topic["partitions"]
    if not described:
        return {}
    configs = client.describe_configs([_named(name) for name in described], config_filter="all")["topic"]
    return {
        name: Found(
            len(partitions),
            min(len(partition["replica_nodes"]) for partition in partitions),
            {key: str(value["value"]) for key, value in configs[name].items()},
        )
        for name, partitions in described.items()
    }


def _named(name: str, configs: dict[str, str] | None = None) -> ConfigResource:
    return ConfigResource("TOPIC", name, configs)
