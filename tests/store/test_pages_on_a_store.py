"""What the pages stand on, on each database: open cases kept up, the queries, and what rights they need."""

from __future__ import annotations

from datetime import date
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError
from starlette.testclient import TestClient

from caseclock.demo.county import County
from caseclock.queries.open_cases import case_of, held_by, open_children
from caseclock.queries.teams import team_lines
from caseclock.runtime import rules, sweep_once
from caseclock.web.app import make_app
from caseclock.web.sign_in import SignIn
from caseclock.web.tokens import Tokens
from schemas.store.engine import connect, reader
from schemas.time.calendar import england
from schemas.time.days import parse_moment, start_of_day
from services.alerts.channels.console import Console
from services.alerts.routes.line import Person, Routes, Team
from services.ingest.intake.intake import take_in
from services.ingest.log.guards import guard
from services.ingest.readers.given import Given
from services.timeliness.standards.register import load
from services.timeliness.table.catch_up import catch_up, rebuild
from tests.helpers.databases import content
from tests.helpers.records import NOW, given, merge, record
from tests.helpers.sites import KEY, SAME, signed_in

CALENDAR, REGISTER = england(), load()
LAST = date(2024, 3, 27)
AT = parse_moment("2024-03-27T09:00:00Z")
TEAM = "city-family-1"


def cases(engine: Engine) -> list[tuple[Any, ...]]:
    return [row[1:] for row in content(engine)["open_case"]]  # without the generation


def test_open_cases_kept_up_are_those_of_a_rebuild(engine: Engine) -> None:
    events = [raw for _, raw in County(25, date(2024, 1, 1), LAST, seed=3)]
    for first in range(0, len(events), 400):
        take_in(engine, Given(events[first : first + 400], "county"), history=False, now=NOW)
        catch_up(engine, REGISTER, CALENDAR)
    kept_up = cases(engine)
    assert len(kept_up) > 5
    rebuild(engine, REGISTER, CALENDAR)
    assert cases(engine) == kept_up


def test_merged_children_are_one_open_case(engine: Engine) -> None:
    opened = (
        record(
            f"e{n}",
            f"C{n}",
            "assessment.started",
            data={"assessment_id": f"A{n}", "kind": "single", "reason": "referral"},
        )
        for n in (1, 2)
    )
    take_in(engine, given(*opened), history=False, now=NOW)
    catch_up(engine, REGISTER, CALENDAR)
    assert [row[0] for row in cases(engine)] == ["C1", "C2"]
    take_in(engine, given(merge("m1", "C1", "C2")), history=False, now=NOW)
    catch_up(engine, REGISTER, CALENDAR)
    assert [row[0] for row in cases(engine)] == ["C2"]
    take_in(engine, given(record("c1", "C2", "case.closed")), history=False, now=NOW)
    catch_up(engine, REGISTER, CALENDAR)
    assert cases(engine) == []


def test_who_is_grown_up_is_no_open_case_from_the_birthday_on(engine: Engine) -> None:
    for n, born in (("1", "2006-03-28"), ("2", "2006-03-27")):
        take_in(
            engine,
            given(
                record(f"b{n}", f"C{n}", "child.registered", data={"born_on": born}),
                record(f"t{n}", f"C{n}", "case.team_set", data={"team": TEAM, "reason": "allocation"}),
                record(
                    f"a{n}",
                    f"C{n}",
                    "assessment.started",
                    data={"assessment_id": f"A{n}", "kind": "single", "reason": "referral"},
                ),
            ),
            history=False,
            now=NOW,
        )
    catch_up(engine, REGISTER, CALENDAR)
    assert [one.child for one in open_children(engine, TEAM, AT)] == ["C1"], "18 tomorrow, and 18 today"
    assert [line[:3] for line in team_lines(engine, rules().divisions, AT)] == [(TEAM, "City", 1)]
    with reader(engine) as connection:
        assert case_of(connection, "C2", LAST) is None
        assert set(held_by(connection, {"C1", "C2"}, LAST)) == {"C1"}


def lived(engine: Engine) -> str:
    """A small county, swept; gives a child of the team."""
    guard(engine)
    events = [raw for _, raw in County(60, date(2024, 1, 1), LAST, seed=2)]
    take_in(engine, Given(events, "county"), history=False, now=start_of_day(LAST))
    sweep_once(engine, rules(), AT, [Console(StringIO())])
    return next(child for child, team, *_ in cases(engine) if team == TEAM)


def paths(child: str) -> list[str]:
    token = Tokens(KEY).of(child)
    return [
        "/",
        "/?period=2024-02",
        "/alerts",
        "/alerts.xlsx",
        f"/team/{TEAM}",
        f"/team/{TEAM}/children",
        f"/team/{TEAM}/due.csv",
        f"/team/{TEAM}/children.xlsx",
        f"/child/{token}",
        f"/child/{token}/timeline.csv",
        "/verify",
        "/figures.json",
    ]


def test_every_page_on_each_database(engine: Engine) -> None:
    child = lived(engine)
    with TestClient(make_app(engine, rules(), lambda: AT, key=KEY), base_url="http://127.0.0.1") as client:
        for path in paths(child):
            assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_the_pages_need_few_rights(engine: Engine) -> None:
    """Those that docs/security.md gives them."""
    child = lived(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS pages")
        connection.exec_driver_sql("CREATE ROLE pages LOGIN")
        for grant in (
            "SELECT ON ALL TABLES IN SCHEMA public",
            "INSERT ON acknowledgement, child_access",
            "USAGE ON SEQUENCE acknowledgement_id_seq, child_access_id_seq",
        ):
            connection.exec_driver_sql(f"GRANT {grant} TO pages")
    theirs = connect(str(engine.url).replace("caseclock@", "pages@"))
    guard(theirs)
    routes = Routes(
        [Person("bob", "bob@council.example")], [Team(TEAM, "City", ("bob", None, None, None))], ["bob", None]
    )
    door = SignIn("X-Email", "s" * 40, "X-Proxy", routes, "127.0.0.1")
    try:
        with TestClient(make_app(theirs, rules(), lambda: AT, door, KEY), base_url="https://127.0.0.1") as client:
            signed_in(client, "bob")
            for path in paths(child):
                assert client.get(path).status_code == 200, path
            alert = client.get("/alerts").text.split('href="/alert/')[1].split('"')[0]
            page = client.get(f"/alert/{alert}").text
            if 'name="token"' in page:
                token = page.split('name="token" value="')[1].split('"')[0]
                typed = {"reason": "x", "day": "2", "month": "4", "year": "2024", "token": token}
                assert (
                    client.post(f"/alert/{alert}", data=typed, headers=SAME, follow_redirects=False).status_code == 303
                )
        assert len(content(engine)["child_access"]) > 5
        with pytest.raises(DatabaseError, match="permission denied"), theirs.begin() as connection:
            connection.exec_driver_sql("DELETE FROM child_access")
    finally:
        theirs.dispose()
        with engine.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY pages")
            connection.exec_driver_sql("DROP ROLE pages")
