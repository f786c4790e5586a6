"""The clock table, kept up and rebuilt: events go in by the intake, and what the fold makes of them comes out."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from schemas.store.engine import reader, table_of
from schemas.store.tables import ClockRow, FaultRow, Generation, ScopeRow
from schemas.time.calendar import Calendar, england
from services.ingest.intake.intake import take_in
from services.timeliness.figures.questions import Question, clocks_of
from services.timeliness.standards.register import Register, load
from services.timeliness.table.catch_up import catch_up, rebuild
from tests.helpers.records import NOW, given, merge, record, retraction

CALENDAR, REGISTER = england(), load()
CLOCK = table_of(ClockRow)


def enquiry(id: str, child: str = "C1", **more: Any) -> bytes:
    return record(id, child, "enquiry.started", data={"enquiry_id": "E1"}, **more)


def conference(id: str, child: str = "C1", **more: Any) -> bytes:
    data = {"conference": "initial", "outcome": "no_plan", "meeting_id": id, "complete": True}
    return record(id, child, "conference.held", data=data, **more)


def covered(id: str, *kinds: str, **more: Any) -> bytes:
    data = {"kinds": list(kinds), "from_on": "2024-01-01", "to_on": "2024-12-31", "complete_to": "2024-12-31"}
    return record(id, "carefirst", "feed.covered", data=data, **more)


def take(engine: Engine, *records: bytes, now: datetime = NOW) -> None:
    taken = take_in(engine, given(*records), history=False, now=now)
    assert taken.accepted == len(records)


def fold(engine: Engine, register: Register = REGISTER, calendar: Calendar = CALENDAR) -> Any:
    return catch_up(engine, register, calendar)


def rows(engine: Engine, standard: str = "icpc-15wd") -> list[Any]:
    live = select(table_of(Generation).c.live).scalar_subquery()
    query = select(CLOCK).where(CLOCK.c.generation == live, CLOCK.c.standard == standard)
    with reader(engine) as connection:
        return list(connection.execute(query.order_by(CLOCK.c.child, CLOCK.c.started_on)))


def count(engine: Engine, model: Any) -> int:
    with reader(engine) as connection:
        return len(connection.execute(select(table_of(model))).all())


def test_an_empty_log_has_no_clocks_and_can_be_rebuilt(engine: Engine) -> None:
    assert rows(engine) == []
    assert fold(engine).folded == 0
    assert rebuild(engine, REGISTER, CALENDAR).equal


def test_each_child_is_folded_once_and_only_where_something_came(engine: Engine) -> None:
    take(engine, enquiry("a1", "A"), enquiry("b1", "B"), enquiry("c1", "C"))
    assert fold(engine).folded == 3
    assert fold(engine).folded == 0
    take(engine, conference("b2", "B"))
    again = fold(engine)
    assert again.folded == 1
    assert {row.child for row in rows(engine) if row.id in again.changed} == {"B"}
    assert [(row.child, row.ended) for row in rows(engine)] == [("A", None), ("B", "stopped"), ("C", None)]


def test_a_clock_keeps_its_id_through_a_correction_of_its_start(engine: Engine) -> None:
    take(engine, enquiry("e1", occurredon="2024-03-05"))
    fold(engine)
    (before,) = rows(engine)
    take(engine, enquiry("e2", occurredon="2024-03-07", replaces="e1"))
    fold(engine)
    (after,) = rows(engine)
    assert (after.id, after.cause, after.started_on) == (before.id, "e2", date(2024, 3, 7))


def test_a_withdrawn_start_takes_its_clock_away_and_a_withdrawn_withdrawal_brings_it_back(engine: Engine) -> None:
    take(engine, enquiry("e1"))
    fold(engine)
    before = rows(engine)
    take(engine, retraction("r1", of="e1"))
    fold(engine)
    assert rows(engine) == []
    take(engine, retraction("r2", of="r1"))
    fold(engine)
    assert rows(engine) == before


def test_a_correction_that_arrives_before_what_it_corrects_ends_in_the_same(engine: Engine) -> None:
    take(engine, enquiry("e2", occurredon="2024-03-07", replaces="e1"))
    fold(engine)
    assert [row.started_on for row in rows(engine)] == [date(2024, 3, 7)]
    take(engine, enquiry("e1", occurredon="2024-03-05"))
    fold(engine)
    assert [row.started_on for row in rows(engine)] == [date(2024, 3, 7)]
    assert rebuild(engine, REGISTER, CALENDAR).equal


def test_a_correction_of_what_turns_out_to_be_anothers_stands_alone(engine: Engine) -> None:
    """Both are taken in, because nobody could know; each child has its own clock, and folding goes on."""
    take(engine, enquiry("e2", "A", replaces="e1"))
    take(engine, enquiry("e1", "B"))
    assert fold(engine).folded == 2
    assert [row.child for row in rows(engine)] == ["A", "B"]
    assert rebuild(engine, REGISTER, CALENDAR).equal


# -- merges ------------------------------------------------------------------------------------------------------------


def test_merged_ids_are_one_child_under_the_survivor_and_unmerged_they_are_two(engine: Engine) -> None:
    take(engine, enquiry("a1", "A"), conference("b1", "B", occurredon="2024-03-06"))
    fold(engine)
    assert [(row.child, row.ended) for row in rows(engine)] == [("A", None)]
    take(engine, merge("m1", "B", into="A"))
    fold(engine)
    assert [(row.child, row.ended, row.stop_cause) for row in rows(engine)] == [("A", "stopped", "b1")]
    take(engine, retraction("m2", of="m1", child="B"))
    fold(engine)
    assert [(row.child, row.ended) for row in rows(engine)] == [("A", None)]
    assert rebuild(engine, REGISTER, CALENDAR).equal


def test_what_comes_for_the_id_that_ceased_is_the_survivors(engine: Engine) -> None:
    take(engine, merge("m1", "B", into="A"), merge("m2", "C", into="B"))
    fold(engine)
    take(engine, enquiry("c1", "C"))
    fold(engine)
    (clock,) = rows(engine)
    assert clock.child == "A"
    take(engine, conference("b1", "B", occurredon="2024-03-06"))
    fold(engine)
    assert [(row.id, row.child, row.ended) for row in rows(engine)] == [(clock.id, "A", "stopped")]
    asked = [clocks_of(engine, REGISTER, CALENDAR, [child], Question(NOW)) for child in "ABC"]
    assert asked[0] == asked[1] == asked[2]


def test_an_adoption_order_keeps_the_records_before_and_after_it_apart(engine: Engine) -> None:
    take(engine, enquiry("a1", "A"), merge("m1", "B", into="A"), conference("b1", "B", occurredon="2024-03-06"))
    fold(engine)
    assert [row.ended for row in rows(engine)] == ["stopped"]
    take(engine, record("o1", "A", "order.made", data={"order_id": "O1", "order": "adoption"}))
    fold(engine)
    assert [(row.child, row.ended) for row in rows(engine)] == [("A", None)]
    assert rebuild(engine, REGISTER, CALENDAR).equal


# -- coverage ----------------------------------------------------------------------------------------------------------


def test_a_statement_of_coverage_touches_every_child_of_its_source_and_so_does_taking_it_back(engine: Engine) -> None:
    take(engine, enquiry("a1", "A"), enquiry("b1", "B"), enquiry("c1", "C", source="other"))
    fold(engine)
    take(engine, covered("f1", "visit.made"))
    fold(engine)
    unmeasured = {row.child: row.unmeasured for row in rows(engine)}
    assert unmeasured == {"A": "the feed does not carry conference.held", "B": unmeasured["A"], "C": None}
    take(engine, retraction("f2", of="f1", child="carefirst"))
    fold(engine)
    assert [row.unmeasured for row in rows(engine)] == [None, None, None]
    assert rebuild(engine, REGISTER, CALENDAR).equal


# -- rules, generations ------------------------------------------------------------------------------------------------


def test_other_rules_or_another_calendar_fold_everything_anew(engine: Engine) -> None:
    take(engine, enquiry("a1", "A"), enquiry("b1", "B"))
    fold(engine)
    other_rules = Register(REGISTER.name, REGISTER.standards, "england-changed")
    assert (fold(engine, other_rules).folded, fold(engine, other_rules).folded) == (2, 0)
    holiday = date(2024, 3, 19)
    later = Calendar(CALENDAR.first, CALENDAR.last, {**CALENDAR.bank_holidays, holiday: "One-off"}, "with a holiday")
    assert fold(engine, other_rules, later).folded == 2
    assert [row.due_on for row in rows(engine)] == [date(2024, 3, 27)] * 2  # it was 26 March


def test_a_rebuild_swaps_the_generation_and_leaves_one(engine: Engine) -> None:
    take(
        engine,
        enquiry("a1", "A"),
        record(
            "w1",
            "A",
            "worker.allocated",
            data={"allocation_id": "W1", "worker": "S1", "role": "manager", "registered": True},
        ),
    )
    fold(engine)
    numbers = [count(engine, model) for model in (ClockRow, ScopeRow, FaultRow)]
    with reader(engine) as connection:
        first = connection.execute(select(table_of(Generation).c.live)).scalar_one()
    done = rebuild(engine, REGISTER, CALENDAR)
    assert done.equal
    assert done.digest == done.live_digest
    with reader(engine) as connection:
        assert connection.execute(select(table_of(Generation).c.live)).scalar_one() == first + 1
    assert [count(engine, model) for model in (ClockRow, ScopeRow, FaultRow)] == numbers


def test_a_clock_table_that_was_tampered_with_is_found_out_and_mended(engine: Engine) -> None:
    take(engine, enquiry("a1", "A"))
    fold(engine)
    with engine.begin() as connection:
        connection.execute(CLOCK.update().values(due_on=date(2024, 12, 31)))
    assert not rebuild(engine, REGISTER, CALENDAR).equal
    assert [row.due_on for row in rows(engine)] == [date(2024, 3, 26)]
    assert rebuild(engine, REGISTER, CALENDAR).equal


def test_the_digest_is_of_what_happened_and_not_of_when_it_was_known(engine: Engine) -> None:
    def stored(done_at: datetime) -> str:
        take(engine, conference("a2", "A", occurredon="2024-03-06"), now=done_at)
        fold(engine)
        return rebuild(engine, REGISTER, CALENDAR).digest

    take(engine, enquiry("a1", "A"))
    on_time = stored(NOW)
    (late,) = rows(engine)
    assert (late.ended, late.recorded_late) == ("stopped", True)
    take(
        engine, retraction("r1", of="a2", child="A"), retraction("r2", of="r1", child="A"), now=NOW + timedelta(days=9)
    )
    fold(engine)
    assert rebuild(engine, REGISTER, CALENDAR).digest == on_time


# -- what a row says ---------------------------------------------------------------------------------------------------


def test_a_running_clock_has_its_ladder_and_one_that_ended_early_has_none(engine: Engine) -> None:
    take(engine, enquiry("a1", "A"), enquiry("b1", "B"), conference("b2", "B", occurredon="2024-03-06"))
    fold(engine)
    running, done = rows(engine)
    assert running.rungs == (
        '[["due_soon_5wd","2024-03-19T00:00:00.000000Z"],["due_soon_2wd","2024-03-22T00:00:00.000000Z"],'
        '["missed","2024-03-27T00:00:00.000000Z"],["still_missed_5wd","2024-04-03T23:00:00.000000Z"]]'
    )
    assert running.first_rung_at == datetime(2024, 3, 19, tzinfo=UTC)
    assert (done.rungs, done.first_rung_at) == (None, None)


def test_a_clock_counts_for_the_team_of_its_due_day_and_is_told_to_the_team_of_now(engine: Engine) -> None:
    def team(id: str, name: str, day: str) -> bytes:
        return record(id, kind="case.team_set", data={"team": name, "reason": "moved"}, occurredon=day)

    take(engine, enquiry("e1"), team("t1", "north", "2024-03-01"), team("t2", "south", "2024-03-26"))
    take(engine, team("t3", "east", "2024-03-27"))
    fold(engine)
    (clock,) = rows(engine)
    assert (clock.due_on, clock.team, clock.team_now) == (date(2024, 3, 26), "south", "east")


def test_a_due_day_past_the_calendars_end_is_none_with_one_alarm(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    take(engine, enquiry("a1", "A", occurredon="2028-12-20"), enquiry("b1", "B", occurredon="2028-12-20"))
    with caplog.at_level(logging.WARNING, "services.timeliness.table.catch_up"):
        fold(engine)
    assert [row.due_on for row in rows(engine)] == [None, None]
    (alarm,) = [r.getMessage() for r in caplog.records if r.name == "services.timeliness.table.catch_up"]
    assert "2 clocks have no due day or no warning: the calendar ends on 2028-12-31" in alarm
    assert not any(child in alarm.split() for child in ("A", "B"))
