"""The style sheet is our own: it styles what the pages render and no more, and asks for no other file."""

from __future__ import annotations

import re
from pathlib import Path

from caseclock.web import app
from caseclock.web.formatting import STATUSES
from caseclock.web.tokens import Tokens
from schemas.store.engine import connect
from tests.helpers.commands import Run
from tests.helpers.sites import DOOR, KEY, SAME, TEAM, alert_of, fill, fill_long, site, team_path
from tests.product.test_pages_answering import GOOD, token

STATIC = Path(app.__file__).with_name("static")
LONG = "north-family-1"  # a team whose list comes in many pages
PLAIN = {  # these look as their element, or what is around them, does
    "govuk-template",
    "govuk-template__body",
    "govuk-template__header",
    "govuk-template__footer",
    "govuk-generic-header__logo",
    "govuk-table__head",
    "govuk-table__body",
    "govuk-date-input__item",
    "govuk-date-input__input",
    "govuk-date-input__label",
    "govuk-error-summary__body",
    "govuk-pagination__icon--prev",
    "govuk-pagination__icon--next",
    "govuk-pagination__link-title",
}


def sheet() -> str:
    """The style sheet without its comments."""
    return re.sub(r"/\*.*?\*/", "", (STATIC / "caseclock.css").read_text(encoding="utf-8"), flags=re.S)


def styled() -> set[str]:
    selectors = re.sub(r"\{[^{}]*\}", "{}", sheet())  # without what is declared
    return set(re.findall(r"\.([a-z][\w-]*)", selectors))


def rendered(run: Run) -> set[str]:
    """Every class on every kind of page, in error too, and the tag of every status."""
    fill(run)
    fill_long(run, LONG, 520)
    engine = connect("sqlite:///caseclock.db")
    alert = f"/alert/{alert_of(engine, TEAM)}"
    engine.dispose()
    children = [f"/child/{Tokens(KEY).of(child)}" for child in ("KID-1", "KID-2")]
    with site() as pages:
        texts = [
            pages.get(path).text
            for path in (
                "/",
                "/?period=wrong",
                "/alerts",
                "/standards",
                "/verify",
                "/nowhere",
                alert,
                *children,
                team_path(TEAM),
                team_path(TEAM, "/children"),
                team_path(LONG, "/children?page=6"),
            )
        ]
        for fields in ({}, GOOD):
            sent = {"token": token(pages.get(alert).text), **fields}
            texts.append(pages.post(alert, data=sent, headers=SAME).text)
        texts.append(pages.get(f"{alert}?answered=1").text)
    with site(DOOR._replace(host="127.0.0.1")) as pages:
        texts.append(pages.get("/").text)
    names = {name for text in texts for found in re.findall(r'class="([^"]*)"', text) for name in found.split()}
    return names | {f"govuk-tag--{colour}" for _, colour in STATUSES.values()}


def test_every_class_that_a_page_renders_is_styled_and_no_other(run: Run) -> None:
    seen = rendered(run)
    assert seen - styled() - PLAIN == set(), "rendered, and looks like nothing"
    assert styled() - seen == set(), "styled, and on no page"
    assert {name for name in PLAIN if name in styled() or name not in seen} == set()


def test_the_one_style_sheet_asks_for_no_other_file() -> None:
    assert sorted(path.name for path in STATIC.iterdir()) == ["caseclock.css", "icon.svg"]
    assert not re.search(r"url\(|@import|@font-face|gds transport|crest|copyright", sheet(), re.I)
    assert sheet().count("{") == sheet().count("}")
    every, given = set(re.findall(r"var\((--[\w-]+)\)", sheet())), set(re.findall(r"\s(--[\w-]+):", sheet()))
    assert every == given, "colours are used and given"
