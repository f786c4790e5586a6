"""The pages in a real browser: no fault at WCAG 2.2 AA that axe-core knows, and usable by keyboard and without a
script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from caseclock.runtime import open_store, rules
from caseclock.web.app import make_app
from caseclock.web.sign_in import SignIn
from caseclock.web.tokens import Tokens
from tests.browser.browser import served, violations
from tests.helpers.commands import Run
from tests.helpers.sites import DOOR, KEY, ODD, TEAM, alert_of, fill, fill_long, now, team_path

MANY = "north-family-1"  # a team whose list comes in pages


@pytest.fixture
def site(run: Run) -> Iterator[str]:
    """The pages over a small store, with one long list."""
    fill(run)
    fill_long(run, MANY, 120)
    with open_pages() as address:
        yield address


class open_pages:
    """The pages over the store here, or behind a sign-in."""

    def __init__(self, door: SignIn | None = None) -> None:
        self._engine = open_store("sqlite:///caseclock.db")
        self._served = served(make_app(self._engine, rules(), now, door, KEY))

    def __enter__(self) -> str:
        return self._served.__enter__()

    def __exit__(self, *raised: object) -> None:
        self._served.__exit__(*raised)  # type: ignore[arg-type]
        self._engine.dispose()


def alert_path() -> str:
    engine = open_store("sqlite:///caseclock.db")
    found = alert_of(engine, TEAM)
    engine.dispose()
    return f"/alert/{found}"


def paths() -> list[str]:
    child = f"/child/{Tokens(KEY).of('KID-2')}"
    return [
        "/",
        "/?period=wrong",
        "/alerts",
        alert_path(),
        team_path(TEAM),
        team_path(TEAM, "/children"),
        team_path(ODD),
        team_path(MANY),
        team_path(MANY, "/children?page=2"),
        team_path("south-family-1"),
        child,
        "/standards",
        "/verify",
        "/nowhere",
    ]


def test_axe_finds_nothing_wrong(site: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for path in paths():
        page.goto(site + path)
        assert violations(page) == [], path
    page.goto(site + paths()[10])
    for summary in page.locator("summary").all():
        summary.click()
    assert violations(page) == [], "with every explanation open"
    page.set_viewport_size({"width": 320, "height": 640})
    for path in (team_path(TEAM), paths()[10], alert_path()):
        page.goto(site + path)
        assert violations(page) == [], f"{path} on a telephone"
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, "only tables scroll sideways"
    page.close()
    assert [text for text in said if "Content Security" in text] == []


def test_an_alert_is_answered_by_keyboard_and_without_a_script(site: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + team_path(TEAM))
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to main content"
    page.goto(site + alert_path())
    page.focus("#send")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.title().startswith("Error: ")
    page.get_by_role("link", name="Enter why it is late").focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#reason")
    page.focus("#reason")
    for text in ("Booked", "2", "4", "2024"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    with page.expect_navigation(url="**?answered=1"):
        page.keyboard.press("Enter")
    assert "Noted: to be done by Tue 2 April 2024" in page.inner_text("main")
    page.goto(site + team_path(TEAM))
    assert "Promised" in page.inner_text("main")
    context.close()


def test_the_whole_way_by_links(site: str, browser: Browser) -> None:
    """From the overview to a child, and a file taken away."""
    page = browser.new_page()
    page.goto(site + "/")
    page.get_by_role("link", name=TEAM, exact=True).first.click()
    page.get_by_role("link", name="Children by last seen").click()
    page.get_by_role("link", name="KID-2").click()
    assert page.locator("h1").inner_text() == "Child KID-2"
    assert not re.search("KID", page.url)
    with page.expect_download() as saved:
        page.get_by_role("link", name="spreadsheet").click()
    assert saved.value.suggested_filename == "caseclock-timeline-2024-03-27.xlsx"
    page.close()


def test_what_is_printed(site: str, browser: Browser) -> None:
    page = browser.new_page()
    page.emulate_media(media="print")
    page.goto(site + team_path(TEAM))
    for gone in (".app-navigation", ".app-files", ".govuk-skip-link"):
        assert not page.locator(gone).first.is_visible()
    assert page.locator("table").first.is_visible()
    page.close()


def test_who_does_not_come_in_reads_why(run: Run, browser: Browser) -> None:
    fill(run)
    with open_pages(DOOR._replace(host="127.0.0.1")) as site:
        page: Page = browser.new_page()
        page.goto(site)
        assert page.locator("h1").inner_text() == "You cannot come in"
        assert violations(page) == []
        page.close()
