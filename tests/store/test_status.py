"""How far each step is behind the log, in all and by shard."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import Engine, insert

from caseclock.runtime import rules
from caseclock.workers.status import Lag, unfolded, unfolded_by_shard, unpublished
from schemas.kafka.shards import shard_of
from schemas.store.engine import table_of
from schemas.store.tables import Publication
from services.ingest.intake.intake import take_in
from services.timeliness.table.catch_up import catch_up
from tests.helpers.records import NOW, given, record

LATER = NOW + timedelta(seconds=90)


def take(engine: Engine, *children: str) -> None:
    events = (record(f"{child}-{n}", child) for n, child in enumerate(children))
    take_in(engine, given(*events), history=False, now=NOW)


def test_what_is_not_folded_is_counted_by_shard(engine: Engine) -> None:
    take(engine, "C1")
    catch_up(engine, rules().register, rules().calendar)
    assert (unfolded_by_shard(engine), unfolded(engine, LATER)) == ({}, Lag(0, 0.0))
    children = ("C2", "C2", "C3", "C4")
    take(engine, *children)
    assert unfolded_by_shard(engine) == Counter(map(shard_of, children))
    assert unfolded(engine, LATER) == Lag(4, 90.0)


def test_before_anything_was_published_everything_is_not(engine: Engine) -> None:
    take(engine, "C1", "C2")
    assert unpublished(engine, LATER) == Lag(2, 90.0)
    with engine.begin() as connection:
        connection.execute(insert(table_of(Publication)).values(id=1, published_to=1, published_at=NOW))
    assert unpublished(engine, LATER) == Lag(1, 90.0)
