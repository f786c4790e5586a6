"""A child's id is found in a text however it is spelt there, and another's is not taken for it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.decide.naming import Names

SPELT = [
    "C000022",
    '{"subject":"C000022',
    "{'subject':'C000022'}",
    '{"subject":"\\u0043000022"}',
    '{"subject":"\\u0043\\u0030\\u0030\\u0030\\u0030\\u0032\\u0032"}',
    '{"of":"{\\"subject\\":\\"\\\\u0043000022\\"}"}',
    "a line\\nC000022,visit.made",
    "a line\nC000022,visit.made",
    "C000022,visit.made,2026-11-01",
    " c000022 ",
    "note-C000022-1",
    "ct_C000022",
    "/child/C%3000022",
    "<child id='&#67;000022'/>",
    "<child id='&#x43;000022'/>",
    "C\\x00000022",
    "\uff23\uff10\uff10\uff10\uff10\uff12\uff12",
    "C000\u200b022",
    "C" + chr(0) + "000022",
    "seen with C000022.",
]
OTHERS = ["C0000221", "XC000022", "C00002", "c00002 2", "", "C000023", "000022", "AC000022B"]


@pytest.mark.parametrize("text", SPELT)
def test_it_is_found_in_any_spelling(text: str) -> None:
    assert Names({"C000022"}).within(text)


@pytest.mark.parametrize("text", OTHERS)
def test_another_is_not_taken_for_it(text: str) -> None:
    assert not Names({"C000022"}).within(text)


def test_any_id_of_the_child_is_found_and_signs_in_it_are_signs() -> None:
    names = Names({"A.1", "B+2", "kid/7"})
    assert [names.within(text) for text in ("A.1", "b+2!", '"kid\\/7"', "Ax1", "BB2")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@given(st.text(max_size=12), st.text(max_size=12))
def test_it_is_found_wherever_it_stands_by_itself(before: str, after: str) -> None:
    text = f"{before} C000022 {after}"
    for spelt in (text, json.dumps(text), json.dumps(json.dumps(text))):
        assert Names({"C000022"}).within(spelt)
