"""From the raw topic to committed clocks: how many events a second, when there is no end of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep

import msgspec
from kafka import KafkaProducer
from sqlalchemy import Engine, text

from benchmarks.county import file_of
from benchmarks.machines.servers import Running, Servers
from caseclock.runtime import rules
from caseclock.workers import rebuild as spreading
from schemas.kafka import options as kafka_options
from schemas.kafka.topics import RAW, topics
from schemas.settings.settings import Settings
from schemas.store.engine import connect, reader
from services.ingest.kafka.publish_raw import publish
from services.ingest.log.append import verify
from services.ingest.readers.ndjson import Ndjson
from services.timeliness.table import progress
from services.timeliness.table.catch_up import digest

A_LOOK = 0.05  # seconds
QUIET, LONGEST = 4.0, 300.0  # seconds without a move: it is done; it is stuck


class Flowed(msgspec.Struct):
    """What came through. `events` taken in after the first look that found any, in `seconds`; `processor`: seconds of
    it, by process; `digest` of the clocks. `rebuilt`: seconds to fold all `logged` events anew, spread over the
    workers, compared and swapped; None where nobody did. `verified`: seconds to check the chain of all of them.
    `bytes`: of each table in PostgreSQL with its indexes."""

    events: int
    seconds: float
    processor: dict[str, float]
    digest: str
    logged: int
    rebuilt: float | None = None
    verified: float | None = None
    bytes: dict[str, int] = {}

    @property
    def rate(self) -> float:
        return self.events / self.seconds


def workers(servers: Servers, events: int, each: int) -> Flowed:
    """Through so many of each worker. Those that fold are ready before there is anything to fold."""
    environ = servers.fresh(f"each{each}")
    _publish(environ, events)
    fold = [Running(["caseclock.cli.main", "worker", "timeliness"], environ, f"timeliness-{n}") for n in range(each)]
    try:
        while not all(one.ready() for one in fold):
            sleep(A_LOOK)
        take = [Running(["caseclock.cli.main", "worker", "ingest"], environ, f"ingest-{n}") for n in range(each)]
    except BaseException:
        _end(fold)
        raise
    return _flow(servers, environ, [*take, *fold], rebuild=True)


def quix(servers: Servers, events: int) -> Flowed:
    """Through Quix Streams, hosting the same functions in one process."""
    environ = servers.fresh("quix")
    _publish(environ, events)
    python = Path(sys.prefix, "quix", "bin", "python")  # what it asks for and what we do exclude each other
    host = Running(["benchmarks.machines.quix_host"], environ, "quix", str(python))
    return _flow(servers, environ, [host])


def _flow(servers: Servers, environ: Mapping[str, str], running: Sequence[Running], rebuild: bool = False) -> Flowed:
    engine = connect(environ["CASECLOCK_DB"])
    try:
        seen, begun = _first(engine, running)
        before = _processor(servers, running)
        took = _until_folded(engine, running) - begun
        after = _processor(servers, running)
        with reader(engine) as connection:
            head = progress.head_of(connection)
            found = digest(connection, progress.live_of(connection) or 1)
        processor = {name: after[name] - before[name] for name in after}
        done = Flowed(head - seen, took, processor, found, head, bytes=_bytes(engine))
        if rebuild:
            done.rebuilt, done.verified = _rebuilt(engine, environ), _verified(engine)
        return done
    finally:
        _end(running)
        engine.dispose()


def _rebuilt(engine: Engine, environ: Mapping[str, str]) -> float:
    begun = monotonic()
    done = spreading.rebuild(engine, Settings.read(environ), rules(), LONGEST)
    if not done.equal:
        raise RuntimeError("the rebuild is not equal to what was live")
    return monotonic() - begun


def _verified(engine: Engine) -> float:
    begun = monotonic()
    if (found := verify(engine)).result != "whole":
        raise RuntimeError(f"the log is {found.result}")
    return monotonic() - begun


def _bytes(engine: Engine) -> dict[str, int]:
    with reader(engine) as connection:
        tables = connection.execute(
            text("SELECT relname, pg_total_relation_size(relid) FROM pg_catalog.pg_statio_user_tables")
        )
        return {name: size for name, size in tables if size > 100_000}


def _processor(servers: Servers, running: Sequence[Running]) -> dict[str, float]:
    return {**{one.name: one.seconds() for one in running}, **servers.processor()}


def _end(running: Sequence[Running]) -> None:
    for one in running:
        one.end()


def _publish(environ: Mapping[str, str], events: int) -> None:
    settings = Settings.read(environ)
    producer = KafkaProducer(**kafka_options.producer(settings))
    publish(producer, topics(settings)[RAW].name, Ndjson(file_of(events)))
    producer.close()


def _first(engine: Engine, running: Sequence[Running]) -> tuple[int, float]:
    """How many events the log held when it was first seen to hold any, and when."""
    while True:
        with reader(engine) as connection:
            if head := progress.head_of(connection):
                return head, monotonic()
        _wait(running)


def _until_folded(engine: Engine, running: Sequence[Running]) -> float:
    """When the last of it was folded: nothing has moved for a while, and nothing is behind."""
    last, moved = None, monotonic()
    while True:
        with reader(engine) as connection:
            states = progress.states(connection)
            now = (progress.head_of(connection), sum(state.folded_to for state in states))
        if now != last:
            last, moved = now, monotonic()
        behind = not states or any(state.behind for state in states)
        if monotonic() - moved > (LONGEST if behind else QUIET):
            if behind:
                raise RuntimeError("nothing moves")
            return moved
        _wait(running)


def _wait(running: Sequence[Running]) -> None:
    for one in running:
        one.alive()
    sleep(A_LOOK)
