"""The timeliness worker: folds the shards that case-events names, and those it finds behind, and says what changed."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError
from prometheus_client import Counter, Gauge

from caseclock.runtime import now, rules
from caseclock.workers import streaming
from caseclock.workers.context import Work
from caseclock.workers.heartbeat import beat
from caseclock.workers.retry import Stopped, patiently
from caseclock.workers.startup import with_broker
from caseclock.workers.status import unfolded, unfolded_by_shard
from caseclock.workers.streaming import Duty, Nudge
from schemas.kafka import options as kafka_options
from schemas.kafka.shards import SHARDS
from schemas.kafka.topics import CASE_EVENTS, CLOCK_CHANGES, DEAD_LETTERS, topics
from schemas.store.engine import batches, reader
from services.timeliness.table.announce import announce
from services.timeliness.table.catch_up import CaughtUp, catch_up
from services.timeliness.table.progress import states
from services.timeliness.table.reference import keep
from services.timeliness.table.unannounced import notes

GROUP = "timeliness"
PART = 8  # shards folded in one transaction when many are found behind

log = logging.getLogger(__name__)


class _Named(msgspec.Struct):
    """Holds what is looked at of a record of case-events: the shard, and whether it tells of events. What it holds,
    the log holds. One of no events asks for a whole shard of a generation that is being built."""

    shard: int
    last: int


_named = msgspec.json.Decoder(_Named)


def run(work: Work) -> None:
    """Until told to stop."""
    producer = with_broker(work, lambda: KafkaProducer(**kafka_options.producer(work.settings)))
    folding = Folding(work, producer)
    topic = topics(work.settings)[CASE_EVENTS]
    try:
        streaming.run(work, Duty(GROUP, topic, folding.nudged, folding.looked))
    finally:
        producer.close(timeout=5)


class Folding:
    """Holds what the worker does, apart from where it is told of it."""

    def __init__(self, work: Work, producer: KafkaProducer) -> None:
        self._work, self._producer, self._by = work, producer, rules()
        declared = topics(work.settings)
        self._source = declared[CASE_EVENTS].name
        self._changes, self._dead = declared[CLOCK_CHANGES].name, declared[DEAD_LETTERS].name
        self._behind: set[tuple[int, int, int]] | None = None
        registry = work.state.registry
        self._events = Gauge(
            "caseclock_unfolded_events", "Events in the log that no clock has seen.", registry=registry
        )
        self._age = Gauge("caseclock_unfolded_seconds", "Since the oldest of them became known.", registry=registry)
        self._of_shard = Gauge(
            "caseclock_shard_unfolded_events", "The same, of each shard.", ["shard"], registry=registry
        )
        self._folded = Counter("caseclock_folded", "Children whose history was folded.", registry=registry)

    def nudged(self, nudges: Sequence[Nudge]) -> None:
        """Folds the shards that records name, all at once; whole ones each by itself."""
        named = [one for nudge in nudges if (one := self._named(nudge)) is not None]
        shards = {one.shard for one in named if one.last}
        if shards:
            self._fold(shards, by_other_rules=False)
        for shard in sorted({one.shard for one in named if not one.last}):
            self._fold([shard], by_other_rules=False)
        self._work.state.records.labels(CASE_EVENTS, "done").inc(len(nudges))

    def looked(self) -> None:
        """Folds what is behind since the look before, and at the first look all that is behind: whatever is behind for
        longer, no record will come for. At the first look, too, clocks of other rules are made anew."""
        first = self._behind is None
        if first:
            by = self._by
            patiently(self._work, lambda: keep(self._work.engine, by.register, by.calendar, by.divisions))
        behind = patiently(self._work, self._behind_now)
        lasting = behind if first else behind & (self._behind or set())
        self._behind = behind
        shards = sorted(range(SHARDS) if first else {shard for _, shard, _ in lasting})
        for part in batches(shards, PART):
            folded = self._whatever_else(part, by_other_rules=first)
            if folded and not first:
                log.warning("found behind, and folded", extra={"children": folded})
        self._announce_what_was_left()
        patiently(self._work, self._tell_how_it_stands)

    def _whatever_else(self, shards: Sequence[int], by_other_rules: bool) -> int:
        """Folds them, and if that fails one by one: a fault in one shard holds up no other. Gives how many children."""
        try:
            return self._fold(shards, by_other_rules).folded
        except Stopped:
            raise
        except Exception:
            if len(shards) > 1:
                return sum(self._whatever_else([shard], by_other_rules) for shard in shards)
            log.error("a shard cannot be folded; its clocks stand still", extra={"shard": shards[0]}, exc_info=True)
            return 0

    def _tell_how_it_stands(self) -> None:
        lag = unfolded(self._work.engine, now())
        self._events.set(lag.events)
        self._age.set(lag.seconds)
        by_shard = unfolded_by_shard(self._work.engine) if lag.events else {}
        for shard in range(SHARDS):
            self._of_shard.labels(shard).set(by_shard.get(shard, 0))
        beat(self._work.engine, GROUP, self._work.worker, now(), swept=True)

    def _behind_now(self) -> set[tuple[int, int, int]]:
        with reader(self._work.engine) as connection:
            return {(s.generation, s.shard, s.folded_to) for s in states(connection) if s.behind}

    def _fold(self, shards: Collection[int], by_other_rules: bool) -> CaughtUp:
        engine, by = self._work.engine, self._by
        with self._work.state.batches.time():
            done = patiently(
                self._work, lambda: catch_up(engine, by.register, by.calendar, shards, by_other_rules=by_other_rules)
            )
        self._folded.inc(done.folded)
        if done.note is not None:
            self._announce(done.note)
        return done

    def _announce(self, note: int) -> int | None:
        """Gives how many clocks; None if the broker did not take them."""
        try:
            return patiently(self._work, lambda: announce(self._producer, self._changes, self._work.engine, note))
        except KafkaError as wrong:
            log.warning("changes not announced; the next look does it", extra={"why": type(wrong).__name__})
            return None

    def _announce_what_was_left(self) -> None:
        """Returns what somebody folded and did not live to announce, or what the broker did not take."""
        for note in patiently(self._work, lambda: notes(self._work.engine)):
            clocks = self._announce(note)
            if clocks is None:
                return  # nor would it take the others
            if clocks:
                log.info("found unannounced, and announced", extra={"clocks": clocks})

    def _named(self, nudge: Nudge) -> _Named | None:
        try:
            named = _named.decode(nudge.value or b"")
            if 0 <= named.shard < SHARDS:
                return named
            why = f"there is no shard {named.shard}"
        except (ValueError, RecursionError):
            why = "it is no record of case-events"
        log.warning("a record goes to the dead letters", extra={"why": why, "offset": nudge.offset})
        headers = [
            ("topic", self._source.encode()),
            ("partition", str(nudge.partition).encode()),
            ("offset", str(nudge.offset).encode()),
            ("why", why.encode()),
        ]
        self._producer.send(self._dead, key=nudge.key, value=nudge.value, headers=headers)
        self._work.state.records.labels(CASE_EVENTS, "dead").inc()
        return None
