"""The views, on both databases: they say what the product says elsewhere, of every standard, group, week and month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from caseclock.demo.county import County
from caseclock.queries.worklist import longest_overdue
from caseclock.runtime import Rules
from schemas.store.engine import connect, reader
from schemas.store.views import VIEWS
from schemas.store.views.view import COUNTS
from schemas.time.calendar import england
from schemas.time.days import end_of_day, start_of_day
from services.alerts.sweep.today import note_today
from services.ingest.intake.intake import take_in
from services.timeliness.figures.kpi import Figure, depends, figures, snapshots
from services.timeliness.figures.periods import Period
from services.timeliness.figures.questions import SCOPE, Question, figures_for, stored_clocks
from services.timeliness.figures.targets import lead
from services.timeliness.fold.child import ScopeSpell
from services.timeliness.history.teams import Divisions, load_teams
from services.timeliness.standards.register import load
from services.timeliness.table.catch_up import catch_up, rebuild
from services.timeliness.table.reference import keep
from tests.helpers.alike import assert_alike
from tests.helpers.databases import DATABASES, new_store

CALENDAR, REGISTER, DIVISIONS = england(), load(), load_teams()
BY_RULES = Rules(REGISTER, CALENDAR, DIVISIONS)
FIRST, LAST = date(2018, 10, 1), date(2019, 9, 30)  # in which a team moves to another division
TODAY = date(2019, 9, 25)  # a Wednesday: its week is not over, and some events lie ahead
COUNTED = [name for name in COUNTS if not name.startswith("lead")]


def rows(engine: Engine, sql: str) -> list[dict[str, Any]]:
    with reader(engine) as connection:
        return [dict(row._mapping) for row in connection.exec_driver_sql(sql)]


def as_day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


@pytest.fixture(scope="module", params=DATABASES)
def county(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A small county, half of it folded from nothing and half as it came in, swept on a day before its end."""
    engine = connect(new_store(request.param, tmp_path_factory.mktemp("county"), request))
    past, present = County(120, FIRST, LAST, seed=7).split(date(2019, 6, 1))
    take_in(engine, past, history=True, now=start_of_day(TODAY))
    keep(engine, REGISTER, CALENDAR, DIVISIONS)
    catch_up(engine, REGISTER, CALENDAR)
    take_in(engine, present, history=False, now=end_of_day(TODAY))
    catch_up(engine, REGISTER, CALENDAR)
    note_today(engine, start_of_day(TODAY))
    yield engine
    engine.dispose()


def test_columns_are_those_that_are_documented(engine: Engine) -> None:
    with reader(engine) as connection:
        for view in VIEWS:
            found = connection.exec_driver_sql(f"SELECT * FROM {view.name}")
            assert list(found.keys()) == list(view.columns), view.name


def test_before_the_first_sweep_nothing_is_said(engine: Engine) -> None:
    keep(engine, REGISTER, CALENDAR, DIVISIONS)
    assert rows(engine, "SELECT * FROM as_of") == rows(engine, "SELECT * FROM figures_week") == []


@pytest.mark.parametrize("grain", ["month"])
def test_figures_are_those_of_caseclock_figures(county: Engine, grain: str) -> None:
    found: dict[tuple[str, str, str, date], dict[str, Any]] = {}
    for row in rows(county, f"SELECT * FROM figures_{grain}"):
        key = row["standard"], row["group_kind"], row["group_name"], as_day(row[f"{grain}_on"])
        found[key] = row
    expected = {
        (figure.standard, kind, figure.group, period.first): figure
        for period, kind, figure in all_figures(county, periods(grain))
    }
    assert len(expected) > 1000 or grain == "month"
    first = periods(grain)[0].first
    shown = {key: row for key, row in found.items() if key[3] >= first}
    assert {k: counts_of(f) for k, f in expected.items()} == {k: {n: r[n] for n in COUNTED} for k, r in shown.items()}
    for key, figure in expected.items():
        good, of, _ = lead(figure)
        assert (found[key]["lead_good"], found[key]["lead_of"]) == (good, of)


@pytest.mark.parametrize("what", ["figures", "control"])
def test_one_week_is_as_it_is_among_the_others(county: Engine, what: str) -> None:
    """Asked for by its name, and by its Monday; figures with every week at once too."""
    order = "ORDER BY week_on, group_kind, standard, group_name"
    expected = rows(county, f"SELECT * FROM {what}_week {order}")
    assert expected != []
    if what == "figures":  # of the control chart each week looks back over a year
        assert rows(county, f"SELECT * FROM {what}_one_week {order}") == expected
    few = [periods("week")[-1]] if county.dialect.name == "sqlite" and what == "control" else periods("week")[3::46]
    for period in few:  # a single week of the control chart is slow to ask of SQLite, where every week is quick
        monday = period.first.isoformat()
        week = [row for row in expected if as_day(row["week_on"]) == period.first]
        assert week == rows(county, f"SELECT * FROM {what}_one_week WHERE week_on = '{monday}' {order}")
        name = week[0]["week"]
        assert week == rows(county, f"SELECT * FROM {what}_one_week WHERE week = '{name}' {order}")


