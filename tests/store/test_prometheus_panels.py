"""Every query of the Operations dashboard, asked of a real Prometheus that has asked a worker of each service."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest
import yaml

from caseclock.workers import health
from caseclock.workers.alerts import AlertWork
from caseclock.workers.context import Work
from caseclock.workers.publishing import Publishing
from caseclock.workers.state import State
from caseclock.workers.timeliness import Folding
from deploy.stack.places import ROOT, free
from schemas.settings.settings import Settings
from schemas.store.engine import connect
from schemas.time.calendar import england
from services.ingest.intake.intake import take_in
from tests.helpers.records import given, record

PATIENCE = 60.0  # seconds; some take 5
NOW = datetime(2024, 3, 13, 9, tzinfo=UTC)
BOARD = json.loads((ROOT / "deploy" / "grafana" / "dashboards" / "operations.json").read_text(encoding="utf-8"))
QUERIES = [
    pytest.param(target["expr"], id=f"{panel['title']}: {target['expr']}")
    for panel in BOARD["panels"]
    for target in panel.get("targets", [])
    if "expr" in target
]
Ask = Any


def _workers() -> list[State]:
    """Of each service, having worked a little."""
    engine = connect("sqlite://")
    take_in(engine, given(record("e1", "C1"), b"nonsense"), history=False, now=NOW - timedelta(days=2))
    works = [
        Work(Settings.read({}), name, engine, State(name), lambda: False) for name in ("ingest", "timeliness", "alerts")
    ]
    ingest, timeliness, alerts = works
    Publishing(ingest, None, lambda: NOW)  # type: ignore[arg-type]
    Folding(timeliness, None)  # type: ignore[arg-type]
    telling = AlertWork(alerts)
    telling.looked()
    for work in works:
        for outcome in ("accepted", "rejected"):
            work.state.records.labels("caseclock.raw", outcome).inc()
        work.state.waits.labels("database").inc()
        work.state.batches.observe(0.2)
        work.state.ready()
    return [work.state for work in works]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """`ask('up')`: what a Prometheus with our rules answers now."""
    program = shutil.which("prometheus")
    if program is None:
        reason = "needs Prometheus: Debian, Ubuntu: apt-get install prometheus"
        if os.environ.get("CI") in ("true", "1"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("prometheus")
    with ExitStack() as stack:
        states = _workers()
        ports = free(23000 + os.getpid() * 7 % 5000)
        targets = [stack.enter_context(health.served(state, "127.0.0.1", next(ports))) for state in states]
        port = next(ports)
        stack.enter_context(_prometheus(program, folder, port, targets))

        def ask_it(query: str) -> list[Any]:
            address = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
            with urllib.request.urlopen(address, timeout=10) as answer:
                return list(json.load(answer)["data"]["result"])

        _until(lambda: len(ask_it("up == 1")) == 3)
        for state in states:  # something happens between two looks of Prometheus
            state.records.labels("caseclock.raw", "accepted").inc(10)
            state.batches.observe(0.3)
        _until(lambda: bool(ask_it("caseclock:records:rate5m > 0")))
        yield ask_it


class _prometheus:
    """A server in a folder that asks these ports of ours every second."""

    def __init__(self, program: str, folder: Path, port: int, targets: list[int]) -> None:
        config = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        addresses = [f"127.0.0.1:{one}" for one in targets]
        config["scrape_configs"] = [{"job_name": "caseclock", "static_configs": [{"targets": addresses}]}]
        config["rule_files"] = [str(ROOT / "deploy" / "prometheus" / "rules.yml")]
        del config["alerting"]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self._command = [
            program,
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        ]

    def __enter__(self) -> None:
        self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)


def _until(so: Any) -> None:
    end, never = monotonic() + PATIENCE, Event()
    while True:
        try:
            if so():
                return
        except OSError:
            pass  # it does not answer yet
        assert monotonic() < end, "it did not come to pass"
        never.wait(0.1)


@pytest.mark.parametrize("query", QUERIES)
def test_a_panel_has_something_to_show(ask: Ask, query: str) -> None:
    rows = ask(query)
    assert rows
    assert all(float(row["value"][1]) == float(row["value"][1]) for row in rows)  # no NaN


def test_each_worker_is_seen_to_work(ask: Ask) -> None:
    rows = ask("sum by (worker) (caseclock_worker_ready * on (instance) group_left (worker) caseclock_worker)")
    assert {row["metric"]["worker"]: row["value"][1] for row in rows} == {
        "ingest": "1",
        "timeliness": "1",
        "alerts": "1",
    }


def test_the_calendar_is_said_to_last_as_long_as_it_does(ask: Ask) -> None:
    (row,) = ask("min(caseclock_calendar_last_day_timestamp_seconds)")
    assert datetime.fromtimestamp(float(row["value"][1]), UTC).date() - england().last <= timedelta(days=1)
