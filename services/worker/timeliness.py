"""The timeliness worker: folds the shards that case-events names, and those it finds behind, and says what changed."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError

from schemas import kafka_options
from schemas.shards import SHARDS
from schemas.store import reader
from schemas.topics import CASE_EVENTS, CLOCK_CHANGES, DEAD_LETTERS, topics
from services.single import now, rules
from services.timeliness.announce import announce
from services.timeliness.progress import states
from services.timeliness.project import CaughtUp, catch_up
from services.worker import streaming
from services.worker.beating import beat
from services.worker.patience import patiently
from services.worker.streaming import Duty, Nudge
from services.worker.work import Work

GROUP = "timeliness"
PART = 8  # shards folded in one transaction when many are found behind

log = logging.getLogger(__name__)


class _Named(msgspec.Struct):
    """What is looked at of a record of case-events: the shard. What it holds, the log holds."""

    shard: int


_named = msgspec.json.Decoder(_Named)


def run(work: Work) -> None:
    """Until told to stop."""
    producer = KafkaProducer(**kafka_options.producer(work.settings))
    folding = Folding(work, producer)
    topic = topics(work.settings)[CASE_EVENTS]
    try:
        streaming.run(work, Duty(GROUP, topic, folding.nudged, folding.looked))
    finally:
        producer.close(timeout=5)


class Folding:
    """What the worker does, apart from where it is told of it."""

    def __init__(self, work: Work, producer: KafkaProducer) -> None:
        self._work, self._producer, self._by = work, producer, rules()
        declared = topics(work.settings)
        self._source = declared[CASE_EVENTS].name
        self._changes, self._dead = declared[CLOCK_CHANGES].name, declared[DEAD_LETTERS].name
        self._behind: set[tuple[int, int, int]] | None = None

    def nudged(self, nudges: Sequence[Nudge]) -> None:
        """Folds the shards that records name, all at once."""
        shards = {shard for nudge in nudges if (shard := self._shard(nudge)) is not None}
        if shards:
            self._fold(shards, by_other_rules=False)
        self._work.state.records.labels("done").inc(len(nudges))

    def looked(self) -> None:
        """Folds what is behind since the look before, and at the first look all that is behind: whatever is behind for
        longer, no record will come for. At the first look, too, clocks of other rules are made anew."""
        first = self._behind is None
        behind = patiently(self._work, self._behind_now)
        lasting = behind if first else behind & (self._behind or set())
        self._behind = behind
        shards = sorted(range(SHARDS) if first else {shard for _, shard, _ in lasting})
        for at in range(0, len(shards), PART):
            done = self._fold(shards[at : at + PART], by_other_rules=first)
            if done.folded and not first:
                log.warning("found behind, and folded", extra={"children": done.folded})
        patiently(self._work, lambda: beat(self._work.engine, GROUP, self._work.worker, now(), swept=True))

    def _behind_now(self) -> set[tuple[int, int, int]]:
        with reader(self._work.engine) as connection:
            return {(s.generation, s.shard, s.folded_to) for s in states(connection) if s.behind}

    def _fold(self, shards: Collection[int], by_other_rules: bool) -> CaughtUp:
        engine, by = self._work.engine, self._by
        with self._work.state.batches.time():
            done = patiently(
                self._work,
                lambda: catch_up(engine, by.register, by.calendar, shards, by_other_rules=by_other_rules),
            )
        self._work.state.records.labels("folded").inc(done.folded)
        if done.changed:
            try:
                patiently(
                    self._work,
                    lambda: announce(self._producer, self._changes, engine, done.changed, done.head),
                )
            except KafkaError as wrong:
                log.warning(
                    "changes not announced; the sweep of all finds them",
                    extra={"why": type(wrong).__name__, "clocks": len(done.changed)},
                )
        return done

    def _shard(self, nudge: Nudge) -> int | None:
        try:
            shard = _named.decode(nudge.value or b"").shard
            if 0 <= shard < SHARDS:
                return shard
            why = f"there is no shard {shard}"
        except (ValueError, RecursionError):
            why = "it is no record of case-events"
        log.warning("a record goes to the dead letters", extra={"why": why, "offset": nudge.offset})
        headers = [
            ("topic", self._source.encode()), ("partition", str(nudge.partition).encode()),
            ("offset", str(nudge.offset).encode()), ("why", why.encode()),
        ]  # fmt: skip
        self._producer.send(self._dead, key=nudge.key, value=nudge.value, headers=headers)
        self._work.state.records.labels("dead").inc()
        return None
