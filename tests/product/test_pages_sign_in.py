"""The pages with a sign-in: who comes in, what they see, and that their looks are kept."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, delete, update
from sqlalchemy.exc import DatabaseError
from starlette.testclient import TestClient

from caseclock.access_log import Look, beside, forget, looked, looks
from caseclock.runtime import open_store
from caseclock.web.tokens import Tokens
from schemas.store.engine import connect, table_of
from schemas.store.tables import ChildAccess
from services.alerts.routes.file import COUNTY as COUNTY_ROUTES
from services.ingest.log.guards import guard
from tests.helpers.commands import CASECLOCK, Run
from tests.helpers.files import event, write
from tests.helpers.sites import (
    ANN,
    BOB,
    COUNCIL,
    DOOR,
    KEY,
    MAY,
    NOW,
    ODD,
    SAME,
    SECRET,
    TEAM,
    alert_of,
    fill,
    plain,
    signed_in,
    site,
    team_path,
)

THEIRS = Tokens(KEY)


@pytest.fixture
def pages(run: Run) -> Iterator[TestClient]:
    fill(run)
    with site(DOOR, host=COUNCIL) as client:
        yield client


@pytest.fixture
def alerts(pages: TestClient) -> tuple[str, str]:
    """An alert told to Ann's team, and one to May's."""
    engine = connect("sqlite:///caseclock.db")
    found = alert_of(engine, TEAM), alert_of(engine, ODD)
    engine.dispose()
    return found


def everything(child: str, team: str, alert: str) -> list[str]:
    """Every page and file of a team, a child and an alert."""
    token = THEIRS.of(child)
    return [
        *(
            team_path(team, rest)
            for rest in ("", "/children", "/due.csv", "/due.xlsx", "/children.csv", "/children.xlsx")
        ),
        f"/child/{token}",
        f"/child/{token}/timeline.csv",
        f"/child/{token}/timeline.xlsx",
        f"/alert/{alert}",
    ]


def test_a_person_sees_their_own_team_and_no_other(pages: TestClient, alerts: tuple[str, str]) -> None:
    hers, others = everything("KID-2", TEAM, alerts[0]), everything("KID-3", ODD, alerts[1])
    for person, seen, unseen in ((ANN, hers, others), (MAY, others, hers)):
        signed_in(pages, person)
        for path in seen:
            assert pages.get(path).status_code == 200, path
        for path in unseen:
            answer = pages.get(path)
            assert answer.status_code == 404, path
            assert answer.text == pages.get("/nowhere").text, "a guess learns nothing"
    signed_in(pages, BOB)
    assert {pages.get(path).status_code for path in hers + others} == {200}


def test_the_pages_that_all_have_show_their_own_alone(pages: TestClient) -> None:
    signed_in(pages, ANN)
    for path in ("/", "/alerts"):
        text = plain(pages.get(path).text)
        assert TEAM in text
        assert "a/b+c" not in text
        assert "KID-3" not in text
    assert "KID-3" not in pages.get("/alerts.csv").text
    assert "a/b+c" not in pages.get("/alerts.csv").text
    assert {figure["group"] for figure in pages.get("/figures.json").json()} == {TEAM}
    assert pages.get("/figures.json?by=county").status_code == 400
    assert pages.get("/verify").status_code == 404
    signed_in(pages, BOB)
    assert "a/b+c" in plain(pages.get("/").text)
    assert {figure["group"] for figure in pages.get("/figures.json").json()} == {"county"}
    assert pages.get("/verify").status_code == 200


def test_a_team_that_holds_nothing_is_there_for_its_manager(run: Run) -> None:
    open_store("sqlite:///empty.db").dispose()
    with site(DOOR, db="sqlite:///empty.db", host=COUNCIL) as pages:
        text = signed_in(pages, ANN).get("/").text
        assert f'href="{team_path(TEAM)}"' in text
        assert pages.get(team_path(TEAM)).status_code == 200


def test_nobody_answers_for_another_team(pages: TestClient, alerts: tuple[str, str]) -> None:
    signed_in(pages, ANN)
    fields = {"reason": "x", "day": "2", "month": "4", "year": "2024"}
    assert pages.post(f"/alert/{alerts[1]}", data=fields, headers=SAME).status_code == 404


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({}, "reached by signing in"),
        ({"X-Email": BOB}, "reached by signing in"),
        ({"X-Email": BOB, "X-Proxy": "s" * 39}, "reached by signing in"),
        ({"X-Proxy": SECRET}, "not signed in"),
        ({"X-Proxy": SECRET, "X-Email": "<b>nobody</b>"}, "no team is yours"),
        ({"X-Proxy": SECRET, "X-Email": "new"}, "No team is yours"),
    ],
)
def test_who_does_not_come_in(pages: TestClient, headers: dict[str, str], says: str) -> None:
    for path in ("/", team_path(TEAM), "/alerts.csv", "/figures.json", f"/child/{THEIRS.of('KID-2')}", "/standards"):
        answer = pages.get(path, headers=headers)
        assert answer.status_code == 403
        assert says in answer.text
        assert "KID" not in answer.text
        assert "<b>nobody" not in answer.text
    assert pages.get("/healthz", headers=headers).status_code == 200


def test_it_is_asked_for_by_one_name(pages: TestClient) -> None:
    signed_in(pages, BOB)
    for host in ("127.0.0.1", "localhost:8765", "evil.example"):
        assert pages.get("/", headers={"Host": host}).status_code == 400


def test_the_cookie_goes_by_tls_alone(pages: TestClient, alerts: tuple[str, str]) -> None:
    cookie = signed_in(pages, ANN).get(f"/alert/{alerts[0]}").headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert "secure" in cookie.lower()


def test_who_looked_at_which_child_is_kept(pages: TestClient, alerts: tuple[str, str], run: Run) -> None:
    signed_in(pages, ANN)
    for path in everything("KID-2", TEAM, alerts[0]):
        assert pages.get(path).status_code == 200
    pages.get(f"/child/{THEIRS.of('KID-3')}")  # not hers: not shown, so not seen
    signed_in(pages, BOB).get(f"/child/{THEIRS.of('KID-2')}")

    found = run("access", "--child", "KID-2", "--format", "json").json
    assert [(one["person"], one["what"]) for one in found if one["child"] == "KID-2"][:3] == [
        ("ann", "child page"),
        ("ann", "file timeline.csv"),
        ("ann", "file timeline.xlsx"),
    ]
    assert found[-1] == {
        "at": "2024-03-27T09:00:00Z",
        "person": "bob",
        "child": "KID-2",
        "team": TEAM,
        "what": "child page",
    }
    assert run("access", "--child", "KID-3", "--format", "json").json == []
    hers = run("access", "--person", "ann", "--format", "json").json
    assert [one["what"] for one in hers if one["child"] is None] == [
        "list of what is due",
        "list of children",
        "file due.csv",
        "file due.xlsx",
        "file children.csv",
        "file children.xlsx",
    ]
    assert "child page" in run("access").out
    assert "Nobody looked" in run("access", "--person", "may").out


def test_an_answer_is_kept_as_a_look(pages: TestClient, alerts: tuple[str, str], run: Run) -> None:
    from tests.product.test_pages_answering import send

    assert send(signed_in(pages, ANN), f"/alert/{alerts[0]}").status_code == 303
    assert run("access", "--person", "ann", "--format", "json").json[-1]["what"] == "alert answered"


def test_erasing_a_child_takes_its_id_out_of_the_looks(pages: TestClient, run: Run) -> None:
    signed_in(pages, ANN).get(f"/child/{THEIRS.of('KID-2')}")
    run("erase", "KID-2", "--reason", "records panel, 27 March 2024")
    assert run("access", "--child", "KID-2", "--format", "json").json == []
    kept = run("access", "--person", "ann", "--format", "json").json
    assert [(one["child"], one["what"]) for one in kept] == [(None, "child page")]
    assert pages.get(f"/child/{THEIRS.of('KID-2')}").status_code == 404


def test_looks_are_neither_changed_nor_taken_out(engine: Engine) -> None:
    guard(engine)
    table = table_of(ChildAccess)
    looked(engine, Look(NOW, "ann", "C1", TEAM, "child page"))
    looked(engine, Look(NOW, "bob", "C2", TEAM, "child page"))
    store = beside(engine) or engine
    for statement in (delete(table), update(table).values(person="eve"), update(table).values(child=None)):
        with pytest.raises(DatabaseError, match="stays"), store.begin() as connection:
            connection.execute(statement)
    with store.begin() as connection:
        forget(connection, {"C1"}, NOW)
    assert [look.child for look in looks(engine)] == [None, "C2"]
    assert looks(engine, "C1") == []


def test_a_former_team_sees_its_alert_and_not_the_child(pages: TestClient, alerts: tuple[str, str], run: Run) -> None:
    signed_in(pages, ANN)
    told = plain(pages.get(f"/alert/{alerts[0]}").text)
    child = re.search(r"KID-\d", told)
    assert child
    moved = event("case.team_set", "2024-03-27", "moved", child[0], team=ODD, reason="transfer")
    write("moved.ndjson", moved)
    run("import", "moved.ndjson")
    after = plain(pages.get(f"/alert/{alerts[0]}").text)
    assert "With another team now" in after
    assert child[0] not in after
    assert pages.get(f"/child/{THEIRS.of(child[0])}").status_code == 404
    assert child[0] not in pages.get(team_path(TEAM)).text
    assert pages.get(f"/child/{THEIRS.of(child[0])}", headers={"X-Email": MAY}).status_code == 200
    seen = run("access", "--child", child[0], "--format", "json").json
    assert [(one["person"], one["what"]) for one in seen] == [("ann", "alert page"), ("may", "child page")]


# -- starting ----------------------------------------------------------------------------------------------------------


def test_it_does_not_start_half_locked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASECLOCK_PAGES_HOST", "0.0.0.0")
    ran = run("pages", "--port", "0")
    assert (ran.code, "there is no sign-in" in ran.err) == (1, True)
    monkeypatch.setenv("CASECLOCK_SIGN_IN_HEADER", "X-Email")
    ran = run("pages", "--port", "0")
    assert ran.code == 1
    for name in ("SIGN_IN_SECRET", "PAGES_KEY", "ROUTES", "LINK_BASE"):
        assert f"CASECLOCK_{name} is not set" in ran.err
    monkeypatch.setenv("CASECLOCK_SIGN_IN_SECRET", "short")
    ran = run("pages", "--port", "0")
    assert "32 characters or more" in ran.err
    assert "short" not in ran.err, "a secret is not shown"
    monkeypatch.setenv("CASECLOCK_SIGN_IN_SECRET", SECRET)
    monkeypatch.setenv("CASECLOCK_PAGES_KEY", KEY)
    monkeypatch.setenv("CASECLOCK_LINK_BASE", COUNCIL)
    monkeypatch.setenv("CASECLOCK_ROUTES", "nowhere.yaml")
    monkeypatch.setenv("CASECLOCK_LINK_BASE", f"{COUNCIL}/clocks")
    assert "from the root of a host" in run("pages", "--port", "0").err
    monkeypatch.setenv("CASECLOCK_LINK_BASE", COUNCIL)
    ran = run("pages", "--port", "0")
    assert (ran.code, "nowhere.yaml" in ran.err) == (1, True)


def test_served_behind_a_sign_in_by_the_command(run: Run) -> None:
    """The command itself, in a process of its own, with the believable county's routes."""
    fill(run)
    environ = {
        "CASECLOCK_SIGN_IN_HEADER": "X-Email",
        "CASECLOCK_SIGN_IN_SECRET": SECRET,
        "CASECLOCK_PAGES_KEY": KEY,
        "CASECLOCK_SIGN_IN_SECRET_HEADER": "X-Proxy",
        "CASECLOCK_ROUTES": str(COUNTY_ROUTES),
        "CASECLOCK_LINK_BASE": COUNCIL,
        "CASECLOCK_PAGES_PORT": "0",
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [*CASECLOCK, "pages"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environ
    )
    assert process.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
    assert found, process.communicate()[1]

    def get(path: str, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=30)
        named = {"Host": "caseclock.council.example"} | {f"X-{name}": value for name, value in headers.items()}
        connection.request("GET", path, headers=named)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    try:
        child = f"/child/{THEIRS.of('KID-2')}"
        assert get(child)[0] == 403
        assert get(child, Proxy="x" * 40, Email="head-of-service")[0] == 403
        status, text = get(child, Proxy=SECRET, Email="head-of-service")
        assert (status, "Child KID-2" in text) == (200, True)
        assert get(child, Proxy=SECRET, Email="city-family-1-manager")[0] == 200
        assert get(child, Proxy=SECRET, Email="north-family-1-manager")[0] == 404
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert "/child" not in out + err, "nothing that was asked for is written anywhere"
    assert SECRET not in out + err
    assert [look.person for look in looks(connect("sqlite:///caseclock.db"), "KID-2")] == [
        "head-of-service",
        "city-family-1-manager",
    ]
