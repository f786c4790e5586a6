"""What becomes of a record: accepted, a duplicate, or rejected with a reason that a person understands."""

from __future__ import annotations

import msgspec
import pytest

from schemas.events.event import canonical, decode
from services.ingest.decide.accept import Accepted, Duplicate, LogContext, Outcome, Rejected, Seen, accept
from services.ingest.decide.chain import digest
from services.ingest.decide.merges import Merges
from tests.helpers.records import event, merge, plain, record, retraction

CHILDREN = ("C1", "C2", "C3", "C4")


def one_after_another(*raws: bytes) -> list[Outcome]:
    """The outcomes of records that arrive in this order."""
    known = LogContext(merges=Merges(CHILDREN))
    outcomes = []
    for raw in raws:
        outcome = accept(raw, known)
        if isinstance(outcome, Accepted):
            known.add(outcome)
        outcomes.append(outcome)
    return outcomes


def words(*raws: bytes) -> list[str]:
    return [o.code if isinstance(o, Rejected) else type(o).__name__.lower() for o in one_after_another(*raws)]


def refused(raw: bytes) -> Rejected:
    outcome = accept(raw, LogContext())
    assert isinstance(outcome, Rejected)
    return outcome


def test_a_new_event_is_accepted_in_its_one_spelling() -> None:
    raw = record("e1", recordedtime="2024-03-05T10:00:00+01:00")
    outcome = accept(raw, LogContext())
    assert outcome == Accepted(decode(raw), canonical(decode(raw)))
    assert b'"recordedtime":"2024-03-05T09:00:00Z"' in outcome.payload


def test_the_same_again_is_a_duplicate_however_it_is_spelt() -> None:
    backwards = msgspec.json.encode(dict(reversed(plain("e1").items())))
    assert words(record("e1"), record("e1"), backwards) == ["accepted", "duplicate", "duplicate"]


def test_an_id_belongs_to_its_source() -> None:
    assert words(record("e1"), record("e1", source="mosaic")) == ["accepted", "accepted"]


def test_the_same_identity_with_other_content_is_a_conflict() -> None:
    assert words(record("e1"), record("e1", occurredon="2024-03-06")) == ["accepted", "conflict"]
    assert words(record("e1"), record("e1", child="C2")) == ["accepted", "conflict"]


def test_what_is_in_the_log_is_compared_by_its_digest() -> None:
    salt, payload = bytes(16), canonical(event("e1"))
    known = LogContext({("carefirst", "e1"): Seen("C1", salt, digest(salt, payload))})
    assert accept(record("e1"), known) == Duplicate()
    conflict = accept(record("e1", team="north"), known)
    assert isinstance(conflict, Rejected)
    assert (conflict.code, conflict.subject) == ("conflict", "C1")
    assert "`replaces`" in conflict.reason


def test_an_erased_identity_again_is_a_duplicate_whatever_it_says() -> None:
    known = LogContext({("carefirst", "e1"): Seen(None)})
    assert accept(record("e1"), known) == Duplicate()
    assert accept(record("e1", child="C9"), known) == Duplicate()
    assert accept(record("e1", occurredon="5/3/24"), known) == Duplicate()


@pytest.mark.parametrize("attribute", ["replaces", "retracts"])
def test_a_correction_stays_with_its_child(attribute: str) -> None:
    kind = "event.retracted" if attribute == "retracts" else "case.closed"
    outcomes = one_after_another(record("e1", "C1"), record("e2", "C2", kind, **{attribute: "e1"}))
    assert isinstance(outcomes[1], Rejected)
    assert outcomes[1].code == "wrong_subject"
    assert f"`{attribute}` names an event of another child" in outcomes[1].reason
    assert "retract it under that child" in outcomes[1].reason
    assert words(record("e1", "C1"), record("e2", "C1", kind, **{attribute: "e1"})) == ["accepted", "accepted"]


def test_a_correction_may_arrive_before_what_it_corrects() -> None:
    assert words(retraction("e2", of="e1"), record("e1")) == ["accepted", "accepted"]


def test_a_correction_names_an_event_of_its_own_source() -> None:
    assert words(record("e1", "C1", source="mosaic"), retraction("e2", of="e1", child="C2")) == ["accepted", "accepted"]


def test_a_merge_that_closes_a_cycle_is_refused() -> None:
    ring = [merge("m1", "C1", "C2"), merge("m2", "C2", "C3"), merge("m3", "C3", "C1")]
    assert words(*ring) == ["accepted", "accepted", "merge_cycle"]
    assert words(merge("m1", "C1", "C2"), merge("m2", "C2", "C1")) == ["accepted", "merge_cycle"]
    assert words(merge("m1", "C1", "C2"), merge("m2", "C3", "C2")) == ["accepted", "accepted"]
    assert words(merge("m1", "C1", "C1")) == ["invalid"]


