"""What is around a worker's work: whether it is well, and what it says. No child is in either."""

from __future__ import annotations

import json
import logging
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from caseclock.workers import health, logs
from caseclock.workers.ingest import IntakeMetrics
from caseclock.workers.state import STUCK, State
from deploy.stack.places import free
from schemas.settings.settings import BadSettings, Settings
from services.ingest.intake.intake import Taken
from services.ingest.kafka.batch import Partition, Polled


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(clock: Clock) -> State:
    return State("ingest", clock)


@pytest.fixture
def port(state: State) -> Iterator[int]:
    with health.served(state, "127.0.0.1", next(free(20000))) as port:
        yield port


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def test_ready_only_while_it_can_work(state: State, port: int) -> None:
    assert ask(port, "/readyz") == (503, "starting\n")
    assert ask(port, "/healthz") == (200, "ok\n")
    state.ready()
    assert ask(port, "/readyz") == (200, "ok\n")
    state.wanting("database: OperationalError")
    assert ask(port, "/readyz") == (503, "database: OperationalError\n")
    assert ask(port, "/healthz") == (200, "ok\n")
    assert ask(port, "/elsewhere")[0] == 404


def test_what_it_wants_is_said_until_it_has_it(state: State) -> None:
    """The database answering does not mean that the broker does."""
    state.has("starting")
    state.wanting("broker: no connection")
    state.wanting("database: OperationalError")
    assert state.readiness() == "broker: no connection, database: OperationalError"
    state.has("database")
    assert state.readiness() == "broker: no connection"
    state.has("broker")
    assert state.readiness() is None


def test_a_worker_that_does_not_move_is_ill(state: State, clock: Clock, port: int) -> None:
    state.ready()
    clock.seconds = STUCK - 1
    assert ask(port, "/healthz") == (200, "ok\n")
    clock.seconds = STUCK
    assert ask(port, "/healthz") == (503, "no sign of life for 120 s\n")
    assert ask(port, "/readyz")[0] == 503
    state.moved()
    assert ask(port, "/healthz")[0] == 200


def test_metrics_count_what_was_done(state: State, port: int) -> None:
    told = IntakeMetrics(state)
    told.took(Taken(10, 7, 2, 1), 0.3)
    told.waiting("OperationalError")
    told.lost(Partition("raw", 3), 4)
    _, said = ask(port, "/metrics")
    for line in (
        'caseclock_records_total{outcome="accepted",topic="raw"} 7.0',
        'caseclock_records_total{outcome="rejected",topic="raw"} 1.0',
        'caseclock_waits_total{what="database"} 1.0',
        "caseclock_records_lost_total 4.0",
        "caseclock_worker_ready 0.0",
        "caseclock_batch_seconds_count 1.0",
    ):
        assert line in said.splitlines()


def test_a_worker_without_its_share_of_partitions_is_not_ready(state: State) -> None:
    told = IntakeMetrics(state)
    state.has("starting")
    told.idle(joined=False)
    assert state.readiness() == "broker"
    told.idle(joined=True)
    assert state.readiness() is None


def test_port_0_serves_nothing(state: State) -> None:
    with health.served(state, "127.0.0.1", 0) as port:
        assert port == 0


def test_a_port_that_is_taken_is_refused_by_name(state: State, port: int) -> None:
    said = f"CASECLOCK_HEALTH_PORT is {port}: 127.0.0.1: .*choose another"
    with pytest.raises(BadSettings, match=said), health.served(state, "127.0.0.1", port):
        pass


def raised(wrong: Exception) -> logging.LogRecord:
    try:
        raise wrong
    except Exception:
        return logging.LogRecord("x", logging.CRITICAL, "f", 1, "ended by a fault", (), sys.exc_info())


def test_a_line_is_a_json_object() -> None:
    record = logging.LogRecord("x", logging.WARNING, "f", 1, "waiting for %s", ("it",), None)
    record.partition = 3
    said = json.loads(logs.Json("ingest-1").format(record))
    assert said.pop("at").endswith("+00:00")
    assert said == {"level": "warning", "worker": "ingest-1", "what": "waiting for it", "partition": 3}


@pytest.mark.parametrize("form", [logs.Json("w"), logs.Text("w")])
def test_an_exceptions_message_is_not_logged(form: logging.Formatter) -> None:
    """It may quote what it stumbled over."""
    said = form.format(raised(ValueError("child C0012345 has no such referral")))
    assert "C0012345" not in said
    assert "ValueError" in said
    assert "test_worker.py" in said


def test_starting_the_logs_quiets_those_who_repeat_themselves() -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        logs.start(Settings.read({"CASECLOCK_LOG_LEVEL": "warning", "CASECLOCK_LOG_FORMAT": "text"}), "w")
        assert not logging.getLogger("kafka.net").isEnabledFor(logging.ERROR)
        assert not logging.getLogger("services").isEnabledFor(logging.INFO)
    finally:
        root.handlers[:] = before
        root.setLevel(level)


class Record:
    def __init__(self, offset: int, value: bytes | None) -> None:
        self.offset, self.value = offset, value


def test_polled_records_are_a_source_like_any_other() -> None:
    polled = Polled({Partition("raw", 1): [Record(7, b"a"), Record(8, None)], Partition("raw", 0): [Record(3, b"c")]})
    assert polled.size == 3
    assert list(polled) == [(0, b"a"), (1, b""), (2, b"c")]
    assert polled.place(1) == "topic raw partition 1 offset 8"
