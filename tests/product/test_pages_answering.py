"""Answering an alert on its page: the promise, what is wrong with what was typed, and forms from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from schemas.store.engine import connect
from tests.helpers.commands import Run
from tests.helpers.files import event, write
from tests.helpers.sites import SAME, TEAM, alert_of, fill, plain, site

GOOD = {"reason": "Chair ill; <script>booked", "day": "2", "month": "4", "year": "2024"}


@pytest.fixture
def pages(run: Run) -> Iterator[TestClient]:
    fill(run)
    with site() as client:
        yield client


@pytest.fixture
def alert(pages: TestClient) -> str:
    engine = connect("sqlite:///caseclock.db")
    found = alert_of(engine, TEAM)
    engine.dispose()
    return f"/alert/{found}"


def token(text: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]+)"', text)
    assert found
    return found[1]


def send(pages: TestClient, alert: str, fields: dict[str, str] = GOOD, headers: dict[str, str] = SAME) -> Response:
    return pages.post(alert, data={"token": token(pages.get(alert).text), **fields}, headers=headers)


def test_an_alert_is_answered(pages: TestClient, alert: str) -> None:
    answer = send(pages, alert)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{alert}?answered=1")
    after = pages.get(answer.headers["location"])
    assert "Noted: to be done by Tue 2 April 2024" in after.text
    assert "Chair ill; &lt;script&gt;booked" in after.text
    assert "Promised" in plain(after.text)
    assert "Answer again" in after.text
    team = plain(pages.get(f"/team/{TEAM}").text)
    assert "Promised by 2 Apr 2024" in team
    assert "Chair ill" not in team, "a reason is shown on the alert's page alone"


def test_whether_it_was_kept_is_shown(pages: TestClient, alert: str, run: Run) -> None:
    send(pages, alert)
    kept = plain(pages.get(alert).text)
    assert "Promise kept" not in kept
    held = event(
        "conference.held",
        "2024-03-27",
        "late",
        "KID-2",
        meeting_id="M2",
        complete=True,
        conference="initial",
        outcome="no_plan",
    )
    children = [held, {**held, "id": "late4", "subject": "KID-4"}, {**held, "id": "late5", "subject": "KID-5"}]
    write("later.ndjson", *children)
    run("import", "later.ndjson")
    assert "Promise kept" in plain(pages.get(alert).text)


@pytest.mark.parametrize(
    ("fields", "says", "at"),
    [
        (GOOD | {"reason": " "}, "Enter why it is late", "#reason"),
        (GOOD | {"month": "13"}, "must be a real date", "#by-day"),
        (GOOD | {"day": "27", "month": "3"}, "must be after today", "#by-day"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    pages: TestClient, alert: str, fields: dict[str, str], says: str, at: str
) -> None:
    answer = send(pages, alert, fields)
    assert answer.status_code == 400
    assert answer.text.count(says) == 2, "in the summary and at the field"
    assert f'<a href="{at}">' in answer.text
    assert "<title>Error: " in answer.text
    assert 'role="alert"' in answer.text
    for name in ("day", "month", "year"):
        assert f'name="{name}" type="text"' in answer.text
        assert f'value="{fields[name]}"' in answer.text
    assert fields["reason"].replace("<", "&lt;").replace(">", "&gt;") in answer.text
    assert "Answers" not in plain(pages.get(alert).text)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_form_from_elsewhere_is_refused(pages: TestClient, alert: str, headers: dict[str, str]) -> None:
    answer = send(pages, alert, headers=headers)
    assert answer.status_code == 403
    assert "from its own page" in answer.text
    assert "Answers" not in plain(pages.get(alert).text)


def test_an_origin_will_do_for_an_old_browser(pages: TestClient, alert: str) -> None:
    assert send(pages, alert, headers={"origin": "http://127.0.0.1:8765"}).status_code == 303


def test_a_token_of_another_form_visitor_or_none_is_refused(pages: TestClient, alert: str) -> None:
    good = token(pages.get(alert).text)
    for wrong in ("", "x", good[:-1] + ("0" if good[-1] != "0" else "1")):
        answer = pages.post(alert, data=GOOD | {"token": wrong}, headers=SAME)
        assert answer.status_code == 400
        assert "too old or was not sent from this page" in answer.text
        assert "Chair ill; &lt;script&gt;booked" in answer.text, "what was typed is there to send again"
    pages.cookies.clear()
    assert pages.post(alert, data=GOOD | {"token": good}, headers=SAME).status_code == 400
    assert "Answers" not in plain(pages.get(alert).text)


def test_the_cookie_goes_to_our_pages_alone(pages: TestClient, alert: str) -> None:
    cookie = pages.get(alert).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert pages.get(alert).headers["set-cookie"].split(";")[0].lower() == cookie.split(";")[0]


def test_a_form_that_is_none(pages: TestClient, alert: str) -> None:
    assert pages.post(alert, content=b"x" * 20_000, headers=SAME).status_code == 413
    assert pages.post(alert, content=b"\xff=\xff", headers=SAME).status_code == 400
    assert pages.post("/alert/none", data=GOOD, headers=SAME).status_code == 404


def test_an_alert_of_a_time_that_is_over_stays_over_when_it_is_overdue_again(
    pages: TestClient, alert: str, run: Run
) -> None:
    child = re.search(r"KID-\d", plain(pages.get(alert).text))
    assert child
    held = event(
        "conference.held",
        "2024-03-26",
        "in error",
        child[0],
        meeting_id="M2",
        complete=True,
        conference="initial",
        outcome="no_plan",
    ) | {"id": "in-error"}
    write("later.ndjson", held)
    run("import", "later.ndjson")
    run("sweep", "--now", "2024-03-26T18:00:00Z")
    write("withdrawn.ndjson", event("event.retracted", "2024-03-27", "gone", child[0], retracts="in-error"))
    run("import", "withdrawn.ndjson")
    after = plain(pages.get(alert).text)
    assert "Now Overdue" in after
    assert "This alert is over" in after


def test_an_alert_that_is_over_has_no_form(pages: TestClient, alert: str, run: Run) -> None:
    held = event(
        "conference.held",
        "2024-03-27",
        "late",
        "KID-2",
        meeting_id="M2",
        complete=True,
        conference="initial",
        outcome="no_plan",
    )
    children = [held, {**held, "id": "late4", "subject": "KID-4"}, {**held, "id": "late5", "subject": "KID-5"}]
    before = token(pages.get(alert).text)
    write("later.ndjson", *children)
    run("import", "later.ndjson")
    run("sweep", "--now", "2024-03-27T08:30:00Z")
    assert "<form" not in pages.get(alert).text
    assert "This alert is over" in pages.get(alert).text
    answer = pages.post(alert, data=GOOD | {"token": before}, headers=SAME)
    assert answer.status_code == 400
    assert "is over" in plain(answer.text)