def test_a_merge_that_was_retracted_or_replaced_does_not_count() -> None:
    there, back = merge("m1", "C1", "C2"), merge("m2", "C2", "C1")
    assert words(there, retraction("r1", of="m1"), back)[-1] == "accepted"
    assert words(retraction("r1", of="m1"), there, back)[-1] == "accepted"
    assert words(there, merge("m3", "C1", "C3", replaces="m1"), back)[-1] == "accepted"


def test_a_retraction_that_brings_a_cycle_back_is_refused() -> None:
    arrived = [merge("m1", "C1", "C2"), retraction("r1", of="m1"), merge("m2", "C2", "C1")]
    assert words(*arrived, retraction("r2", of="r1")) == ["accepted"] * 3 + ["merge_cycle"]


def test_the_refused_record_still_says_whom_it_may_be_about() -> None:
    assert refused(record("e1", occurredon="5/3/24")).subject == "C1"
    assert refused(record("e1", occurredon="5/3/24")).identity == ("carefirst", "e1")
    assert refused(b'{"subject": 1234, "type": 5}').subject == "1234"
    assert refused(b'{"subject": "a child with a name"}').subject is None
    assert refused(b"[1, 2]").subject is None


VISIT = {"visit_id": "v1", "regime": "cp", "by": "social_worker", "method": "in_person", "seen": True}


def visit(**change: object) -> bytes:
    return record("e1", "C1", "visit.made", data={**VISIT, **change})


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "it is empty"),
        (b'{"type": "visit.made"', "it ends in the middle"),
        (b"[]", "not a JSON object"),
        (b'{"type": "case.closed", "id": "\xe9"}', "not UTF-8"),
        (b"{'type': 1}", "not a JSON object"),
        (b'{"data": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested"),
        (record(colour="red"), "`colour` is not an attribute of an event; leave it out"),
        (record(subject=None), "`subject` is missing; add it, which every event needs"),
        (record(kind="case.close"), "`type` is not a kind of event; did you mean case.closed?"),
        (record(kind="12345"), "the kinds are listed"),
        (record(specversion="0.3"), '`specversion` is not "1.0"'),
        (record(subject="Ann Smith"), "`subject` is not a code"),
        (record(subject="x" * 200), "`subject` is longer than 128 characters"),
        (record(subject=7), "`subject` is a whole number, without quotes; it must be text in quotes"),
        (record(occurredon="05/03/2024"), "`occurredon` is not a day that exists; write it as 2024-03-05"),
        (record(occurredon="2024-02-30"), "`occurredon` is not a day that exists"),
        (record(occurredon="0201-03-05"), "`occurredon` is in the year 201"),
        (record(occurredon=None), "exactly one of `time`"),
        (record(occurredon=None, time="2024-03-05T10:00:00"), "`time` has no time zone; add one"),
        (record(occurredon=None, time="10 o'clock"), "`time` is not a time that exists"),
        (record(recordedtime="9999-12-31T23:59:59-05:00"), "`recordedtime` is in the year 9999"),
        (record(data={}), "`reason` is missing; add it in `data`, where case.closed needs it"),
        (record(kind="visit.made", data=None), "`data` is missing; add it, which visit.made needs"),
        (visit(seen="yes"), "`seen` is text in quotes; it must be true or false, without quotes"),
        (visit(seen=None), "`seen` is null; send its value, or leave the field out"),
        (visit(mood="sad"), "`mood` is not a field of visit.made; leave it out (it may carry: visit_id,"),
        (visit(regime="weekly"), "`regime` is not one of its codes; use one of: assessment, enquiry, cin"),
        (visit(joint_with=["police", "the school"]), "`joint_with`, item 2 is not a code"),
        (visit(by="somebody who knows the family well and was there for long"), "`by`"),
        (record(retracts="e0"), "`retracts` belongs on event.retracted"),
        (record(replaces="e1"), "cannot replace or retract itself"),
    ],
)
def test_the_reason_names_the_field_the_fault_and_the_remedy(raw: bytes, says: str) -> None:
    assert says in refused(raw).reason


def test_the_reason_repeats_no_value() -> None:
    for raw in (
        record(subject="Ann Smith"),
        visit(by="Ann Smith"),
        record(kind="Ann Smith"),
        visit(regime="Ann Smith"),
    ):
        assert "Ann" not in refused(raw).reason
    odd = refused(record(**{"Ann Smith saw": 1}))
    assert "Ann" not in odd.reason
