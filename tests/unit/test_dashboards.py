"""The dashboards are what their source makes, and are what the pinned Grafana takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.boards.__main__ import FOLDER, documents
from deploy.grafana.boards.parts import SCHEMA, WORDS

DEPLOY = FOLDER.parents[1]
BOARDS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
KINDS = {"stat", "table", "timeseries", "barchart"}
UNITS = {"percent", "short", "s", "ops"}
QUOTED = re.compile(r"\$\{(\w+):sqlstring\}")


def panels() -> Iterator[Any]:
    for name, board in BOARDS.items():
        for panel in board["panels"]:
            yield pytest.param(board, panel, id=f"{name}: {panel.get('title') or 'freshness'}")


def test_they_are_what_their_source_makes() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*")}
    assert found == documents(), "run `python -m deploy.grafana.boards`"


def test_the_schema_is_that_of_the_grafana_that_is_pinned() -> None:
    image = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["grafana"]["image"]
    assert image.startswith("grafana/grafana:11.4."), "look up schemaVersion of this Grafana"
    assert SCHEMA == 40
    assert {board["schemaVersion"] for board in BOARDS.values()} == {SCHEMA}


def test_each_has_a_name_of_its_own_and_links_to_the_others() -> None:
    assert len({board["uid"] for board in BOARDS.values()}) == len(BOARDS) == 4
    assert len({board["title"] for board in BOARDS.values()}) == 4
    for board in BOARDS.values():
        assert len(board["uid"]) <= 40
        link = board["links"][0]
        assert (link["type"], link["includeVars"], link["keepTime"]) == ("dashboards", True, True)
        assert set(link["tags"]) <= set(board["tags"])


@pytest.mark.parametrize("name", BOARDS)
def test_panels_have_their_own_numbers_and_places(name: str) -> None:
    placed = BOARDS[name]["panels"]
    assert len({panel["id"] for panel in placed}) == len(placed)
    for panel in placed:
        at = panel["gridPos"]
        assert at["x"] >= 0 and at["x"] + at["w"] <= 24 and at["h"] > 0, panel["title"]
    for one, other in combinations(placed, 2):
        a, b = one["gridPos"], other["gridPos"]
        apart = (
            a["x"] + a["w"] <= b["x"]
            or b["x"] + b["w"] <= a["x"]
            or a["y"] + a["h"] <= b["y"]
            or b["y"] + b["h"] <= a["y"]
        )
        assert apart, f"{one['title']} lies over {other['title']}"


@pytest.mark.parametrize(("board", "panel"), list(panels()))
def test_a_panel_is_of_a_known_kind_and_asks_a_known_source(board: dict[str, Any], panel: dict[str, Any]) -> None:
    sources = yaml.safe_load((DEPLOY / "grafana" / "datasources" / "caseclock.yaml").read_text())["datasources"]
    known = {source["uid"]: source["type"] for source in sources}
    assert panel["type"] in KINDS
    assert panel["fieldConfig"]["defaults"].get("unit", "short") in UNITS
    assert panel["targets"]
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
    for of in (panel, *panel["targets"]):
        assert known[of["datasource"]["uid"]] == of["datasource"]["type"]
    for override in panel["fieldConfig"]["overrides"]:
        assert override["matcher"]["id"] in {"byName", "byRegexp"}


def test_what_is_chosen_is_defined_and_quoted() -> None:
    for board in BOARDS.values():
        asked = [variable["query"] for variable in board["templating"].get("list", [])]
        asked += [t.get("rawSql", t.get("expr", "")) for panel in board["panels"] for t in panel["targets"]]
        defined: set[str] = {v["name"] for v in board["templating"].get("list", [])}
        used = {name for text in asked for name in QUOTED.findall(text)}
        assert used == defined, board["title"]
        assert not any("$" in QUOTED.sub("", text) for text in asked), "everything a person chooses is quoted"


def test_variables_are_asked_after_those_they_hang_on() -> None:
    for board in BOARDS.values():
        before: set[str] = set()
        for variable in board["templating"].get("list", []):
            assert set(QUOTED.findall(variable["query"])) <= before
            before.add(variable["name"])


def test_no_child_is_on_the_first() -> None:
    text = json.dumps(BOARDS["weekly"])
    assert not re.search(r"\bchild\b|\bclock\b|reason\b|overdue_now|due_next\b", text)


def test_every_dashboard_says_first_how_fresh_it_is() -> None:
    for board in BOARDS.values():
        first = board["panels"][0]
        assert first["gridPos"] == {"x": 0, "y": 0, "w": 24, "h": 3}
        assert "STALE" in first["targets"][0]["rawSql"]


def test_colours_are_told_apart_by_people_who_see_them_differently() -> None:
    """Those of Okabe and Ito, and grey; and each stands with its word."""
    assert set(WORDS.values()) <= {"#0072B2", "#009E73", "#E69F00", "#D55E00", "#8C8C8C"}


def test_they_are_provisioned() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["grafana"]
    mounts = dict(volume.split(":")[:2] for volume in compose["volumes"])
    provider = yaml.safe_load((DEPLOY / "grafana" / "providers" / "caseclock.yaml").read_text())["providers"][0]
    assert mounts["./grafana/dashboards"] == provider["options"]["path"]
    assert mounts["./grafana/providers"] == "/etc/grafana/provisioning/dashboards"
    for folder in ("datasources", "providers", "dashboards"):
        assert any(Path(DEPLOY / "grafana" / folder).iterdir())
