"""Records made to be misread: each ends in quarantine with a reason, and nothing is raised."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.decide.accept import Accepted, LogContext, Rejected, accept
from services.ingest.decide.twice import key_given_twice

PLAN = (
    '{"specversion":"1.0","id":"e1","source":"c","type":"cp_plan.started","subject":"C1","occurredon":"2024-03-05",'
    '"data":{"plan_id":"P","previous_plans":1}}'
)


def changed(old: str, new: str) -> bytes:
    assert old in PLAN
    return PLAN.replace(old, new).encode("utf-8", "surrogatepass")


HOSTILE = {
    "a key twice": (changed('"id":"e1"', '"id":"e1","id":"e2"'), "`id` is there twice in one object"),
    "a key twice, with a gap": (changed('"id":"e1"', '"id" : "e1","id" :"e1"'), "`id` is there twice"),
    "a key twice, once escaped": (changed('"id":"e1"', '"id":"e1","\\u0069d":"e2"'), "`id` is there twice"),
    "a field twice": (changed(":1}", ':1,"previous_plans":2}'), "`previous_plans` is there twice"),
    "a field twice behind an escaped colon": (
        changed('"P"', '"P\\u003a","plan_id":"P\\u003a"'),
        "`plan_id` is there twice",
    ),
    "data twice": (changed('"data":', '"data":{"plan_id":"Q"},"data":'), "`data` is there twice"),
    "digits of another script in a day": (changed("2024-03-05", "٢٠٢٤-٠٣-٠٥"), "is not a day that exists"),
    "digits of another script in a number": (changed(":1}", ":١}"), "this is not a JSON object"),
    "digits of another script in an id": (changed('"e1"', '"e١"'), "`id` is not a code"),
    "5,000 digits": (changed(":1}", f":{'1' * 5000}}}"), "`previous_plans` is not a number from 0 to 1,000"),
    "5,000 digits for an id": (changed('"e1"', "1" * 5000), "`id` is a number; it must be text in quotes"),
    "23 digits": (changed(":1}", f":{'9' * 23}}}"), "`previous_plans` is not a number from 0 to 1,000"),
    "less than nothing": (changed(":1}", ":-1}"), "`previous_plans` is not a number from 0 to 1,000"),
    "a power": (changed(":1}", ":1e400}"), "`previous_plans` is not a number"),
    "an escaped NUL": (changed('"P"', '"P\\u0000"'), "`plan_id` is not a code"),
    "a plain NUL": (changed('"P"', '"P\0"'), "this is not a JSON object"),
    "half a character": (changed('"P"', '"\\ud800"'), "this is not a JSON object"),
    "nested without end": (b'{"a":' * 100_000, "this is not a JSON object"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_each_is_refused_with_a_reason(name: str) -> None:
    raw, said = HOSTILE[name]
    found = accept(raw, LogContext())
    assert isinstance(found, Rejected)
    assert said in found.reason


def test_a_record_with_a_key_twice_is_still_its_childs() -> None:
    found = accept(HOSTILE["a field twice"][0], LogContext())
    assert isinstance(found, Rejected)
    assert (found.subject, found.identity) == ("C1", ("c", "e1"))


def test_a_key_that_may_be_a_name_is_not_repeated() -> None:
    found = accept(b'{"Ann Smith":1,"Ann Smith":2}', LogContext())
    assert isinstance(found, Rejected)
    assert "Smith" not in found.reason


KEYS = st.sampled_from(["id", "source", "subject", "plan_id", "previous_plans", "data", "occurredon"])


@given(KEYS, st.sampled_from(['"{}":{}', '"{}" :{}', '"{}"\t:\n {}']), st.booleans(), st.booleans())
def test_no_spelling_hides_a_key_given_twice(key: str, how: str, zone: bool, twice: bool) -> None:
    """However the colon stands, and whatever colons there are in values."""
    raw = PLAN.replace('"occurredon":"2024-03-05"', '"time":"2024-03-05T09:00:00+00:00"') if zone else PLAN
    event = json.loads(raw)
    if key not in event and key not in event["data"]:
        return
    value = json.dumps(event.get(key, event["data"].get(key)))
    at = f'"{key}":'
    again = how.format(key, value) + "," if twice else ""
    found = accept(raw.replace(at, again + at).encode(), LogContext())
    assert isinstance(found, Rejected) == twice


def test_what_is_given_once_is_taken() -> None:
    assert isinstance(accept(PLAN.encode(), LogContext()), Accepted)
    assert key_given_twice(b'{"a":{"x":1},"b":{"x":1}}', b"") is None
