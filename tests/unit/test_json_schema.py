"""The published schema accepts and refuses what `schemas.events.event` does, for every kind."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from schemas.events.event import decode
from schemas.events.json_schema import FILE, case_event, text
from schemas.events.vocabulary import KINDS, Field, Kind
from tests.helpers.effort import examples

FORMATS = FormatChecker(["date"])


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value.upper()).tzinfo is not None


SCHEMA = Draft202012Validator(json.loads(FILE.read_text(encoding="utf-8")), format_checker=FORMATS)


def by_schema(event: Any) -> bool:
    return SCHEMA.is_valid(event)


def by_classes(event: Any) -> bool:
    try:
        decode(json.dumps(event))
    except ValueError:
        return False
    return True


CODES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
DATES = st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(str)
TIMES = st.times().map("{:%H:%M:%S}".format)
PARTS_OF_A_SECOND, ZONES = st.sampled_from(["", ".5", ".123456"]), st.sampled_from(["Z", "+01:00", "-05:30"])
INSTANTS = st.builds("{}T{}{}{}".format, DATES, TIMES, PARTS_OF_A_SECOND, ZONES)
WHEN = {"time": INSTANTS, "occurredon": DATES}
LISTS = st.lists(CODES, max_size=3)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "id": CODES,
    "enum": CODES,
    "[id]": LISTS,
    "[enum]": LISTS,
    "[agency]": LISTS,
    "bool": st.booleans(),
    "int": st.integers(0, 99),
    "num": st.floats(0, 2),
    "date": DATES,
}


def value_of(field: Field) -> st.SearchStrategy[Any]:
    given = st.sampled_from(field.choices) if field.choices else VALUES[field.type]
    if field.choices and field.type.startswith("["):
        given = st.lists(given, max_size=3)
    return given | st.none() if field.optional else given


def data_of(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    fields = kind.fields.values()
    return st.fixed_dictionaries(
        {f.name: value_of(f) for f in fields if not f.optional},
        optional={f.name: value_of(f) for f in fields if f.optional},
    )


@st.composite
def events(draw: st.DrawFn, kind: Kind) -> dict[str, Any]:
    """A sound event of a kind."""
    event = {"specversion": "1.0", "type": kind.name, "id": "e1", "source": draw(CODES), "subject": "C" + draw(CODES)}
    event |= draw(st.sampled_from(["time", "occurredon"]).flatmap(lambda n: st.fixed_dictionaries({n: WHEN[n]})))
    event |= draw(st.fixed_dictionaries({}, optional={"recordedtime": INSTANTS, "team": CODES, "worker": CODES}))
    if kind.name == "event.retracted":
        event["retracts"] = "e0"
    elif draw(st.booleans()):
        event["replaces"] = "e0"
    return event | {"data": draw(data_of(kind))}


# Values that seldom belong: absent, of another type, in no list, free text, days and instants that are none.
WRONG = st.sampled_from(
    [
        None,
        True,
        -1,
        0.5,
        "",
        "two words",
        "x" * 200,
        [],
        ["a b"],
        {},
        {"a": 1},
        "2024-02-30",
        "2024-03-05",
        "0024-03-05",
        "20240305",
        "2024-03-05T10:00:00",
        "2024-03-05T10:00:00Z",
        "2024-03-05T25:00:00Z",
        "2024-03-05T10:00Z",
    ]
)


@st.composite
def spoilt(draw: st.DrawFn, kind: Kind) -> dict[str, Any]:
    """An event of a kind with one thing changed that may or may not spoil it."""
    event = draw(events(kind))
    part = draw(st.sampled_from([event, event["data"]]))
    names = [*part, *kind.fields, "time", "occurredon", "retracts", "replaces", "unheard_of"]
    name = draw(st.sampled_from([n for n in names if n not in ("id", "into")]))
    if draw(st.booleans()):
        part.pop(name, None)
    else:
        part[name] = draw(WRONG)
    return event


def test_the_file_is_what_the_classes_say() -> None:
    remedy = "the vocabulary or the classes changed: run `python -m schemas.events.json_schema`"
    assert FILE.read_text(encoding="utf-8") == text(case_event()) + "\n", remedy
    assert FILE.stat().st_size < 250_000


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA.schema)


@pytest.mark.parametrize("subject", sorted({name.partition(".")[0] for name in KINDS}))
def test_both_judge_every_kind_alike_sound_or_changed(subject: str) -> None:
    for kind in KINDS.values():
        if kind.name.startswith(subject + "."):
            _both_judge_alike(kind)


def _both_judge_alike(kind: Kind) -> None:
    @settings(max_examples=examples(3), deadline=None)
    @given(event=events(kind), changed=spoilt(kind))
    def holds(event: Any, changed: Any) -> None:
        assert by_classes(event), event
        assert by_schema(event), event
        assert by_schema(changed) == by_classes(changed), changed

    holds()


SOUND = {"specversion": "1.0", "id": "e1", "source": "s", "type": "child.born", "subject": "C1"}
DAY = {"occurredon": "2024-03-05"}


@pytest.mark.parametrize(
    ("sound", "event"),
    [
        (True, SOUND | DAY),
        (True, SOUND | {"time": "2024-03-05T10:00:00+01:00", "occurredon": None}),
        (True, SOUND | DAY | {"type": "event.retracted", "retracts": "e0"}),
        (True, SOUND | DAY | {"retracts": None, "replaces": "e0"}),
        (False, SOUND),
        (False, SOUND | DAY | {"time": "2024-03-05T10:00:00Z"}),
        (False, SOUND | DAY | {"type": "event.retracted"}),
        (False, SOUND | DAY | {"type": "event.retracted", "retracts": None}),
        (False, SOUND | DAY | {"type": "event.retracted", "retracts": "e0", "replaces": "e0"}),
        (False, SOUND | DAY | {"retracts": "e0"}),
        (False, SOUND | DAY | {"type": "child.adored"}),
        (False, SOUND | DAY | {"specversion": "0.3"}),
        (False, SOUND | DAY | {"name": "Ann"}),
        (False, SOUND | DAY | {"data": {"name": "Ann"}}),
        (False, SOUND | DAY | {"data": None}),
        (False, SOUND | DAY | {"type": "visit.made"}),
        (False, [SOUND | DAY]),
    ],
)
def test_both_hold_the_rules_that_span_fields(sound: bool, event: Any) -> None:
    assert by_classes(event) is sound
    assert by_schema(event) is sound
