"""What an event is, what is refused and how it says so, and the one spelling of each event."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events.event import EVENT_CLASSES, canonical, decode, from_dict, trusted
from schemas.events.vocabulary import KINDS
from tests.helpers.effort import examples
from tests.unit.test_json_schema import events

VISIT = {
    "specversion": "1.0",
    "id": "e1",
    "source": "carefirst",
    "type": "visit.made",
    "subject": "C7",
    "occurredon": "2024-03-05",
    "data": {"visit_id": "v1", "regime": "cp", "by": "social_worker", "method": "in_person", "seen": True},
}
RETRACTION = {**VISIT, "type": "event.retracted", "id": "e2", "retracts": "e1", "data": {}}


def visit(**changed: Any) -> str:
    """The visit's JSON with attributes changed; None takes one away."""
    return json.dumps({name: value for name, value in (VISIT | changed).items() if value is not None})


def visit_with(**changed: Any) -> str:
    """The visit's JSON with fields of its data changed."""
    return visit(data={**VISIT["data"], **changed})


def refusal(raw: str | bytes) -> str:
    with pytest.raises(ValueError) as refused:  # noqa: PT011  (what it says is what is tested)
        decode(raw)
    return str(refused.value)


def test_an_event_is_typed_and_absent_is_none() -> None:
    event = decode(visit())
    assert (event.kind, event.about, event.order) == ("visit.made", "child", 30)
    assert event.occurredon == date(2024, 3, 5)
    assert event.data.seen is True
    assert event.data.seen_alone is None  # unknown, which is not "no"
    assert event.team is None


def test_an_event_of_a_day_is_good_until_that_london_day_ends() -> None:
    event = decode(visit(occurredon="2024-06-30"))
    assert event.day == date(2024, 6, 30)
    assert event.moment == datetime(2024, 6, 30, 22, 59, 59, 999999, tzinfo=UTC)


def test_an_event_of_an_instant_is_of_its_london_day() -> None:
    event = decode(visit(occurredon=None, time="2024-06-30T23:30:00Z"))
    assert event.day == date(2024, 7, 1)
    assert event.moment == datetime(2024, 6, 30, 23, 30, tzinfo=UTC)


def test_a_kind_without_needed_fields_needs_no_data() -> None:
    event = decode(visit(type="child.born", data=None))
    assert event.data.referral_id is None


def test_every_kind_has_its_class() -> None:
    assert list(EVENT_CLASSES) == list(KINDS)
    for name, kind in KINDS.items():
        made = EVENT_CLASSES[name]
        assert (made.kind, made.about, made.order) == (name, kind.about, kind.order)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (visit(type="visit.dreamt"), r"$.type"),
        (visit(type=None), "missing required field `type`"),
        (visit(subject=None), "missing required field `subject`"),
        (visit(name="Ann"), "unknown field `name`"),
        (visit_with(surname="Smith"), "unknown field `surname` - at `$.data`"),
        (visit_with(by="her social worker, at home"), "at `$.data.by`"),  # free text
        (visit_with(seen=1), "Expected `bool`, got `int` - at `$.data.seen`"),
        (visit_with(seen="true"), "Expected `bool`, got `str` - at `$.data.seen`"),
        (visit_with(method="telepathy"), "at `$.data.method`"),
        (visit_with(joint_with=["police", "the neighbours"]), "at `$.data.joint_with[1]`"),
        (visit(id="two words"), "at `$.id`"),
        (visit(id="e1\n"), "at `$.id`"),  # a line end would break a log line
        (visit(id=""), "at `$.id`"),
        (visit(subject="C" * 129), "at `$.subject`"),
        (visit(specversion="0.3"), "at `$.specversion`"),
        (visit(occurredon="05/03/2024"), "at `$.occurredon`"),
        (visit(occurredon="2024-02-30"), "at `$.occurredon`"),
        (visit(occurredon=None, time="2024-03-05T10:00:00"), "timezone component - at `$.time`"),
        (visit(recordedtime="2024-03-05"), "at `$.recordedtime`"),
        ("", "truncated"),
        (visit()[:-5], "truncated"),
        ("[]", "Expected `object`"),
        (b"\xff\xfe{\x00", "malformed"),
    ],
)
def test_a_refusal_says_where(raw: str | bytes, says: str) -> None:
    assert says in refusal(raw)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (visit(occurredon=None), "exactly one of `time`"),
        (visit(time="2024-03-05T10:00:00Z"), "exactly one of `time`"),
        (visit(retracts="e0"), "`retracts` belongs on event.retracted"),
        (json.dumps(RETRACTION | {"retracts": None}), "`retracts` belongs on event.retracted"),
        (json.dumps(RETRACTION | {"replaces": "e0"}), "cannot replace"),
        (json.dumps(RETRACTION | {"retracts": "e2"}), "cannot replace or retract itself"),
        (visit(replaces="e1"), "cannot replace or retract itself"),
        (visit(type="child.merged", data={"into": "C7"}), "cannot be merged into itself"),
    ],
)
def test_rules_that_span_fields_say_what_is_wrong(raw: str, says: str) -> None:
    assert says in refusal(raw)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (visit(occurredon="0024-03-05"), "occurredon"),
        (visit(occurredon="9999-12-31"), "occurredon"),
        (visit(occurredon=None, time="0001-01-01T00:00:00+05:00"), "time"),
        (visit(occurredon=None, time="9999-12-31T23:59:59-05:00"), "time"),
        (visit(recordedtime="1066-10-14T09:00:00Z"), "recordedtime"),
        (visit(type="child.registered", data={"born_on": "0204-03-05"}), "born_on"),
        (visit(type="visit.booked", data={"visit_id": "v1", "regime": "cp", "on": "2204-03-05"}), "on"),
    ],
)
def test_a_year_nobody_could_mean_is_refused(raw: str, name: str) -> None:
    """Taken, such a day would break every later sum with it: a fold must never fail on what was let in."""
    assert refusal(raw).startswith(f"`{name}` is in the year")


