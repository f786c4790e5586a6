"""What was reported and why it is different now, through the commands: `audit/reported.yaml` says what is expected."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from caseclock.runtime import rules
from services.timeliness.standards.register import england
from tests.helpers.commands import Run
from tests.helpers.files import event, write

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "audit" / "reported.yaml").read_text())
VISIT = {"regime": "cp", "by": "social_worker", "method": "in_person", "seen": True}
HEAD = "team,division,from_on,to_on\n"
TEAMS = f"{HEAD}east-1,East,2000-01-01,\nwest-1,West,2000-01-01,\n"
MOVED = f"{HEAD}east-1,East,2000-01-01,2024-02-29\neast-1,West,2024-03-01,\nwest-1,West,2000-01-01,\n"


def made(told: dict[str, Any]) -> dict[str, Any]:
    """An event of a case; recorded on its day at nine unless it says otherwise."""
    told = dict(told)
    kind, day, child, id_ = told.pop("kind"), str(told.pop("day")), told.pop("child"), told.pop("id")
    recorded = str(told.pop("recorded", day))
    if told.pop("like", None) == "visit":
        told |= {"visit_id": told.get("replaces", id_), **VISIT}
    told = {name: str(value) if name.endswith(("_on", "_to")) else value for name, value in told.items()}
    return event(kind, day, id_, child, recorded=recorded, **told)


def team_of(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every child is of the one team from before anything."""
    children = sorted({one["child"] for one in told})
    return [
        event("case.team_set", "2022-01-04", f"{c}-t", c, recorded="2022-01-04", team="east-1", reason="new")
        for c in children
    ]


def setting(name: str, value: str | None) -> None:
    """Changes a setting as an operator does, between two commands."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
    rules.cache_clear()


def effect(change: dict[str, Any]) -> dict[str, int]:
    return {
        f"{one['group']}.{one['measure']}": one["n"]
        for one in change["effect"]
        if one["measure"] in ("due", "met", "missed")
    }


def expected(change: dict[str, Any]) -> dict[str, Any]:
    """What a case says of a change."""
    return {name: change.get(name) for name in ("cause", "child", "event", "effect")}


def check_figures(found: list[dict[str, Any]], which: str, wanted: dict[str, dict[str, int]]) -> None:
    there = {(one["group"], one["measure"]): one[which] for one in found}
    for group, measures in wanted.items():
        assert {m: there.get((group, m), 0) for m in measures} == measures, f"{which} of {group}"


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a case sets is taken back after it."""
    for name in ("CASECLOCK_TEAMS", "CASECLOCK_CALENDAR", "CASECLOCK_REGISTER"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def before(case: dict[str, Any], run: Run) -> None:
    """The settings as they were when it was frozen."""
    Path("teams.csv").write_text(TEAMS)
    setting("CASECLOCK_TEAMS", "teams.csv")
    if day := case.get("calendar"):
        lines = run("calendar", "--format", "csv", "--year", str(day)[:4]).out.splitlines()
        Path("calendar.csv").write_text("\n".join(line for line in lines if not line.startswith(str(day))) + "\n")
        setting("CASECLOCK_CALENDAR", "calendar.csv")


def since(case: dict[str, Any], run: Run) -> None:
    """What came afterwards."""
    if "calendar" in case:
        setting("CASECLOCK_CALENDAR", None)
    if "teams" in case:
        Path("moved.csv").write_text(MOVED)
        setting("CASECLOCK_TEAMS", "moved.csv")
    if "register" in case:
        standard, was, becomes = case["register"]
        shutil.copytree(england(), "register")
        file = Path("register", f"{standard}.yaml")
        file.write_text(file.read_text().replace(was, becomes))
        setting("CASECLOCK_REGISTER", "register")
    for one in case["then"]:
        if "erase" in one:
            assert run("erase", one["erase"], "--reason", "records panel").code == 0
        else:
            assert run("import", write("one.ndjson", made(one))).code == 0


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_was_reported_is_kept_reproduced_and_explained(case: dict[str, Any], run: Run) -> None:
    by, standard = case.get("by", "county"), case.get("standard", "cp-visit")
    before(case, run)
    given = case["given"]
    assert run("import", write("given.ndjson", *team_of(given), *map(made, given)), "--history").code == 0
    frozen = case["frozen"]
    froze = run("freeze", "--period", frozen["period"], "--as-of", frozen["as_of"], "--purpose", "a board", "--json")
    name = froze.json["publication"]
    since(case, run)

    again = run("reproduce", name, "--json")
    assert (again.code, again.json["result"], again.json["differences"]) == (0, "same", [])
    assert again.json["lines_erased"] == case.get("erased", 0)
    published = run("frozen", name, "--by", by, "--standard", standard, "--format", "json").json
    asked = ("--by", by, "--standard", standard, "--format", "json")
    restated = run("restate", name, *asked)
    found = restated.json
    assert (restated.code, found["unexplained"]) == (0, [])
    for group, measures in case["published"].items():
        there = next(one for one in published if one["group"] == group)
        assert {m: there[m] for m in measures} == measures
    for which in ("published", "rebased", "now"):
        check_figures(found["figures"], which, case.get(which, {}))
    assert run("figures", "--period", frozen["period"], "--as-of", frozen["as_of"], *asked).code == 0
    changes = [change for change in found["changes"] if effect(change)]
    assert [{**expected(change), "effect": effect(change)} for change in changes] == list(
        map(expected, case["changes"])
    )
    for change, wanted in zip(changes, case["changes"], strict=True):
        for side in ("was", "now"):
            if side in wanted:
                assert change[side]["status"] == wanted[side]
