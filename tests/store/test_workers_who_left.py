"""A worker's leaving ends what that worker held, for children in every shard, and in any order of arrival."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from schemas.kafka.shards import shard_of
from schemas.time.calendar import england
from services.timeliness.standards.register import load
from services.timeliness.table.catch_up import catch_up, rebuild
from tests.helpers.records import record, retraction
from tests.store.test_project import fold, rows, take

CHILDREN = ("A", "B", "C")


def allocated(child: str, worker: str = "W1") -> bytes:
    data = {"allocation_id": f"a-{child}", "worker": worker, "role": "social_worker", "registered": True}
    return record(f"held-{child}", child, "worker.allocated", data=data, occurredon="2024-03-01")


def enquiry(child: str) -> bytes:
    return record(f"q-{child}", child, "enquiry.started", data={"enquiry_id": f"E{child}"}, occurredon="2024-03-04")


def left(worker: str = "W1", **more: Any) -> bytes:
    return record("left", worker, "worker.left", occurredon="2024-03-11", **more)


def gaps(engine: Engine) -> list[tuple[str, str, str]]:
    found = rows(engine, "allocated-qualified")
    return [(row.child, str(row.started_on), row.cause) for row in found]


def test_it_reaches_the_children_in_every_shard(engine: Engine) -> None:
    assert len({shard_of(one) for one in (*CHILDREN, "W1")}) == 4
    take(engine, *(event for child in CHILDREN for event in (allocated(child), enquiry(child))))
    fold(engine)
    assert gaps(engine) == []
    take(engine, left())
    fold(engine)
    assert gaps(engine) == [(child, "2024-03-11", "left") for child in CHILDREN]
    take(engine, retraction("no", "left", "W1"))
    fold(engine)
    assert gaps(engine) == []
    assert rebuild(engine, load(), england()).equal


def test_a_worker_of_the_shard_alone_folds_the_others_too(engine: Engine) -> None:
    take(engine, *(event for child in CHILDREN for event in (allocated(child), enquiry(child))))
    fold(engine)
    take(engine, left())
    catch_up(engine, load(), england(), [shard_of("W1")])
    assert [child for child, _, _ in gaps(engine)] == list(CHILDREN)


@pytest.mark.parametrize("first", ["left", "held"])
def test_it_is_the_same_whichever_came_first(engine: Engine, first: str) -> None:
    child, worker = [allocated("A"), enquiry("A")], [left()]
    for events in (worker, child) if first == "left" else (child, worker):
        take(engine, *events)
        fold(engine)
    assert gaps(engine) == [("A", "2024-03-11", "left")]
