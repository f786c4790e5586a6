"""Publishing raw events to the raw topic, as a case record system would: one event a record, keyed by the child."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from kafka import KafkaProducer
from kafka.errors import KafkaError

from schemas.errors import CaseclockError
from services.ingest.decide.sketch import sketch
from services.ingest.readers import Reader


class NotPublished(CaseclockError):
    """The broker did not take all records. The message says how many it took; publishing again does no harm."""


def publish(producer: KafkaProducer, topic: str, reader: Reader, progress: Callable[[int], None] | None = None) -> int:
    """Publishes every event a reader gives, in its order, and waits until the broker has them all; gives how many.

    What is no event is published too, as it is: it is for ingest to put it in quarantine. Raises NotPublished,
    Unreadable (then what was read before is published).
    """
    failures = _Failures()
    sent = 0
    try:
        for _, raw in reader:
            child = sketch(raw).subject
            sent += 1
            producer.send(topic, key=child.encode() if child else None, value=raw).add_errback(failures.add)
            if failures.first is not None:
                break
            if progress is not None and sent % 1000 == 0:
                progress(getattr(reader, "done", sent))
        producer.flush()
    except KafkaError as wrong:
        failures.add(wrong)
    if failures.first is not None:
        raise NotPublished(
            f"the broker took {sent - failures.count:,} of {sent:,} events and then: {type(failures.first).__name__}."
            " Publish again when it is back: what it has is known by its id"
        )
    return sent


class _Failures:
    """Holds what went wrong with records on their way; told on the client's own thread."""

    def __init__(self) -> None:
        self.first: Exception | None = None
        self.count = 0
        self._lock = Lock()

    def add(self, wrong: Exception) -> None:
        with self._lock:
            self.first = self.first or wrong
            self.count += 1
