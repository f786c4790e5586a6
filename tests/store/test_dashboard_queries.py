"""Every panel's query, and every variable's, asked of a PostgreSQL that holds a made-up county."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from caseclock.demo.county import County
from caseclock.runtime import Rules, fold, sweep_once
from schemas.store.engine import connect, reader, write_rows
from schemas.store.tables import FaultRow
from schemas.time.calendar import england
from schemas.time.days import end_of_day
from services.alerts.reports.acknowledge import acknowledge, listed
from services.ingest.intake.intake import take_in
from services.ingest.readers.given import Given
from services.timeliness.figures.questions import live_generation
from services.timeliness.history.teams import load_teams
from services.timeliness.standards.register import load
from tests.helpers.databases import new_store
from tests.unit.test_dashboards import BOARDS

TODAY = date(2024, 3, 13)
RULES = Rules(load(), england(), load_teams())
MAY_BE_EMPTY = {"Where clearing a backlog lowers “completed in time”"}  # it is there only when there is one
SQL = [
    pytest.param(board["title"], panel, id=f"{name}: {panel.get('title') or 'freshness'}")
    for name, board in BOARDS.items()
    for panel in board["panels"]
    if "rawSql" in panel["targets"][0]
]


@pytest.fixture(scope="module")
def county(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A small county, swept today, with an alert answered and records refused."""
    engine = connect(new_store("postgresql", tmp_path_factory.mktemp("county"), request))
    past, present = County(150, TODAY - timedelta(days=400), TODAY, seed=3).split(TODAY - timedelta(days=20))
    take_in(engine, past, history=True, now=end_of_day(TODAY - timedelta(days=20)))
    take_in(engine, present, history=False, now=end_of_day(TODAY - timedelta(days=1)))
    take_in(engine, Given([b"nonsense"], "made"), history=False, now=end_of_day(TODAY - timedelta(days=1)))
    fold(engine, RULES)
    with engine.begin() as connection:
        fault = {"standard": "icpc-15wd", "child": "C1", "event": "e1", "what": "case closed with an enquiry open"}
        write_rows(connection, FaultRow, [{"generation": live_generation(connection), **fault}])
    sweep_once(engine, RULES, end_of_day(TODAY - timedelta(days=7)), [])
    sweep_once(engine, RULES, end_of_day(TODAY) - timedelta(hours=8), [])
    told = [one for one in listed(engine) if one["rung"] != "cleared"]
    acknowledge(engine, told[-1]["alert"], "the family is away", TODAY + timedelta(days=9), end_of_day(TODAY))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def chosen(county: Engine) -> dict[str, list[Any]]:
    """What a person has chosen who has chosen nothing: all, or the first. The week is the last whole one."""
    with reader(county) as connection:
        week = (
            connection.exec_driver_sql("SELECT week FROM weeks WHERE is_over = 1 ORDER BY week_on DESC")
            .scalars()
            .first()
        )
    values: dict[str, list[Any]] = {"period": [week]}
    for board in BOARDS.values():
        for variable in board["templating"].get("list", []):
            if variable["name"] in values:
                continue
            rows = ask(county, variable["query"], values)
            assert rows, variable["name"]
            found = [row.get("__value", next(iter(row.values()))) for row in rows]
            values[variable["name"]] = found if variable.get("multi") else found[:1]
    values["standard"] = ["cp-visit"]
    return values


def ask(engine: Engine, sql: str, values: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """As Grafana puts in what was chosen: quoted, with commas between."""

    def quoted(match: re.Match[str]) -> str:
        return ",".join("'" + str(value).replace("'", "''") + "'" for value in values[match[1]])

    with reader(engine) as connection:
        put_in = re.sub(r"\$\{(\w+):sqlstring\}", quoted, sql)
        return [dict(row._mapping) for row in connection.exec_driver_sql(put_in.replace("%", "%%"))]


@pytest.mark.parametrize(("title", "panel"), SQL)
@pytest.mark.parametrize("division", ["county", "North"])
def test_a_panel_has_rows(
    county: Engine, chosen: dict[str, list[Any]], title: str, panel: dict[str, Any], division: str
) -> None:
    target = panel["targets"][0]
    found = ask(county, target["rawSql"], {**chosen, "division": [division]})
    if panel["title"] not in MAY_BE_EMPTY and division == "county":
        assert found, panel["title"]
    if found and target["format"] == "time_series":
        assert "time" in found[0], "a line needs its time"
        times = [row["time"] for row in found]
        assert times == sorted(times)
    if found and panel["type"] == "barchart":
        assert panel["options"]["xField"] in found[0]
        assert all(
            isinstance(v, int | None) for row in found for k, v in row.items() if k != panel["options"]["xField"]
        )
    if title.startswith("1"):
        children = {row["child"] for row in ask(county, "SELECT DISTINCT child FROM clock", {})}
        assert not children & {str(value) for row in found for value in row.values()}


def test_each_standard_stands_in_words_against_its_target(county: Engine, chosen: dict[str, list[Any]]) -> None:
    panel = next(p for p in BOARDS["weekly"]["panels"] if p["title"] == "Each standard against its target")
    found = ask(county, panel["targets"][0]["rawSql"], chosen)
    assert len(found) == len(RULES.register.standards)
    for row in found:
        if row["of"] and row["target per cent"]:
            on_target = 100 * row["good"] >= row["target per cent"] * row["of"]
            assert (row["standing"] == "on target") == on_target
        elif row["of"]:
            assert row["standing"] == "no target"
        else:
            assert row["standing"] == "none due"


def test_what_is_stale_says_so(county: Engine) -> None:
    """The county is of 2024: seen from any later day it is stale."""
    first = BOARDS["weekly"]["panels"][0]
    assert ask(county, first["targets"][0]["rawSql"], {})[0]["data"].startswith("STALE: nothing was swept since")


def test_a_choice_with_a_quotation_mark_breaks_nothing(county: Engine, chosen: dict[str, list[Any]]) -> None:
    panel = BOARDS["weekly"]["panels"][1]
    assert ask(county, panel["targets"][0]["rawSql"], {**chosen, "division": ["O'Brien'; --"]})
