"""The scenario language refuses what it does not understand: one that means nothing would pass for ever."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.scenarios.events import Unclear, event_of
from tests.scenarios.language import read


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "some-standard.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_line_is_an_event_with_fixed_defaults() -> None:
    given = event_of("2024-01-02 conference.held {complete: false, enquiry_ids: [E1, E2]}, recorded 2024-01-10", 3)
    event = given.event
    assert (event.kind, event.id, event.source, event.subject) == ("conference.held", "e3", "scenario", "C1")
    assert event.day == date(2024, 1, 2)
    assert event.time is None
    assert (event.data.conference, event.data.outcome, event.data.complete) == ("initial", "plan_made", False)
    assert event.data.enquiry_ids == ["E1", "E2"]
    assert event.data.meeting_id == "meeting-e3"
    assert event.data.next_on is None
    assert given.known_at == event.recordedtime == datetime(2024, 1, 10, 23, 59, 59, 999999, UTC)


def test_a_time_of_day_is_london_time_unless_it_says_otherwise() -> None:
    summer = event_of("2024-07-01T00:30 missing.ended", 1)
    assert summer.event.time == datetime(2024, 6, 30, 23, 30, tzinfo=UTC)
    assert summer.known_at == summer.event.time
    assert event_of("2024-07-01T00:30Z missing.ended", 1).event.time == datetime(2024, 7, 1, 0, 30, tzinfo=UTC)


def test_clauses_name_the_event_and_what_it_corrects() -> None:
    event = event_of("2024-02-01 event.retracted retracts e2, as e9, from carefirst, child C2", 5).event
    assert (event.retracts, event.id, event.source, event.subject) == ("e2", "e9", "carefirst", "C2")
    assert event_of("2024-02-01 enquiry.started, replaces e1", 5).event.replaces == "e1"


def test_a_return_is_known_without_saying_when_it_was_typed() -> None:
    given = event_of("2024-02-01 enquiry.started, known 2024-07-31T09:00", 1)
    assert given.event.recordedtime is None
    assert given.known_at == datetime(2024, 7, 31, 8, 0, tzinfo=UTC)


def test_on_is_a_word_and_not_true() -> None:
    assert event_of("2024-02-01 visit.booked {regime: cp, on: 2024-02-09}", 1).event.data.on == date(2024, 2, 9)


def test_a_feeds_statement_is_about_the_feed() -> None:
    line = "2024-01-01 feed.covered {kinds: [visit.made], from_on: 2024-01-01, to_on: 2024-03-31,"
    event = event_of(line + " complete_to: 2024-03-31}, from census", 1).event
    assert event.subject == event.source == "census"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("2024-01-02 visit.maid", "no kind of event"),
        ("2024-01-02 visit.made {regim: cp}", "no field regim"),
        ("2024-01-02 visit.made {seen: yes}", "neither true nor false"),
        ("2024-01-02 visit.made {method: telepathy}", "telepathy"),
        ("2024-01-02 conference.held {enquiry_ids: E1}", "is a list"),
        ("2024-01-02 visit.made, typed 2024-01-03", "'typed 2024-01-03'"),
        ("2024-01-02 visit.made, as e1, as e2", "given twice"),
        ("2024-01-02 visit.made {seen: true, seen: false}", "given twice"),
        ("2024-01-02 child.merged", "child.merged needs into"),
        ("02/01/2024 visit.made", "not a day"),
        ("2024-01-02", "is not `DAY kind.of_event"),
        ("2024-03-31T01:30 visit.made", "twice or never"),
        ("2024-10-27T01:30 visit.made", "twice or never"),
        ("2024-01-02 event.retracted", "retracts"),
    ],
)
def test_a_line_that_says_nothing_clear_is_refused(line: str, says: str) -> None:
    with pytest.raises(Unclear) as refused:
        event_of(line, 1)
    assert says in str(refused.value)


def test_a_file_is_read_into_scenarios(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
- name: one
  standard: icpc-15wd
  born: 2015-05-01
  given: |
    2024-01-02 enquiry.started {enquiry_id: E1}
    2024-01-10 conference.held {enquiry_ids: [E1]}, recorded 2024-02-01
  as_of: 2024-04-01
  known_at: 2024-01-31
  then: {due: 2024-01-23, stopped: none, took: 6}
- name: two
  standard: icpc-15wd
  given:
    - 2024-01-02 enquiry.started
  then_as_of: {2024-01-22: open, 2024-01-24T09:00: overdue}
- name: three
  standard: icpc-15wd
  then: nothing
""",
    )
    one, two, three = read(path)
    assert [g.event.id for g in one.given] == ["born", "e1", "e2"]
    assert [g.event.id for g in one.known_by_then()] == ["born", "e1"]
    assert one.then == ({"due": date(2024, 1, 23), "stopped": None, "took": 6.0},)
    assert [(label, status) for label, _, status in two.then_as_of] == [
        ("2024-01-22", "open"),
        ("2024-01-24T09:00", "overdue"),
    ]
    assert two.then is None
    assert three.then == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {name: a, standard: x, then: nothing, thn: 1}", "unknown key thn"),
        ("- {name: a, standard: x, then: {dew: 2024-01-01}}", "a clock has no dew"),
        ("- {name: a, standard: x, then: {due: tomorrow}}", "'tomorrow' is not a day"),
        ("- {name: a, standard: x, then: {status: met}}", "needs an as_of"),
        ("- {name: a, standard: x, as_of: 2024-01-01, then: {status: mett}}", "no status"),
        ("- {name: a, standard: x}", "needs a standard and a then"),
        ("- {name: a, then: nothing}", "needs a standard and a then"),
        ("- {name: a, standard: x, then: often}", "or `nothing`"),
        ("- {name: a, standard: x, then: [{}]}", "or `nothing`"),
        ("- {name: a, standard: x, then: nothing, given: {a: b}}", "given is a list of lines"),
        ("- {name: a, name: b}", "'name' is given twice"),
        ("- {standard: x, then: nothing}", "scenario 1"),
        ("- {name: a, standard: x, then: nothing}\n- {name: a, standard: x, then: nothing}", "two scenarios"),
        ("- {name: a, standard: x, then: nothing, given: ['2024-01-01 visit.maid']}", "a: 'visit.maid'"),
        ("nothing", "a list of scenarios"),
        ("- {name: a", "some-standard.yaml"),
    ],
)
def test_a_file_that_says_nothing_clear_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Unclear) as refused:
        read(written(tmp_path, text))
    assert says in str(refused.value)
    assert "some-standard.yaml" in str(refused.value)
