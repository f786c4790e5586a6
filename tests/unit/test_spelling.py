"""Looking at all codes of an event at once refuses exactly what the published rule of each code refuses."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.events.event import EVENT_CLASSES, decode, strict_classes
from tests.helpers.effort import examples
from tests.helpers.records import plain

strict = msgspec.json.Decoder(strict_classes()["visit.made"] | strict_classes()["conference.held"])
VISIT = {"visit_id": "v1", "regime": "cp", "by": "social_worker", "method": "in_person", "seen": True}
HELD = {"conference": "initial", "meeting_id": "m1", "complete": True, "outcome": "plan_made"}

code = st.text(st.sampled_from("aZ09._:/#+- \n\r\0é|,{\"\\'"), max_size=4) | st.sampled_from(
    ["None", "a" * 41, "a" * 129]
)
attribute = st.sampled_from(["id", "source", "subject", "team", "worker", "replaces"])
visit_field = st.sampled_from(["visit_id", "by", "referral_id"])
held_field = st.sampled_from(["invited", "attended", "enquiry_ids"])


def takes(decoding: Any, raw: bytes) -> bool:
    try:
        decoding(raw)
    except ValueError:
        return False
    return True


@settings(max_examples=examples(150), deadline=None)
@given(
    st.dictionaries(attribute, code), st.dictionaries(visit_field, code), st.dictionaries(held_field, st.lists(code))
)
def test_both_rules_are_one(attributes: dict[str, str], data: dict[str, str], lists: dict[str, list[str]]) -> None:
    if attributes.get("replaces") == attributes.get("id", "e1"):
        attributes.pop("replaces", None)  # refused for another reason
    for kind, fields in (("visit.made", VISIT | data), ("conference.held", HELD | lists)):
        raw = msgspec.json.encode(plain(kind=kind, **(attributes | {"data": fields})))
        assert takes(decode, raw) == takes(strict.decode, raw)


@pytest.mark.parametrize("kind", EVENT_CLASSES)
def test_every_code_of_every_kind_is_looked_at(kind: str) -> None:
    """In the published rule a code has a pattern. Whatever has one is read when an event is looked over."""
    loose, exact = EVENT_CLASSES[kind], strict_classes()[kind]
    of_data = {f.name: f for f in msgspec.structs.fields(_data_of(exact))}
    assert [f.name for f in msgspec.structs.fields(_data_of(loose))] == list(of_data)
    coded = {name for name, f in of_data.items() if "pattern=" in str(f.type)}
    probe = _Probe()
    loose.codes.ids(probe)
    if loose.codes.tokens is not None:
        loose.codes.tokens(probe)
    assert probe.data.read | {name for name, _ in loose.codes.lists} == coded


class _Probe:
    """Says which attributes were read."""

    def __init__(self) -> None:
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name == "data":
            self.data = _Probe()
            return self.data
        self.read.add(name)
        return None


def _data_of(event_class: type[msgspec.Struct]) -> type[msgspec.Struct]:
    return next(f.type for f in msgspec.structs.fields(event_class) if f.name == "data")
