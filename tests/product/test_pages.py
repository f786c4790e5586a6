"""The pages, asked as a browser would, over a small store on this machine alone."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from caseclock.runtime import rules
from caseclock.web.app import HEADERS
from caseclock.web.tokens import Tokens
from tests.helpers.commands import Run
from tests.helpers.files import CENSUS, event, write
from tests.helpers.sites import HERE, KEY, ODD, TEAM, fill, links, plain, site, team_path
from tests.unit.test_sheets import cells

PAGES = (
    "/",
    "/?period=2024-W13",
    "/alerts",
    team_path(TEAM),
    team_path(TEAM, "/children"),
    team_path(ODD),
    team_path(ODD, "/children"),
    "/standards",
    "/verify",
)


@pytest.fixture
def pages(run: Run) -> Iterator[TestClient]:
    fill(run)
    with site() as client:
        yield client


def child_page(pages: TestClient, child: str) -> str:
    return pages.get(f"/child/{Tokens(KEY).of(child)}").text


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_and_kept_to_itself(pages: TestClient, path: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == 200
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert 'lang="en-GB"' in answer.text
    assert re.search(r"<title>[^<]+ – Caseclock</title>", answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_no_childs_id_is_in_an_address(pages: TestClient, path: str) -> None:
    found = re.findall(r'(?:href|action|src)="([^"]*)"', pages.get(path).text)
    assert found
    assert not [link for link in found if "KID" in link]


def test_every_link_leads_somewhere(pages: TestClient) -> None:
    todo, seen = ["/"], set()
    while todo:
        link = todo.pop()
        if link not in seen:
            seen.add(link)
            answer = pages.get(link)
            assert answer.status_code == 200, link
            if answer.headers["content-type"].startswith("text/html"):
                todo += links(answer.text, "/")
    for start in ("/child/", "/alert/", team_path(ODD), team_path(TEAM, "/children.xlsx"), "/alerts.csv", "/static/"):
        assert any(link.startswith(start) for link in seen), start


def test_the_overview_says_in_words_what_it_colours(pages: TestClient) -> None:
    text = plain(pages.get("/").text)
    assert "Thu 21 March 2024 to Wed 27 March 2024" in text
    assert "1 of 5 20% red" in text
    assert "1 refused and waiting in quarantine" in text
    assert "Open children" in text


def test_a_teams_work_is_listed_with_who_holds_each_child(pages: TestClient) -> None:
    text = pages.get(team_path(TEAM)).text
    row = plain(re.search(r"<tr[^>]*>(?:(?!</tr>).)*KID-2.*?</tr>", text, re.S)[0])
    assert (
        row == "25 Mar 2024 Overdue 2 days Initial child protection conference within 15 working days of the strategy"
        " discussion that began the enquiry icpc-15wd KID-2 W1 not booked"
    )
    assert "KID-1" not in plain(text)
    assert "KID-3" not in text


def test_children_by_last_seen_never_seen_first(pages: TestClient) -> None:
    text = plain(pages.get(team_path(TEAM, "/children")).text)
    order = [text.index(f"KID-{n}") for n in (1, 2, 4, 5)]
    assert order == sorted(order)
    assert text.count("Never seen") == 2  # KID-1 and KID-2
    assert "KID-4 7 20 Mar 2024" in text
    assert "KID-5 not yet born" in text
    assert "4 open cases, 2 never seen" in text


def test_a_childs_deadlines_are_explained(pages: TestClient) -> None:
    text = plain(child_page(pages, "KID-2"))
    assert "Day 0 is Mon 4 March 2024" in text
    assert "within 15 working days, in force from" in text
    assert "18 Mar 2024 10" in text, "the days are counted"
    assert "Enquiry started" in text
    held = plain(child_page(pages, "KID-1"))
    assert "Stopped on Mon 25 March 2024" in held
    assert "No deadline is running" not in text


def test_a_child_nobody_knows_is_no_page(pages: TestClient) -> None:
    for token in (Tokens(KEY).of("KID-9"), Tokens("q" * 40).of("KID-1"), "KID-1", "x"):
        assert pages.get(f"/child/{token}").status_code == 404
        assert pages.get(f"/child/{token}/timeline.csv").status_code == 404
    assert pages.get(f"/child/{Tokens(KEY).of('KID-1')}/other.csv").status_code == 404


def test_lists_can_be_taken_away(pages: TestClient) -> None:
    answer = pages.get(team_path(TEAM, "/due.csv"))
    assert answer.headers["content-disposition"] == 'attachment; filename="caseclock-due-2024-03-27.csv"'
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [
        (row["Child"], row["Due"], row["Days overdue"], row["Worker"]) for row in rows if row["Child"] == "KID-2"
    ] == [("KID-2", "2024-03-25", "2", "W1")]
    sheet = cells(pages.get(team_path(TEAM, "/children.xlsx")).content)
    assert [sheet[f"A{n}"][1] for n in range(1, 6)] == ["Child", "KID-1", "KID-2", "KID-4", "KID-5"]
    token = Tokens(KEY).of("KID-1")
    for path in ("/alerts.csv", "/alerts.xlsx", f"/child/{token}/timeline.csv", f"/child/{token}/timeline.xlsx"):
        assert pages.get(path).status_code == 200
        assert "KID" not in pages.get(path).headers["content-disposition"]
    for path in ("/alerts.pdf", team_path(TEAM, "/due.pdf"), team_path(TEAM, "/other.csv"), team_path(TEAM, "/due")):
        assert pages.get(path).status_code == 404


def test_a_long_list_comes_in_pages(run: Run) -> None:
    events = []
    for n in range(120):
        events.append(event("case.team_set", "2024-03-01", f"t{n}", f"KID-{n}", team=ODD, reason="allocation"))
        events.append(event("enquiry.started", "2024-03-04", f"e{n}", f"KID-{n}", enquiry_id=f"Q{n}"))
    write("many.ndjson", *events)
    run("import", "many.ndjson")
    with site() as pages:
        first, last = pages.get(team_path(ODD, "/children")), pages.get(team_path(ODD, "/children?page=3"))
        assert (first.text.count("/child/"), last.text.count("/child/")) == (50, 20)
        assert "Showing 101 to 120 of 120 children" in plain(last.text)
        assert 'aria-current="page"' in last.text
        assert "page 3 of 3" in last.text
        assert links(first.text, team_path(ODD, "/children?page=")) == [
            team_path(ODD, f"/children?page={n}") for n in (1, 2, 3, 2)
        ]
        everything = pages.get(team_path(ODD, "/children.csv")).text
        assert everything.count("KID-") == 120


def test_what_is_typed_or_named_is_shown_as_text(pages: TestClient) -> None:
    answer = pages.get("/?period=<script>")
    assert answer.status_code == 400
    assert "&lt;script&gt;" in answer.text
    assert "There is a problem" in answer.text
    assert 'href="#period"' in answer.text
    assert "<title>Error: " in answer.text


HOSTILE = '<script>alert("1")</script> &amp; é/%2F?x#y'


def test_a_team_may_be_called_anything(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    quoted = HOSTILE.replace('"', '""')
    Path("teams.csv").write_text(f'team,division,from_on,to_on\n"{quoted}","<b>{quoted}",2000-04-01,\n', "utf-8")
    monkeypatch.setenv("CASECLOCK_TEAMS", "teams.csv")
    rules.cache_clear()
    with site(db="sqlite:///empty.db") as client:
        for rest in ("", "/children"):
            answer = client.get(team_path(HOSTILE, rest))
            assert answer.status_code == 200
            assert "&lt;script&gt;alert(&#34;1&#34;)" in answer.text
            assert "<script" not in answer.text
            assert client.get(team_path(HOSTILE, "/children")).status_code == 200
        saved = client.get(team_path(HOSTILE, "/due.csv"))
        assert saved.headers["content-disposition"] == 'attachment; filename="caseclock-due-2024-03-27.csv"'


def test_what_is_not_there(pages: TestClient) -> None:
    for path in ("/nowhere", "/team/nobody", "/team/", "/team/nobody/children", "/alert/none", "/static/../app.py"):
        answer = pages.get(path)
        assert answer.status_code == 404, path
        assert "Page not found" in answer.text
        assert answer.headers["cache-control"] == "no-store"
    assert pages.post("/").status_code == 405
    assert pages.get("/healthz").text == "ok\n"


def test_figures_are_those_of_the_command(pages: TestClient, run: Run) -> None:
    asked = ("--period", "2024-W13", "--by", "team", "--as-of", "2024-03-26")
    wanted = run("figures", *asked, "--format", "json").json
    given = pages.get("/figures.json?period=2024-W13&by=team&as-of=2024-03-26")
    assert given.json() == wanted
    assert given.headers["content-type"] == "application/json"
    one = pages.get("/figures.json?period=2024-W13&standard=icpc-15wd").json()
    assert [figure["standard"] for figure in one] == ["icpc-15wd"]
    for wrong in ("period=x", "by=ward", "standard=nosuch", "known-at=yesterday", "as-of=2024-03-05T10"):
        assert pages.get(f"/figures.json?{wrong}").status_code == 400


def test_only_this_machine_is_answered(pages: TestClient) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "", "caseclock.council.example"):
        for path in ("/", "/figures.json", team_path(TEAM), "/healthz"):
            assert pages.get(path, headers={"Host": host}).status_code == 400
    assert pages.get("/standards", headers={"Host": "localhost:8765"}).status_code == 200


def test_an_empty_store_has_pages_too(run: Run) -> None:
    with site(db="sqlite:///empty.db") as client:
        assert "Nothing was due" in client.get("/").text
        assert "Nothing is overdue" in client.get("/").text
        assert "Nobody had to be told" in client.get("/alerts").text
        assert "cannot be told" in client.get("/verify").text
        assert client.get("/figures.json").json() == []
        known = "city-family-1"  # in the file of teams
        assert "Nothing is overdue or due soon" in client.get(team_path(known)).text
        assert "No case is open" in client.get(team_path(known, "/children")).text
        assert client.get(team_path(known, "/due.csv")).status_code == 200
        assert client.get("/alerts.xlsx").status_code == 200


def test_figures_of_more_than_the_year_of_a_return_say_so(run: Run) -> None:
    Path("census.xml").write_text(CENSUS)
    run("import", "census.xml", "--history")
    held = "cin-census/201 holds 2023-04-01 to 2024-03-31"
    with site() as client:
        assert f"Not the whole of this time: {held}." in client.get("/?period=2024").text
        assert held in {figure["not_whole"] for figure in client.get("/figures.json?period=2024").json()}


def test_the_log_is_not_looked_through_for_every_reader(pages: TestClient) -> None:
    assert "Whole" in pages.get("/verify").text
    assert pages.get("/verify").text == pages.get("/verify").text
    assert pages.base_url == HERE


def test_what_was_set_aside_is_not_said_to_wait(run: Run) -> None:
    fill(run)
    with site() as pages:
        assert "1 refused and waiting in quarantine" in pages.get("/").text
    assert run("quarantine", "set-aside", "1", "--reason", "a slip of the keyboard").code == 0
    with site() as pages:
        assert "waiting in quarantine" not in pages.get("/").text
