"""The vocabulary says what the domain's own list says, and says it in words a person understands."""

from __future__ import annotations

import csv
import re
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from caseclock.demo.county import County
from schemas.events.event import CaseEvent
from schemas.events.spelling import are_tokens
from schemas.events.vocabulary import CODED, KINDS, MEETING, Field, words
from services.ingest.decide.accept import Rejected
from services.ingest.decide.accept import read as read_record

WORDS = words()
DATA_FIELDS = {field.name for kind in KINDS.values() for field in kind.fields.values()}
MAY_BE_ABSENT = {f.name for kind in KINDS.values() for f in kind.fields.values() if f.optional}

# A field as the domain's list writes it. Where it names a code list kept elsewhere, ours is open.
WRITTEN = re.compile(r"(?P<name>\w+):(?P<type>\[?\w+\]?)(\((?P<choices>[^)]*)\))?(?P<optional>\?)?")
CODE_LISTS_KEPT_ELSEWHERE = {"E-codes", "903"}
SPANS = {
    "RC1-RC9": [f"RC{n}" for n in range(1, 10)],
    "SDQ1-SDQ5": [f"SDQ{n}" for n in range(1, 6)],
    "PN0-PN7": [f"PN{n}" for n in range(8)],
}
MEET = (
    "meeting_id:id complete:bool continues:id? quorate:bool? method:enum? invited:[agency]?"
    " attended:[agency]? reported:[agency]? child_part:enum(PN0-PN7)? advocate:bool? next_on:date?"
)


def read(text: str) -> Field:
    found = WRITTEN.fullmatch(text)
    assert found, text
    written = [c for c in (found["choices"] or "").split(",") if c and c not in CODE_LISTS_KEPT_ELSEWHERE]
    choices = tuple(code for choice in written for code in SPANS.get(choice, [choice]))
    return Field(found["name"], found["type"], bool(found["optional"]), choices)


@pytest.fixture(scope="module")
def listed(shared_domain: Path) -> dict[str, dict[str, str]]:
    with (shared_domain / "kinds.csv").open(encoding="utf-8", newline="") as file:
        return {row["kind"]: row for row in csv.DictReader(file)}


@pytest.mark.needs("shared domain")
def test_every_kind_is_as_listed(listed: dict[str, dict[str, str]]) -> None:
    assert list(KINDS) == list(listed)
    for name, row in listed.items():
        ours = KINDS[name]
        assert (ours.about, ours.order) == (row["about"], int(row["order"])), name
        assert ours.assigns_team == (row["assigns_team"] == "yes"), name


@pytest.mark.needs("shared domain")
def test_every_field_is_as_listed(listed: dict[str, dict[str, str]]) -> None:
    for name, row in listed.items():
        fields = [read(text) for text in row["fields"].replace("MEET", MEET).split()]
        own = {field.name for field in fields}
        expected = fields if "referral_id" in own else [*fields, Field("referral_id", "id", True, ())]
        ours = list(KINDS[name].fields.values())
        shapes = [(field.name, field.type, field.optional) for field in expected]
        assert [(field.name, field.type, field.optional) for field in ours] == shapes, name
        for field, theirs in zip(ours, expected, strict=True):
            assert not theirs.choices or field.choices == theirs.choices, f"{name}.{field.name}"


def test_every_code_is_declared() -> None:
    """A code that is misspelt in a standard can be told only from those that are declared."""
    coded = {
        f"{kind.name}.{field.name}": (field.choices, field.codes)
        for kind in KINDS.values()
        for field in kind.fields.values()
        if field.type in CODED
    }
    assert [name for name, (only, known) in coded.items() if bool(only) == bool(known)] == []
    assert [name for name, both in coded.items() for codes in both if not are_tokens(codes or ("x",))] == []


def test_no_code_is_declared_of_a_field_that_there_is_not() -> None:
    text = files("schemas.events").joinpath("codes.csv").read_text(encoding="utf-8")
    named = {field.name for kind in KINDS.values() for field in kind.fields.values()}
    for row in csv.DictReader(text.splitlines()):
        kind, _, name = row["field"].rpartition(".")
        assert name in (KINDS[kind].fields if kind != "*" else named), row["field"]
        assert row["source"], row["field"]


def test_the_made_up_county_says_declared_codes_only() -> None:
    found = [read_record(raw) for _, raw in County(300, date(2022, 1, 1), date(2024, 6, 30), seed=1)]
    undeclared = {
        (event.kind, field.name, code)
        for event in found
        if not isinstance(event, Rejected)
        for field in KINDS[event.kind].fields.values()
        if field.codes and (value := getattr(event.data, field.name)) is not None
        for code in (value if isinstance(value, list) else [value])
        if code not in field.codes
    }
    spoilt = sum(isinstance(event, Rejected) for event in found)
    assert spoilt < len(found) / 100, "but for the few it spoils on purpose it is all taken"
    assert undeclared == set()


def test_meetings_have_the_fields_of_a_meeting() -> None:
    meetings = {name for name, kind in KINDS.items() if kind.is_meeting}
    assert meetings == {
        "family_support.reviewed",
        "strategy_discussion.held",
        "conference.held",
        "core_group.held",
        "cin_plan.met",
        "cin_plan.reviewed",
        "review.held",
        "pathway_plan.reviewed",
        "allegation.evaluated",
        "pre_proceedings.met",
    }
    for name in meetings:
        assert {part.split(":")[0] for part in MEETING.split()} <= set(KINDS[name].fields)


def test_a_kind_has_one_plain_sentence_that_says_its_day() -> None:
    for kind in KINDS.values():
        assert re.fullmatch(r"[A-Z][^.!?;:]+\.", kind.sentence), kind.name
        assert 6 <= len(kind.sentence.split()) <= 30, kind.name
        assert re.search(r"\bday\b", kind.sentence), kind.name


def test_no_two_kinds_share_a_sentence() -> None:
    assert len({kind.sentence for kind in KINDS.values()}) == len(KINDS) == 133


def test_every_attribute_and_field_has_its_words_and_nothing_else_has() -> None:
    attributes = set(CaseEvent.__struct_fields__) | {"type"}
    assert {name for of, name in WORDS if of == "event"} == attributes
    assert {name for of, name in WORDS if of == "data"} == DATA_FIELDS


def test_the_words_of_a_field_are_a_sentence() -> None:
    for field, sentence in WORDS.items():
        assert re.fullmatch(r"[A-Z].+[^.]\.", sentence), field
        assert len(sentence.split()) >= 4, field


def test_a_field_that_may_be_absent_says_what_that_means() -> None:
    silent = [name for name in sorted(MAY_BE_ABSENT) if not re.search(r"\babsent\b", WORDS["data", name])]
    assert silent == []