def all_figures(engine: Engine, wanted: list[Period]) -> Iterator[tuple[Period, str, Figure]]:
    """As `caseclock figures` counts them, with the clocks read once. One of them is asked for by that way too."""
    snapshot = snapshots(REGISTER.standards.values())
    at = end_of_day(TODAY)
    with reader(engine) as connection:
        clocks = list(stored_clocks(connection))
        columns = [SCOPE.c[name] for name in ScopeSpell.__struct_fields__]
        scopes = [ScopeSpell(*row) for row in connection.execute(select(*columns))]
    for period in wanted:
        touching = [c for c in clocks if depends(period, c)]
        for kind, group_of in GROUPS.items():
            found = figures(touching, scopes, snapshot, period, group_of, at)
            if period is wanted[-1]:
                asked = figures_for(engine, REGISTER, CALENDAR, DIVISIONS, period, Question(at), kind)
                assert found == asked
            yield from ((period, kind, figure) for figure in found)


GROUPS: dict[str, Any] = {
    "county": lambda team, day: "county",
    "division": DIVISIONS.of,
    "team": lambda team, day: team,
}


def periods(grain: str) -> list[Period]:
    """Those of the county's year that have begun."""
    days = [FIRST + timedelta(days=n) for n in range((TODAY - FIRST).days + 1)]
    if grain == "week":
        return sorted({Period.week_of(day) for day in days}, key=lambda p: p.first)[1:]
    return sorted({Period.parse(f"{day:%Y-%m}") for day in days}, key=lambda p: p.first)


def counts_of(figure: Figure) -> dict[str, int | None]:
    return {name: getattr(figure, name) for name in COUNTED}


def test_overdue_now_is_the_list_of_the_overdue(county: Engine) -> None:
    with reader(county) as connection:
        worst, overdue = longest_overdue(connection, BY_RULES, end_of_day(TODAY), most=10_000)
    found = rows(county, "SELECT * FROM overdue_now")
    assert overdue == len(found) > 0
    assert sorted(
        (r["child"], r["standard"], as_day(r["due_on"]), r["days_over"], r["team"], r["division"]) for r in found
    ) == sorted(worst)
    ages = rows(county, "SELECT SUM(clocks) AS clocks FROM overdue_ages")
    assert ages[0]["clocks"] == overdue
    week = rows(
        county,
        "SELECT SUM(overdue) AS n FROM figures_week WHERE group_kind = 'county' AND week = (SELECT week FROM as_of)",
    )
    assert week[0]["n"] == overdue


def test_brothers_and_sisters_at_one_meeting_are_one(county: Engine) -> None:
    """Units counted from the clocks themselves."""
    at = end_of_day(TODAY)
    units: dict[tuple[str, date, bool], set[str]] = {}
    with reader(county) as connection:
        for clock in stored_clocks(connection):
            status = clock.status(at)
            if clock.due_on is None or status not in ("met", "missed", "overdue"):
                continue
            meeting = None if clock.prohibits or clock.due_at else clock.meeting
            week = Period.week_of(clock.due_on).first
            units.setdefault((clock.standard, week, status == "met"), set()).add(meeting or clock.id)
    found = rows(county, "SELECT standard, week_on, n, good FROM control_week WHERE group_kind = 'county'")
    assert sum(r["n"] for r in found) < sum(
        r["due"] for r in rows(county, "SELECT due FROM figures_week WHERE group_kind = 'county'")
    )
    for row in found:
        key = row["standard"], as_day(row["week_on"])
        if key[1] > FIRST:
            good, bad = len(units.get((*key, True), ())), len(units.get((*key, False), ()))
            assert (row["good"], row["n"]) == (good, good + bad), key


def test_every_view_of_a_county_says_what_the_product_says(county: Engine) -> None:
    """Law 12 on a store of believable size, where every list has something in it."""
    assert_alike(county, start_of_day(TODAY), {view.name for view in VIEWS} - {"control_one_week", "figures_one_week"})


def test_other_teams_count_all_anew(county: Engine) -> None:
    """And back again: last, since it changes the county."""
    before = rows(county, "SELECT * FROM figures_week WHERE group_kind = 'division' ORDER BY 1, 2, 3, 4")
    keep(county, REGISTER, CALENDAR, Divisions({}))
    catch_up(county, REGISTER, CALENDAR)
    names = rows(county, "SELECT DISTINCT group_name FROM figures_week WHERE group_kind = 'division'")
    assert names == [{"group_name": "unassigned"}]
    keep(county, REGISTER, CALENDAR, DIVISIONS)
    catch_up(county, REGISTER, CALENDAR)
    assert rows(county, "SELECT * FROM figures_week WHERE group_kind = 'division' ORDER BY 1, 2, 3, 4") == before
    assert rebuild(county, REGISTER, CALENDAR).equal
    assert rows(county, "SELECT * FROM figures_week WHERE group_kind = 'division' ORDER BY 1, 2, 3, 4") == before