@pytest.mark.parametrize("day", ["1900-01-01", "2199-12-31"])
def test_the_first_and_last_day_let_in_can_be_reckoned_with(day: str) -> None:
    event = decode(visit(occurredon=day))
    assert event.moment > datetime.fromisoformat(f"{day}T00:00:00Z")


def test_a_refusal_repeats_nothing_of_the_child() -> None:
    for raw in (visit(subject="Ann Smith"), visit(subject="C7", retracts="C7"), visit_with(joint_with=["Ann Smith"])):
        assert "Smith" not in refusal(raw)
        assert "C7" not in refusal(raw)


def test_two_spellings_of_an_event_are_one() -> None:
    one = visit(occurredon=None, time="2024-06-05T10:00:00+01:00")
    other = json.dumps(
        dict(reversed(json.loads(one).items())) | {"time": "2024-06-05T09:00:00.000Z", "team": None}, indent=2
    )
    assert canonical(decode(one)) == canonical(decode(other))
    assert b'"time":"2024-06-05T09:00:00Z"' in canonical(decode(one))
    assert b"team" not in canonical(decode(one))


def test_saying_that_it_is_json_changes_nothing() -> None:
    said = decode(visit(datacontenttype="application/json"))
    assert said == decode(visit()) == from_dict(VISIT | {"datacontenttype": "application/json"})
    assert canonical(said) == canonical(decode(visit()))
    assert "at `$.datacontenttype`" in refusal(visit(datacontenttype="text/plain"))


def test_unknown_and_no_are_not_the_same() -> None:
    assert canonical(decode(visit_with(seen_alone=None))) == canonical(decode(visit()))
    assert canonical(decode(visit_with(seen_alone=False))) != canonical(decode(visit()))


@settings(max_examples=examples(40), deadline=None)
@given(st.data())
def test_the_one_spelling_reads_back_as_the_same_event(data: st.DataObject) -> None:
    event = decode(json.dumps(data.draw(st.sampled_from(list(KINDS.values())).flatmap(events))))
    assert decode(canonical(event)) == event
    assert trusted(canonical(event)) == event
    assert canonical(trusted(canonical(event))) == canonical(event)


@settings(max_examples=examples(40), deadline=None)
@given(st.data())
def test_from_plain_values_or_from_json_it_is_the_same_event(data: st.DataObject) -> None:
    raw = data.draw(st.sampled_from(list(KINDS.values())).flatmap(events))
    assert from_dict(raw) == decode(json.dumps(raw))


def test_plain_values_are_checked_too() -> None:
    with pytest.raises(ValueError, match="exactly one of `time`"):
        from_dict(VISIT | {"occurredon": None})
    with pytest.raises(msgspec.ValidationError):
        from_dict(VISIT | {"subject": "Ann Smith"})


def test_an_event_cannot_be_changed() -> None:
    event = decode(visit())
    with pytest.raises(AttributeError):
        event.subject = "C8"  # type: ignore[misc]
