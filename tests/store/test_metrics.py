"""Metrics by Prometheus's conventions, rules that fire when they should, and a valid Alertmanager."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from sqlalchemy import Engine

from caseclock.workers.alerts import AlertWork
from caseclock.workers.context import Work
from caseclock.workers.gauges import Standing
from caseclock.workers.publishing import Publishing
from caseclock.workers.state import State
from caseclock.workers.timeliness import Folding
from schemas.settings.settings import Settings
from schemas.time.calendar import england
from services.ingest.intake.intake import take_in
from tests.helpers.records import given, record

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = ("seconds", "bytes", "total", "ratio")  # base units; a count of things carries the thing
THINGS = (
    "events",
    "records",
    "notices",
    "unmanned",
    "worker",
    "ready",
    "waits",
    "lost",
    "folded",
    "told",
    "fds",
    "limit",
)
LABELS = {"worker", "topic", "outcome", "what", "state", "shard", "le", "service", "standard", "team"}  # all bounded
NOW = datetime(2024, 3, 13, 9, tzinfo=UTC)


@pytest.fixture
def work(engine: Engine) -> Work:
    return Work(Settings.read({}), "one", engine, State("one"), lambda: False)


@pytest.fixture
def registered(work: Work) -> list[Metric]:
    """All that the workers register."""
    Folding(work, None)  # type: ignore[arg-type]
    AlertWork(work)
    Publishing(work, None, lambda: NOW)  # type: ignore[arg-type]
    return list(work.state.registry.collect())


def test_names_units_and_labels_are_as_prometheus_has_them(registered: list[Metric]) -> None:
    assert len(registered) > 20
    for metric in registered:
        assert re.fullmatch(r"(caseclock|process)(_[a-z0-9]+)+", metric.name), metric.name
        assert metric.documentation.endswith((".", "?")), metric.name
        assert metric.name.endswith((*UNITS, *THINGS)), f"{metric.name} names no base unit and nothing counted"
        assert not re.search(r"_(ms|minutes|hours|days|percent|kb|mb)(_|$)", metric.name)
        for sample in metric.samples:
            assert set(sample.labels) <= LABELS, f"{metric.name} has a label that may grow without end"
            if metric.type == "counter":
                assert sample.name.endswith(("_total", "_created")), sample.name


def test_rules_speak_of_metrics_that_are_there(registered: list[Metric]) -> None:
    there = {sample.name for metric in registered for sample in metric.samples} | {m.name for m in registered}
    there |= {f"{m.name}_total" for m in registered if m.type == "counter"}
    there |= {f"{m.name}_bucket" for m in registered if m.type == "histogram"}
    texts = [(DEPLOY / "prometheus" / "rules.yml").read_text()]
    texts += [p.read_text() for p in (DEPLOY / "grafana" / "dashboards").glob("operations.json")]
    asked = {name for text in texts for name in re.findall(r"\bcaseclock_\w+", text)}
    assert asked <= there, asked - there


def test_recorded_names_are_recorded() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text())
    recorded = {rule["record"] for group in rules["groups"] for rule in group["rules"] if "record" in rule}
    text = (DEPLOY / "grafana" / "dashboards" / "operations.json").read_text()
    assert set(re.findall(r"caseclock:[\w:]+", text)) <= recorded


def test_how_the_whole_stands(engine: Engine) -> None:
    take_in(engine, given(record("e1", "C1"), b"nonsense"), history=False, now=NOW - timedelta(days=2))
    registry = CollectorRegistry()
    standing = Standing(registry)
    standing.swept(engine, england(), NOW)
    assert registry.get_sample_value("caseclock_last_sweep_timestamp_seconds") == NOW.timestamp()
    quietest = registry.get_sample_value("caseclock_quietest_feed_timestamp_seconds")
    assert quietest == (NOW - timedelta(days=2)).timestamp()
    assert registry.get_sample_value("caseclock_quarantined_records") == 1
    assert registry.get_sample_value("caseclock_calendar_last_day_timestamp_seconds") == pytest.approx(
        datetime(2029, 1, 1, tzinfo=UTC).timestamp(), abs=1
    )


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        reason = f"needs {name}: Debian, Ubuntu: apt-get install prometheus prometheus-alertmanager"
        if os.environ.get("CI") in ("true", "1"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.mark.parametrize(
    "asked",
    [
        ("promtool", "check", "rules", "rules.yml"),
        ("promtool", "test", "rules", "rules_test.yml"),
        ("promtool", "check", "config", "prometheus.yml"),
        ("amtool", "check-config", "../alertmanager/alertmanager.yml"),
    ],
    ids=" ".join,
)
def test_prometheus_and_alertmanager_take_it(asked: tuple[str, ...]) -> None:
    done = subprocess.run(
        [tool(asked[0]), *asked[1:]], cwd=DEPLOY / "prometheus", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def rules_of(what: str) -> Iterator[dict[str, Any]]:
    for group in yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text())["groups"]:
        yield from (rule for rule in group["rules"] if what in rule)


def test_every_alert_is_tried_out_and_names_no_child_and_no_team() -> None:
    tried = yaml.safe_load((DEPLOY / "prometheus" / "rules_test.yml").read_text())["tests"]
    fired = {one["alertname"] for test in tried for one in test["alert_rule_test"] if one.get("exp_alerts")}
    silent = {one["alertname"] for one in tried[0]["alert_rule_test"]}
    alerts = {rule["alert"] for rule in rules_of("alert")}
    assert fired == silent == alerts
    for rule in rules_of("alert"):
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert not re.search(r"labels\.(child|team|source)", rule["annotations"]["summary"])
