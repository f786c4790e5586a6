"""The pages, asked as a browser would, over a small store."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from starlette.testclient import TestClient

from schemas.days import parse_moment
from services.pages.app import HEADERS, make_app
from services.single import open_store, rules
from tests.end_to_end.conftest import Run
from tests.end_to_end.files import enquiry, event, write

NOW = parse_moment("2024-03-27T09:00:00+00:00")
PAGES = ("/", "/?period=2024-W13", "/alerts", "/team/city-family-1", "/standards", "/verify")


@pytest.fixture
def pages(run: Run) -> Iterator[TestClient]:
    """One conference held in time, one overdue and told of; one team with a name that needs care."""
    write(
        "events.ndjson",
        *enquiry("KID-1"),
        *enquiry("KID-2", held=None),
        event("case.team_set", "2024-03-01", "t9", "KID-3", team="a/b+c#d", reason="allocation"),
        event("enquiry.started", "2024-03-04", "e9", "KID-3", enquiry_id="Q9"),
        event("visit.maid", "2024-03-04", "x9", "KID-3"),
    )
    run("import", "events.ndjson")
    run("sweep", "--now", "2024-03-26T08:00:00Z")
    engine = open_store("sqlite:///caseclock.db")
    with TestClient(make_app(engine, rules(), now), base_url="http://127.0.0.1:8765") as client:
        yield client
    engine.dispose()


def now() -> datetime:
    return NOW


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_and_kept_to_itself(pages: TestClient, path: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == 200
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "<script" not in answer.text
    assert 'lang="en-GB"' in answer.text


def test_the_overview_says_in_words_what_it_colours(pages: TestClient) -> None:
    text = " ".join(pages.get("/").text.split())
    assert "Thu 21 March 2024 to Wed 27 March 2024" in text
    assert re.search(r"<strong>1 of 3</strong><span class=\"tag red\">33% red</span>", text)
    assert "overdue (due Mon 25 March 2024)" in text
    assert "1 refused and waiting in quarantine" in text


@pytest.mark.parametrize("path", PAGES)
def test_no_childs_id_is_in_an_address(pages: TestClient, path: str) -> None:
    links = re.findall(r'(?:href|action|src)="([^"]*)"', pages.get(path).text)
    assert links
    assert not [link for link in links if "KID" in link]


def test_every_link_leads_somewhere(pages: TestClient) -> None:
    links = {link for path in PAGES for link in re.findall(r'href="(/[^"]*)"', pages.get(path).text)}
    assert any("a/b" in link or "a%2Fb" in link for link in links)
    for link in links:
        assert pages.get(link).status_code == 200, link


def test_a_teams_work_is_listed(pages: TestClient) -> None:
    text = pages.get("/team/city-family-1").text
    assert "KID-2" in text
    assert "overdue, 2 days" in text
    assert "KID-1" not in text


def test_figures_are_those_of_the_command(pages: TestClient, run: Run) -> None:
    asked = ("--period", "2024-W13", "--by", "team", "--as-of", "2024-03-26")
    wanted = run("figures", *asked, "--format", "json").json
    given = pages.get("/figures.json?period=2024-W13&by=team&as-of=2024-03-26")
    assert given.json() == wanted
    assert given.headers["content-type"] == "application/json"
    one = pages.get("/figures.json?period=2024-W13&standard=icpc-15wd").json()
    assert [figure["standard"] for figure in one] == ["icpc-15wd"]


def test_what_cannot_be_answered(pages: TestClient) -> None:
    for wrong in ("period=x", "by=ward", "standard=nosuch", "known-at=yesterday", "as-of=2024-03-05T10:00"):
        assert pages.get(f"/figures.json?{wrong}").status_code == 400
    assert pages.get("/?period=x").status_code == 400
    assert pages.get("/nowhere").status_code == 404
    assert pages.get("/team/nobody").status_code == 404
    assert pages.post("/").status_code == 405


def test_only_this_machine_is_answered(pages: TestClient) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", ""):
        assert pages.get("/figures.json", headers={"Host": host}).status_code == 400
    assert pages.get("/", headers={"Host": "localhost:8765"}).status_code == 200


def test_what_is_typed_is_shown_as_text(pages: TestClient) -> None:
    answer = pages.get("/?period=<script>")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")


def test_an_empty_store_has_pages_too(run: Run) -> None:
    engine = open_store("sqlite:///empty.db")
    with TestClient(make_app(engine, rules(), now), base_url="http://localhost") as client:
        assert "Nothing was due" in client.get("/").text
        assert "Nobody had to be told" in client.get("/alerts").text
        assert "cannot be told" in client.get("/verify").text
        assert client.get("/figures.json").json() == []
    engine.dispose()
