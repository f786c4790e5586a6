"""A worker started while its database or its broker is away waits, says what for, and works when they are there."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from time import monotonic

import pytest
from kafka.errors import GroupAuthorizationFailedError, KafkaTimeoutError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from caseclock.workers import streaming as stream
from caseclock.workers.broker import BrokerRefused
from caseclock.workers.context import Work
from caseclock.workers.startup import with_broker
from caseclock.workers.state import State
from caseclock.workers.streaming import Duty
from deploy.stack.broker import Broker
from deploy.stack.places import free
from schemas.kafka.topics import CLOCK_CHANGES, topics
from schemas.settings.settings import Settings
from schemas.store.engine import open_engine
from schemas.store.postgres import hopeless
from tests.helpers.brokers import Send
from tests.helpers.postgres import Server
from tests.helpers.worker_flow import records
from tests.helpers.workers import PATIENCE, Worker, all_folded, running, until


def readiness(port: int) -> str:
    """What /readyz says; nothing before it is there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.read().decode().strip()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.read().decode().strip()
    except OSError:
        return ""


def test_started_before_database_and_broker(workers_environ, tmp_path: Path) -> None:
    """Neither is there: it waits for the one, and ends well when told to."""
    health, nowhere = islice(free(29500), 2)
    environ = {
        **workers_environ,
        "CASECLOCK_HEALTH_PORT": str(health),
        "CASECLOCK_DB": f"postgresql+psycopg://nobody@127.0.0.1:{nowhere}/none",
        "CASECLOCK_KAFKA": f"127.0.0.1:{nowhere}",
    }
    with running("timeliness", environ, tmp_path) as workers:
        until(lambda: readiness(health).startswith("starting, database: "), workers)
        assert [worker.stop() for worker in workers] == [0]


def test_started_before_the_broker_it_works_when_that_is_there(
    workers_environ, store: Engine, send: Send, broker: Broker, tmp_path: Path
) -> None:
    """And one that works already says that the broker is away, and goes on when it is back."""
    early, late = islice(free(29500), 2)
    send(*records())

    def worker(name: str, port: int) -> list[Worker]:
        return started.enter_context(running(name, {**workers_environ, "CASECLOCK_HEALTH_PORT": str(port)}, tmp_path))

    with ExitStack() as started:
        workers = worker("timeliness", early)
        until(lambda: readiness(early) == "ok", workers)
        broker.stop()
        try:
            workers += worker("ingest", late)
            until(lambda: "broker: no connection" in readiness(early), workers)
            until(lambda: "broker: " in readiness(late), workers)
        finally:
            broker.start()
        until(lambda: all_folded(store, len(records())), workers)
        until(lambda: readiness(early) == readiness(late) == "ok", workers)
        assert [one.stop() for one in workers] == [0, 0]
    said = [json.loads(line) for line in workers[1].said().splitlines()]
    assert "the broker is away; waiting" in {line["what"] for line in said}


def test_faust_begun_while_the_broker_is_away_works_when_it_is_back(streaming: Settings, broker: Broker) -> None:
    """It went away after the topics were looked at, and before Faust asked for it."""
    state, end = State("alerts"), monotonic() + PATIENCE

    def stopping() -> bool:
        if "broker: no connection" in (state.readiness() or ""):
            broker.start()  # comes back at once where it runs
        return state.readiness() is None or monotonic() > end

    work = Work(streaming, "here", open_engine("sqlite://"), state, stopping)
    broker.stop()
    try:
        stream.run(work, Duty("alerts", topics(streaming)[CLOCK_CHANGES], lambda nudges: None, lambda: None))
    finally:
        broker.start()
    assert state.readiness() is None
    assert state.registry.get_sample_value("caseclock_waits_total", {"what": "broker"})


def work(stopping: bool = False) -> Work:
    return Work(Settings.read({}), "here", open_engine("sqlite://"), State("ingest"), lambda: stopping)


def test_what_a_broker_will_never_take_is_not_tried_again() -> None:
    tried: list[int] = []

    def refused() -> None:
        tried.append(1)
        raise BrokerRefused("no") from GroupAuthorizationFailedError()

    with pytest.raises(BrokerRefused):
        with_broker(work(), refused)
    assert len(tried) == 1


def test_what_it_may_take_later_is_tried_again() -> None:
    answers = [KafkaTimeoutError(), KafkaTimeoutError()]

    def at_last() -> str:
        if answers:
            raise answers.pop()
        return "done"

    given = work()
    assert with_broker(given, at_last) == "done"
    assert given.state.readiness() == "starting"


def test_a_database_that_will_never_let_us_in_is_told_from_one_that_is_away(postgres: Server) -> None:
    nowhere = next(free(29500))
    for url, is_hopeless in (
        (postgres.url("no_such_database"), True),
        (f"postgresql+psycopg://a@127.0.0.1:{nowhere}/x", False),
    ):
        engine = open_engine(url)
        with pytest.raises(DBAPIError) as away:
            engine.connect()
        assert (hopeless(away.value) is not None) == is_hopeless
        engine.dispose()
