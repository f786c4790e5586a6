"""Records of events and of clocks: nothing lost or changed on the way, and none too large for a broker."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from schemas.events.json_schema import FILE as EVENT_SCHEMA
from schemas.events.json_schema import text
from schemas.kafka import asyncapi
from schemas.kafka.records import (
    CaseEvents,
    ClockChange,
    Entry,
    case_events,
    encode,
    read_case_events,
    read_clock_change,
)
from schemas.kafka.shards import shard_of
from schemas.kafka.topics import LARGEST_RECORD, RECORD_LIMIT, topics
from schemas.settings.settings import Settings

MORNING = datetime(2024, 3, 5, 9, tzinfo=UTC)


def payload(child: str, number: int, padding: int = 0) -> bytes:
    event = {"specversion": "1.0", "id": f"e{number}", "source": "s", "type": "child.born", "subject": child}
    return json.dumps(event | {"occurredon": "2024-03-05", "team": "t" * (padding + 1)}).encode()


accepted = st.lists(st.tuples(st.sampled_from([f"C{n}" for n in range(40)]), st.integers(0, 400)), max_size=120).map(
    lambda found: [(child, n, MORNING, payload(child, n, size)) for n, (child, size) in enumerate(found, 1)]
)


@given(accepted, st.integers(300, 5000))
def test_every_event_is_in_one_record_of_its_shard_in_order(found: Any, limit: int) -> None:
    records = [read_case_events(encode(record)) for record in case_events(found, limit)]
    told: dict[int, list[bytes]] = {}
    for record in records:
        assert (record.first, record.last) == (record.events[0].seq, record.events[-1].seq)
        numbers = [entry.seq for entry in record.events]
        assert numbers == sorted(numbers)
        told.setdefault(record.shard, []).extend(bytes(entry.event) for entry in record.events)
    wanted: dict[int, list[bytes]] = {}
    for child, _, _, event in found:
        wanted.setdefault(shard_of(child), []).append(event)
    assert told == wanted  # byte for byte


@given(accepted, st.integers(300, 5000))
def test_a_record_of_several_events_is_below_the_limit(found: Any, limit: int) -> None:
    for record in case_events(found, limit):
        assert len(record.events) == 1 or len(encode(record)) < limit


def test_numbers_and_times_of_any_length_are_counted() -> None:
    late = datetime(2024, 3, 5, 9, 0, 0, 123456, tzinfo=UTC)
    many = [("C1", 9_000_000_000_000_000_000 + n, late, payload("C1", n)) for n in range(50)]
    for record in case_events(many, 2000):
        assert len(encode(record)) < 2000


def test_what_the_limit_is_for() -> None:
    """Kafka's own limit is 1 MB a record; ours leaves room, and the topics allow a single large event."""
    many = [("C1", n, MORNING, payload("C1", n, 3000)) for n in range(1, 601)]
    sizes = [len(encode(record)) for record in case_events(many)]
    assert len(sizes) > 2
    assert max(sizes) < RECORD_LIMIT < LARGEST_RECORD


def test_a_clock_names_no_child() -> None:
    assert "child" not in ClockChange.__struct_fields__


def change(**more: Any) -> ClockChange:
    known: dict[str, Any] = {"clock": "c1", "seq": 7, "standard": "icpc-15wd", "team": "t1"}
    return ClockChange(**known, started_on=date(2024, 3, 5), due_on=None, **more)


def test_a_clock_comes_back_as_it_was() -> None:
    said = change(ended="stopped", ended_on=date(2024, 3, 9), next_rung_at=MORNING + timedelta(days=2))
    assert read_clock_change(encode(said)) == said


def test_fields_of_a_later_version_are_ignored() -> None:
    assert read_case_events(b'{"shard":1,"first":1,"last":1,"events":[],"later":true}').shard == 1


@pytest.mark.parametrize(
    "value", [b"", b"[]", b'{"shard":1}', b"\xff", b'{"shard":"1","first":1,"last":1,"events":[]}']
)
def test_another_record_is_refused(value: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError if value != b"\xff" else ValueError):
        read_case_events(value)


# -- the AsyncAPI document ---------------------------------------------------------------------------------------------

DOCUMENT = json.loads(asyncapi.FILE.read_text(encoding="utf-8"))


def test_the_file_is_what_the_classes_say() -> None:
    remedy = "the topics or the records changed: run `python -m schemas.kafka.asyncapi`"
    assert asyncapi.FILE.read_text(encoding="utf-8") == text(asyncapi.document()) + "\n", remedy


def test_every_topic_is_in_it() -> None:
    declared = topics(Settings.read({}))
    assert {name: channel["address"] for name, channel in DOCUMENT["channels"].items()} == {
        short: topic.name for short, topic in declared.items()
    }


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [one for value in part.values() for one in references(value)]
    return [one for value in part for one in references(value)] if isinstance(part, list) else []


def test_every_reference_leads_somewhere() -> None:
    for reference in references(DOCUMENT):
        file, _, path = reference.partition("#")
        assert not file or (Path(asyncapi.FILE).parent / file).is_file()
        part = DOCUMENT
        for step in path.split("/")[1:]:
            part = part[step]


def validator(name: str) -> Draft202012Validator:
    event = Resource.from_contents(json.loads(EVENT_SCHEMA.read_text(encoding="utf-8")))
    registry: Registry[Any] = Registry().with_resource("../events/case_event.schema.json", event)
    return Draft202012Validator(DOCUMENT["components"]["schemas"][name]["schema"], registry=registry)


def test_the_document_takes_what_we_send_and_nothing_else() -> None:
    entry = Entry(3, MORNING, msgspec.Raw(payload("C1", 1)))
    sent = json.loads(encode(CaseEvents(7, 3, 3, [entry])))
    assert validator("CaseEvents").is_valid(sent)
    assert not validator("CaseEvents").is_valid({**sent, "events": [{**sent["events"][0], "event": {}}]})
    assert validator("ClockChange").is_valid(json.loads(encode(change(ended="stopped"))))
    assert validator("ClockChange").is_valid(None)
    assert not validator("ClockChange").is_valid({"clock": "c1"})
