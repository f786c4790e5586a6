"""What the returns share: days, yes and no, identities, details that cannot be read, coverage, revisions."""

from __future__ import annotations

import json
from datetime import date

import pytest

from schemas.events.event import CaseEvent, decode, from_dict
from services.ingest.readers.returns import Fact, Span, Statement, day, events_of, identity, said, spelt, yes_no
from services.ingest.readers.revisions import in_effect, revision


@pytest.mark.parametrize("text", ["2024-03-31", "31/03/2024", "2024-03-31T00:00:00", "2024-03-31Z", "2024-03-31+01:00"])
def test_a_day_is_read_in_every_spelling_the_returns_use(text: str) -> None:
    assert day(text) == date(2024, 3, 31)
    assert spelt(text) == "2024-03-31"


@pytest.mark.parametrize(
    "text", ["", "31-03-2024", "2024-02-30", "30/02/2024", "03/31/2024", "1066-04-13", "2024-03-31T09:30:00", "soon"]
)
def test_what_names_no_day_stays_as_it_stands_to_be_refused(text: str) -> None:
    assert day(text) is None
    assert spelt(text) == text


def test_day_and_month_are_never_exchanged_to_make_a_day() -> None:
    assert day("04/03/2024") == date(2024, 3, 4)
    assert day("3/4/2024") == date(2024, 4, 3)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("1", True),
        ("true", True),
        ("TRUE", True),
        ("0", False),
        ("false", False),
        ("FALSE", False),
        ("", None),
        ("yes", "yes"),
    ],
)
def test_yes_and_no_as_the_returns_spell_them(text: str, means: object) -> None:
    assert yes_no(text) == means


def test_absent_is_left_out_and_no_is_not() -> None:
    assert said(a=None, b="", c=[], d=False, e=0) == {"d": False, "e": 0}


def test_an_identity_depends_on_child_kind_and_key_and_on_where_one_ends() -> None:
    ids = {
        identity("C1", "visit.made", "2024-03-31"),
        identity("C2", "visit.made", "2024-03-31"),
        identity("C1", "visit.failed", "2024-03-31"),
        identity("C1", "visit.made", "2024-03-31", 1),
        identity("C1", "visit.made", "2024-03-3", "11"),
    }
    assert len(ids) == 5


def fact(on: str = "2024-03-31", **data: object) -> Fact:
    return Fact("C1", "child.registered", on, (), data, 7)


def test_a_fact_becomes_one_event() -> None:
    (raw,) = events_of(fact(on="31/03/2024", sex="male"), "ssda903")
    event = decode(raw)
    assert (event.kind, event.subject, event.source) == ("child.registered", "C1", "ssda903")
    assert event.occurredon == date(2024, 3, 31)
    assert event.recordedtime is None


def test_a_detail_that_cannot_be_read_does_not_take_the_fact_along() -> None:
    taken, refused = events_of(fact(born_on="2010-05-05", expected_on="1066-04-13"), "ssda903")
    assert decode(taken).data.born_on == date(2010, 5, 5)
    assert decode(taken).data.expected_on is None
    with pytest.raises(ValueError, match="1066"):
        decode(refused)


def test_a_fact_on_no_day_goes_out_as_it_stands() -> None:
    (refused,) = events_of(fact(on="31-03-2024"), "ssda903")
    assert json.loads(refused)["occurredon"] == "31-03-2024"
    with pytest.raises(ValueError, match="occurredon"):
        decode(refused)


def test_coverage_is_the_span_of_what_happens_unless_it_is_said() -> None:
    span = Span()
    for text in ("05/02/2020", "2019-01-31", "never", ""):
        span.take(text)
    event = decode(Statement("s", ["visit.made"], None, span).event() or b"")
    assert (event.data.from_on, event.data.to_on) == (date(2019, 1, 31), date(2020, 2, 5))
    covers = (date(2018, 4, 1), date(2021, 3, 31))
    event = decode(Statement("s", ["visit.made"], covers, span).event() or b"")
    assert (event.data.from_on, event.data.to_on, event.data.complete_to) == (*covers, covers[1])
    assert event.occurredon == covers[0]


def test_a_file_in_which_nothing_is_dated_states_nothing() -> None:
    assert Statement("s", ["visit.made"], None).event() is None


# -- revisions ---------------------------------------------------------------------------------------------------------


def ended(reason: str, on: str = "2024-03-31") -> CaseEvent:
    """A plan's end as a return states it: always under the id of the fact."""
    return from_dict(
        {
            "specversion": "1.0",
            "id": "fact",
            "source": "cin-census/201",
            "type": "cp_plan.ended",
            "subject": "C1",
            "occurredon": on,
            "data": {"plan_id": "p1", "reason": reason},
        }
    )


def imported(*versions: CaseEvent) -> list[CaseEvent]:
    """The log after these came one after another."""
    log: list[CaseEvent] = []
    for version in versions:
        event = revision(version, in_effect(log).get(version.id))
        if event.id not in {logged.id for logged in log}:
            log.append(event)
    return log


def test_what_is_new_is_taken_as_it_stands_and_what_is_said_again_is_known() -> None:
    assert imported(ended("a")) == [ended("a")]
    assert imported(ended("a"), ended("a")) == [ended("a")]


def test_what_changed_replaces_the_version_in_effect() -> None:
    first, second = imported(ended("a"), ended("a", on="2024-04-30"))
    assert second.replaces == first.id
    assert second.id != first.id
    assert second.occurredon == date(2024, 4, 30)


def test_an_old_file_imported_again_ends_at_what_it_says() -> None:
    log = imported(ended("a"), ended("b"), ended("a"), ended("b"), ended("b"), ended("a"))
    assert [event.data.reason for event in log] == ["a", "b", "a", "b", "a"]
    assert [event.replaces for event in log[1:]] == [event.id for event in log[:-1]]
    assert len({event.id for event in log}) == 5
    assert in_effect(log)["fact"].data.reason == "a"


def test_the_same_files_in_the_same_order_give_the_same_ids() -> None:
    versions = [ended("a"), ended("b"), ended("a")]
    assert imported(*versions) == imported(*versions)


def test_a_withdrawn_version_is_not_brought_back_by_repeating_it_but_by_changing_it() -> None:
    log = imported(ended("a"))
    log.append(
        from_dict(
            {
                "specversion": "1.0",
                "id": "r",
                "source": "cin-census/201",
                "type": "event.retracted",
                "subject": "C1",
                "occurredon": "2024-05-01",
                "retracts": "fact",
            }
        )
    )
    assert revision(ended("a"), in_effect(log)["fact"]).id == "fact"
    assert revision(ended("b"), in_effect(log)["fact"]).replaces == "fact"


def test_of_rival_replacements_the_later_recorded_then_the_greater_id_is_in_effect() -> None:
    def rival(id: str, recorded: str | None = None) -> CaseEvent:
        return from_dict(
            {
                "specversion": "1.0",
                "id": id,
                "source": "cin-census/201",
                "type": "cp_plan.ended",
                "subject": "C1",
                "occurredon": "2024-03-31",
                "replaces": "fact",
                "data": {"plan_id": "p1", "reason": id},
                **({"recordedtime": recorded} if recorded else {}),
            }
        )

    assert in_effect([ended("a"), rival("x"), rival("y")])["fact"].id == "y"
    assert in_effect([ended("a"), rival("x", "2024-06-01T09:00:00Z"), rival("y")])["fact"].id == "x"
