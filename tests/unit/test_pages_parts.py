"""The parts of the pages that decide: addresses, pages of lists, forms, the door."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from caseclock.web.forms import FormKey, answer, fields_of, from_our_page
from caseclock.web.paging import Page, page_number, page_of
from caseclock.web.sign_in import EVERYBODY, Refusal, SignIn, Viewer
from caseclock.web.tokens import Tokens
from schemas.settings.settings import Settings
from services.alerts.routes.line import Absence, Person, Routes, Team

KEY, SECRET = "k" * 40, "s" * 40
TODAY = date(2024, 3, 27)
TOKENS = Tokens(KEY)

# -- addresses of children ---------------------------------------------------------------------------------------------


@given(st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable()))
def test_an_address_leads_back_to_its_child(child: str) -> None:
    token = TOKENS.of(child)
    assert TOKENS.child(token) == child
    assert token.replace("-", "").replace("_", "").isalnum()


def test_an_address_is_stable_and_says_nothing() -> None:
    token = TOKENS.of("C0012345")
    assert token == Tokens(KEY).of("C0012345") != Tokens("q" * 40).of("C0012345")
    assert len(token) == len(TOKENS.of("C1")), "ids of usual length have addresses of one length"
    assert "C0012345" not in token


@pytest.mark.parametrize("wrong", ["", "x", "C0012345", "%00", "ä", "a" * 43, "a" * 5000])
def test_nobody_makes_one_up(wrong: str) -> None:
    assert TOKENS.child(wrong) is None


def test_one_that_was_changed_leads_nowhere() -> None:
    token = TOKENS.of("C0012345")
    for at in range(len(token)):
        other = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert TOKENS.child(other) is None
    assert TOKENS.child(token + "=") is None
    assert Tokens("q" * 40).child(token) is None


# -- pages of lists ----------------------------------------------------------------------------------------------------


def test_a_list_in_pages() -> None:
    rows = list(range(120))
    assert page_of(rows, None) == Page(rows[:50], 120, 1, 1, 3)
    last = page_of(rows, "3")
    assert (list(last.rows), last.first, last.last) == (rows[100:], 101, 120)
    assert page_of([], "2") == Page([], 0, 1, 1, 1)


@pytest.mark.parametrize(("asked", "got"), [("0", 1), ("9", 3), ("-1", 1), ("x", 1), ("²", 1), ("1" * 30, 1), ("", 1)])
def test_a_page_that_is_none(asked: str, got: int) -> None:
    assert page_of(list(range(120)), asked).number == got


def test_the_pages_that_are_named() -> None:
    assert page_number(50 * 3, "2").numbers == [1, 2, 3]
    assert page_number(50 * 20, "10").numbers == [1, None, 8, 9, 10, 11, 12, None, 20]
    assert page_number(50 * 20, "4").numbers == [1, 2, 3, 4, 5, 6, None, 20]
    assert page_number(50 * 20, "5").numbers == [1, 2, 3, 4, 5, 6, 7, None, 20]


# -- forms -------------------------------------------------------------------------------------------------------------


def test_a_token_is_of_one_visitor_person_and_form() -> None:
    key = FormKey(KEY)
    token = key.token("cookie", "ann", "/alert/1")
    assert key.fits(token, "cookie", "ann", "/alert/1")
    for other in (
        ("other", "ann", "/alert/1"),
        ("cookie", "bob", "/alert/1"),
        ("cookie", None, "/alert/1"),
        ("cookie", "ann", "/alert/2"),
    ):
        assert not key.fits(token, *other)
    assert not FormKey("q" * 40).fits(token, "cookie", "ann", "/alert/1")
    assert not key.fits(key.token("", "ann", "/alert/1"), "", "ann", "/alert/1"), "no cookie, no form"
    assert not key.fits("ä", "cookie", "ann", "/alert/1")


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://here:1", "host": "here:1"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "http://here:1", "host": "here:1"}, True),
        ({"origin": "https://here", "host": "here"}, True),
        ({"origin": "http://here:2", "host": "here:1"}, False),
        ({"origin": "http://evil.example", "host": "here:1"}, False),
        ({"origin": "null", "host": "here:1"}, False),
        ({"origin": "null", "host": ""}, False),
        ({"host": "here:1"}, False),
    ],
)
def test_whether_a_form_came_from_our_page(headers: dict[str, str], ours: bool) -> None:
    assert from_our_page(headers) is ours


def test_an_answer_is_a_reason_and_a_day_to_come() -> None:
    typed = answer({"reason": " visit booked ", "day": "28", "month": "3", "year": "2024"}, TODAY)
    assert (typed.reason, typed.by, typed.wrong) == ("visit booked", date(2024, 3, 28), {})


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({}, "reason", "Enter why"),
        ({"reason": "  "}, "reason", "Enter why"),
        ({"reason": "x" * 1001}, "reason", "1,000 characters or fewer"),
        ({"reason": "visit\0booked"}, "reason", "text alone"),
        ({}, "by", "Enter the day"),
        ({"day": "31", "month": "2", "year": "2024"}, "by", "real date"),
        ({"day": "1", "month": "", "year": "2024"}, "by", "real date"),
        ({"day": "x", "month": "3", "year": "2024"}, "by", "real date"),
        ({"day": "٣", "month": "3", "year": "2024"}, "by", "real date"),
        ({"day": "1", "month": "1", "year": "0"}, "by", "real date"),
        ({"day": "27", "month": "3", "year": "2024"}, "by", "after today"),
        ({"day": "28", "month": "3", "year": "24"}, "by", "after today"),
        ({"day": "1", "month": "5", "year": "2025"}, "by", "within a year"),
    ],
)
def test_what_is_wrong_with_an_answer(fields: dict[str, str], field: str, says: str) -> None:
    assert says in answer(fields, TODAY).wrong[field]


def test_what_was_typed_is_kept() -> None:
    typed = answer({"reason": "<b>", "day": "3x", "month": "13", "year": ""}, TODAY)
    assert typed[:4] == ("<b>", "3x", "13", "")


def test_fields_of_a_form() -> None:
    assert fields_of(b"reason=a+b%0D%0Ac&day=&day=2") == {"reason": "a b\nc", "day": "2"}
    for wrong in (b"\xff", b"&".join(b"a%d=1" % n for n in range(50))):
        with pytest.raises(ValueError, match=r"utf-8|fields"):
            fields_of(wrong)


# -- the door ----------------------------------------------------------------------------------------------------------

ANN, BOB, EVE = (
    Person("ann", "Ann@council.example"),
    Person("bob", "bob@council.example"),
    Person("eve", "eve@council.example"),
)
AWAY = Person("may", "may@council.example", (), (Absence(date(2024, 3, 27), date(2024, 3, 29), "ann"),))
ROUTES = Routes(
    [ANN, BOB, EVE, AWAY],
    [Team("one", "North", ("ann", None, "bob", None)), Team("two", "North", ("may", None, "bob", None))],
    ["bob", None],
    channels=("console",),
    digest_at=time(8, 30),
)
DOOR = SignIn("X-Email", SECRET, "X-Proxy", ROUTES, "caseclock.council.example")


def asking(*pairs: tuple[str, str]) -> Viewer | Refusal:
    return DOOR.viewer(Headers(raw=[(name.lower().encode(), value.encode()) for name, value in pairs]), TODAY)


def test_whoever_is_on_this_machine_sees_everything() -> None:
    assert SignIn().viewer(Headers({"x-email": "ann"}), TODAY) is EVERYBODY
    assert EVERYBODY.sees("any")


def test_a_manager_sees_their_own_teams_and_those_they_cover() -> None:
    seen = asking(("X-Proxy", SECRET), ("X-Email", "ann@COUNCIL.example"))
    assert seen == Viewer("ann", frozenset({"one", "two"}))  # two: may is away, and named ann
    assert not Viewer("ann", frozenset({"one"})).sees("two")
    later = DOOR.viewer(Headers({"x-proxy": SECRET, "x-email": "ann"}), date(2024, 4, 2))
    assert later == Viewer("ann", frozenset({"one"}))


def test_who_answers_for_the_county_sees_all_of_it() -> None:
    assert asking(("X-Proxy", SECRET), ("X-Email", "bob")) == Viewer("bob", None)


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Email", "bob")],
        [("X-Email", "bob"), ("X-Proxy", "")],
        [("X-Email", "bob"), ("X-Proxy", SECRET[:-1])],
        [("X-Email", "bob"), ("X-Proxy", SECRET), ("X-Proxy", SECRET)],
        [("X-Email", "bob"), ("X-Proxy", "nö")],
        [("X-Proxy", SECRET)],
        [("X-Proxy", SECRET), ("X-Email", " ")],
        [("X-Proxy", SECRET), ("X-Email", "bob"), ("X-Email", "eve")],
        [("X-Proxy", SECRET), ("X-Email", "bob, eve")],
        [("X-Proxy", SECRET), ("X-Email", "nobody@council.example")],
        [("X-Proxy", SECRET), ("X-Email", "eve")],
    ],
)
def test_nobody_else_comes_in(headers: list[tuple[str, str]]) -> None:
    assert isinstance(asking(*headers), Refusal)


def test_a_door_as_the_settings_say() -> None:
    assert SignIn.of(Settings.read({}), None) == SignIn()
    environ = {
        "SIGN_IN_HEADER": "X-Email",
        "SIGN_IN_SECRET": SECRET,
        "PAGES_KEY": KEY,
        "ROUTES": "routes.yaml",
        "LINK_BASE": "https://caseclock.council.example",
        "SIGN_IN_SECRET_HEADER": "X-Proxy",
        "PAGES_HOST": "0.0.0.0",
    }
    door = SignIn.of(Settings.read({f"CASECLOCK_{name}": value for name, value in environ.items()}), ROUTES)
    assert door == DOOR
    assert door.hosts == ["caseclock.council.example"]
