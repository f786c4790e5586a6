"""Says how many raw records wait on their topic to be taken in, as the broker says."""

from __future__ import annotations

from kafka import KafkaConsumer, TopicPartition

from schemas.kafka import options as kafka_options
from schemas.kafka.topics import RAW, topics
from schemas.settings.settings import Settings


def raw_lag(settings: Settings, group: str) -> int:
    """Records after what the group has committed; all that are there, where it has committed nothing. Joins no group.
    Raises KafkaError."""
    topic = topics(settings)[RAW].name
    consumer = KafkaConsumer(**kafka_options.consumer(settings, group))
    try:
        partitions = [TopicPartition(topic, n) for n in sorted(consumer.partitions_for_topic(topic) or ())]
        first, end = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
        return sum(end[one] - max(consumer.committed(one) or 0, first[one]) for one in partitions)
    finally:
        consumer.close(autocommit=False)
