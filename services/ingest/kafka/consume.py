"""Raw records from Kafka into the log. The one place where a step too early loses an event for ever: how far has been
read is committed by hand, after the transaction that took the records in.

Killed between the two, the records come again and are duplicates. While the database is away nothing is committed and
nothing skipped: the batch is read again when it is back. A record that is no event is in quarantine, and its partition
moves on. Partitions may go to another worker in the middle of a batch: then the commit is refused, and that worker
reads the same records again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Any, Protocol

from kafka import KafkaConsumer
from kafka.errors import CommitFailedError, KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from kafka.structs import MemberState, OffsetAndMetadata
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from schemas.store.postgres import passing
from services.ingest.intake.intake import Taken, take_in
from services.ingest.kafka.batch import Partition, Polled, Raw

LOOK = 500  # ms from one look at whether to stop to the next
SOON = 100  # ms until the first try again
CLOSE = 5_000  # ms to give the partitions up; a broker that is away notices by itself
COMMIT = 5_000  # ms; a commit that did not get through is made good by the next

log = logging.getLogger(__name__)


class Watch(Protocol):
    """Holds what is told of the work, for metrics and health. No child is named."""

    def alive(self) -> None:
        """The broker was asked for records."""

    def idle(self, joined: bool) -> None:
        """There were none. `joined`: whether the broker has given this worker its share of the partitions."""

    def took(self, taken: Taken, seconds: float) -> None:
        """A batch is in the log, and the broker knows; it took so long."""

    def waiting(self, why: str) -> None:
        """The database is away."""

    def lost(self, partition: Partition, records: int) -> None:
        """Records were deleted from the topic before they were taken in."""


class RawConsumer:
    """Takes raw records in until told to stop. `now` gives the instant at which a batch becomes known; `after` is
    called after each transaction, before the offsets are committed; `longest_wait` is in seconds."""

    def __init__(
        self,
        consumer: KafkaConsumer,
        engine: Engine,
        now: Callable[[], datetime],
        watch: Watch,
        after: Callable[[], None] = lambda: None,
        longest_wait: int = 15,
    ) -> None:
        self._consumer, self._engine, self._now = consumer, engine, now
        self._watch, self._after, self._longest = watch, after, longest_wait * 1000
        self._wait = SOON

    def run(self, stopping: Callable[[], bool]) -> None:
        """Until `stopping`; then the batch in hand is finished, and the partitions are given up at once."""
        try:
            while not stopping():
                self.step(stopping)
        finally:
            self._consumer.close(autocommit=False, timeout_ms=CLOSE)

    def step(self, stopping: Callable[[], bool] = lambda: False) -> Taken | None:
        """One batch; None if there was none, or it could not be taken in yet."""
        records = self._poll(LOOK)
        if not records:
            self._watch.idle(self._consumer.group_metadata().state == MemberState.STABLE)
            return None
        begun = monotonic()
        try:
            taken = take_in(self._engine, Polled(records), history=False, now=self._now())
            self._after()
        except DBAPIError as wrong:
            if not passing(wrong):
                raise
            self._again(records, wrong, stopping)
            return None
        except NoConnection as wrong:
            self._again(records, wrong, stopping)
            return None
        self._wait = SOON
        self._commit(records)
        self._watch.took(taken, monotonic() - begun)
        return taken

    def _poll(self, milliseconds: int) -> dict[Partition, list[Raw]]:
        try:
            records: dict[Partition, list[Raw]] = self._consumer.poll(timeout_ms=milliseconds)
        except NoOffsetForPartitionError as unknown:  # never read, or long forgotten by the broker
            self._consumer.seek_to_beginning(*unknown.args[0])
            records = {}
        except OffsetOutOfRangeError as gone:
            self._skip(gone.args[0])
            records = {}
        self._watch.alive()
        return records

    def _skip(self, wanted: Mapping[Partition, int]) -> None:
        """Goes on at the first record there is, and says what is lost: the topic forgot it before it was taken in."""
        first = self._consumer.beginning_offsets(list(wanted))
        for partition, offset in wanted.items():
            lost = max(0, first[partition] - offset)
            log.error("records were deleted unread", extra={**_where(partition), "from": offset, "lost": lost})
            self._watch.lost(Partition(*partition), lost)
            self._consumer.seek(partition, first[partition])

    def _commit(self, records: Mapping[Partition, Sequence[Raw]]) -> None:
        read = {partition: OffsetAndMetadata(some[-1].offset + 1, "", -1) for partition, some in records.items()}
        try:
            self._consumer.commit(read, timeout_ms=COMMIT)
        except CommitFailedError:
            log.info("partitions went to another worker in the middle of a batch; it reads the batch again")
        except KafkaError as wrong:
            log.warning("offsets not committed; the next batch does it", extra={"why": type(wrong).__name__})

    def _again(
        self, records: Mapping[Partition, Sequence[Raw]], wrong: Exception, stopping: Callable[[], bool]
    ) -> None:
        """Puts the batch back and waits, without leaving the group."""
        why = type(getattr(wrong, "orig", None) or wrong).__name__
        log.warning("the database is away; waiting", extra={"why": why, "milliseconds": self._wait})
        self._watch.waiting(why)
        self._put_back(records)
        left = self._wait
        while left > 0 and not stopping():
            self._consumer.pause(*self._consumer.assignment())
            self._put_back(self._poll(min(left, LOOK)))  # of partitions that came meanwhile
            left -= LOOK
        self._consumer.resume(*self._consumer.paused())
        self._wait = min(self._wait * 2, self._longest)

    def _put_back(self, records: Mapping[Partition, Sequence[Raw]]) -> None:
        ours: Iterable[Any] = self._consumer.assignment()
        for partition, some in records.items():
            if partition in ours:
                self._consumer.seek(partition, some[0].offset)


def _where(partition: Partition) -> dict[str, Any]:
    return {"topic": partition.topic, "partition": partition.partition}
