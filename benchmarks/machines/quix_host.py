"""The same functions hosted in Quix Streams, as somebody would who began there: one process polls, takes in, folds and
writes at each checkpoint, in two transactions, and Quix Streams commits the offsets afterwards."""

from __future__ import annotations

import logging
import os
from typing import Any

from quixstreams import Application
from quixstreams.sinks import BaseSink

from caseclock.runtime import now, rules
from schemas.kafka.shards import shard_of
from schemas.kafka.topics import RAW, topics
from schemas.settings.settings import Settings
from schemas.store.engine import connect
from services.ingest.decide.sketch import sketch
from services.ingest.intake.intake import take_in
from services.ingest.readers.given import Given
from services.timeliness.table.catch_up import catch_up

AT_ONCE = int(os.environ.get("QUIX_AT_ONCE", "5000"))  # records to a checkpoint


class Store(BaseSink):
    """Gathers records, and at each checkpoint takes them in and folds the shards they speak of."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._engine, self._by = connect(url), rules()
        self._records: list[bytes] = []

    def add(self, value: bytes, **_: Any) -> None:
        self._records.append(value)

    def flush(self) -> None:
        records, self._records = self._records, []
        if not records:
            return
        take_in(self._engine, Given(records, "quix"), history=False, now=now())
        shards = {shard_of(child) for raw in records if (child := sketch(raw).subject)}
        catch_up(self._engine, self._by.register, self._by.calendar, shards)

    def on_paused(self) -> None:
        self._records = []


def main() -> None:
    logging.disable(logging.WARNING)
    settings = Settings.read(os.environ)
    app = Application(
        broker_address=",".join(settings.brokers()),
        consumer_group=settings.topic_prefix + "quix",
        auto_offset_reset="earliest",
        commit_every=AT_ONCE,
        auto_create_topics=False,
        loglevel="ERROR",
    )
    raw = app.topic(topics(settings)[RAW].name, value_deserializer="bytes", key_deserializer="bytes")
    app.dataframe(raw).sink(Store(settings.db))
    app.run()


if __name__ == "__main__":
    main()
