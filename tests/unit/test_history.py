"""A history: which events count, in which order, and what they say of the life."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from schemas.time.days import parse_moment
from services.timeliness.history.coverage import Coverage
from services.timeliness.history.facts import Fact, fact_of
from services.timeliness.history.history import History, history, in_effect
from tests.helpers.records import event

NOW = datetime(2024, 6, 3, 9, tzinfo=UTC)


def fact(id: str = "e1", kind: str = "case.closed", **more: Any) -> Fact:
    return fact_of(event(id, kind=kind, **more), NOW)


def of(*facts: Fact, as_of: str | None = None, coverage: dict[str, Coverage] | None = None) -> History:
    return history("C1", list(facts), coverage or {}, parse_moment(as_of) if as_of else None)


def ids(told: History) -> list[str]:
    return [fact.id for fact in told.facts]


def correction(id: str, of: str, **more: Any) -> Fact:
    return fact(id, replaces=of, **more)


def retraction(id: str, of: str, **more: Any) -> Fact:
    return fact(id, kind="event.retracted", retracts=of, **more)


# -- the order ---------------------------------------------------------------------------------------------------------


def test_by_day_then_instant_and_a_day_alone_is_its_end_but_for_a_beginning() -> None:
    told = of(
        fact("day", occurredon="2024-03-05"),
        fact("evening", occurredon=None, time="2024-03-05T23:59:59Z"),
        fact("morning", occurredon=None, time="2024-03-05T09:00:00Z"),
        fact("before", occurredon="2024-03-04"),
        fact("after", occurredon=None, time="2024-03-06T00:00:00Z"),
        fact("start", "enquiry.started", occurredon="2024-03-05", data={"enquiry_id": "E1"}),
        fact("zz", "referral.received", occurredon="2024-03-05", data={"referral_id": "R1", "source": "police"}),
    )
    assert ids(told) == ["before", "zz", "start", "morning", "evening", "day", "after"]


def test_the_day_is_londons() -> None:
    told = of(fact("night", occurredon=None, time="2024-06-30T23:30:00Z"), fact("day", occurredon="2024-06-30"))
    assert [(fact.id, fact.day) for fact in told.facts] == [("day", date(2024, 6, 30)), ("night", date(2024, 7, 1))]


def test_at_one_instant_starts_come_before_what_is_done_and_that_before_ends() -> None:
    kinds = {"a": "case.closed", "b": "cp_plan.met", "c": "case.reopened"}
    assert ids(
        of(
            fact("a"),
            fact("b", "assessment.completed", data={"assessment_id": "A1"}),
            fact("c", "case.reopened", data={"reason": "x"}),
        )
    ) == ["c", "b", "a"], kinds


def test_then_by_when_it_was_recorded_and_by_content_and_never_by_id_or_source() -> None:
    unsaid, early = fact("z"), fact("c", recordedtime="2024-03-06T09:00:00Z")
    late = fact("a", recordedtime="2024-03-07T09:00:00Z", source="paris")
    assert ids(of(late, early, unsaid)) == ["z", "c", "a"]
    one, other = fact("z", data={"reason": "RC1"}), fact("a", data={"reason": "RC2"}, source="a")
    assert ids(of(other, one)) == ids(of(one, other)) == ["z", "a"]


def test_what_says_the_very_same_is_in_one_order_whatever_comes_first() -> None:
    one, two, other = fact("e1"), fact("e2"), fact("e0", source="paris")
    assert ids(of(two, other, one)) == ids(of(other, one, two)) == ["e1", "e2", "e0"]


# -- corrections -------------------------------------------------------------------------------------------------------


def test_what_is_replaced_does_not_count_and_its_correction_has_its_root() -> None:
    first, second = fact("e1", occurredon="2024-03-04"), correction("e2", of="e1", occurredon="2024-03-05")
    third = correction("e3", of="e2", occurredon="2024-03-06")
    (kept,) = of(third, first, second).facts
    assert (kept.id, kept.root, [version.id for version in kept.before]) == ("e3", "e1", ["e1", "e2"])


def test_of_rivals_the_later_recorded_wins_then_the_greater_content() -> None:
    def rival(id: str, recorded: str | None, day: str = "2024-03-05") -> Fact:
        return correction(id, of="e1", recordedtime=recorded, occurredon=day)

    early, late, unsaid = (rival("z", "2024-03-06T09:00:00Z"), rival("b", "2024-03-07T09:00:00Z"), rival("y", None))
    greater = rival("a", "2024-03-07T09:00:00Z", "2024-03-06")
    assert ids(of(fact("e1"), early, late, unsaid)) == ["b"]
    assert ids(of(fact("e1"), late, greater)) == ["a"]
    assert ids(of(fact("e1"), unsaid, rival("x", None, "2024-03-06"))) == ["x"]


def test_the_latest_statement_holds_whichever_branch_it_is_on() -> None:
    one, other = correction("a", of="e1"), correction("b", of="e1", recordedtime="2024-04-01T09:00:00Z")
    assert ids(of(fact("e1"), one, other, correction("a2", of="a", recordedtime="2024-05-01T09:00:00Z"))) == ["a2"]
    assert ids(of(fact("e1"), one, other, correction("a2", of="a"))) == ["b"]


def test_two_corrections_of_what_has_not_come_are_one_fact() -> None:
    assert ids(of(correction("a", of="e1"), correction("b", of="e1", recordedtime="2024-04-01T09:00:00Z"))) == ["b"]


def test_a_withdrawal_takes_the_whole_fact_whichever_version_it_names() -> None:
    first, one, other = fact("e1"), correction("a", of="e1"), correction("b", of="e1")
    for named in ("e1", "a", "b"):
        assert ids(of(first, one, other, retraction("r", of=named))) == []
    assert ids(of(one, retraction("r", of="e1"))) == []


def test_a_version_recorded_after_the_withdrawal_says_the_fact_again() -> None:
    withdrawal = retraction("r", of="e1", recordedtime="2024-04-02T09:00:00Z")
    for recorded, left in ((None, []), ("2024-04-02T09:00:00Z", []), ("2024-04-02T09:00:01Z", ["a"])):
        assert ids(of(fact("e1"), correction("a", of="e1", recordedtime=recorded), withdrawal)) == left


def test_a_withdrawal_is_no_earlier_than_what_it_names() -> None:
    named = correction("a", of="e1", recordedtime="2024-04-02T09:00:00Z")
    rival = correction("b", of="e1", recordedtime="2024-04-01T09:00:00Z")
    assert ids(of(fact("e1"), named, rival, retraction("r", of="a"))) == []


def test_a_version_of_the_withdrawal_or_a_withdrawal_of_it_says_the_fact_again() -> None:
    first, fixed, withdrawal = fact("e1"), correction("a", of="e1"), retraction("r", of="e1")
    (again,) = of(first, fixed, withdrawal, retraction("r2", of="r")).facts
    assert (again.id, again.root) == ("a", "e1")
    (said,) = of(first, fixed, withdrawal, correction("b", of="r")).facts
    assert (said.root, [version.id for version in said.before], said.names) == ("e1", ["e1"], ("a", "b", "e1", "r"))


def test_a_correction_whose_target_has_not_come_counts_and_is_its_own_root() -> None:
    (kept,) = of(correction("e2", of="e1")).facts
    assert (kept.id, kept.root, kept.before) == ("e2", "e2", ())


def test_a_correction_is_of_its_own_source_and_of_any_id_of_the_child() -> None:
    assert ids(of(fact("e1"), correction("e2", of="e1", source="paris"))) == ["e1", "e2"]
    assert ids(of(fact("e1"), retraction("e2", of="e1", source="paris"))) == ["e1"]
    assert ids(of(fact("e1"), correction("e2", of="e1", child="C2"))) == ["e2"], "a history is of merged ids too"
    several = [fact("e1"), correction("e2", of="e1", child="C2"), retraction("e3", of="e1", child="C2")]
    assert [kept.id for kept in in_effect(several, child_of=str)] == ["e1"], "of many children, each has its own"


def test_a_circle_of_corrections_ends() -> None:
    assert ids(of(correction("a", of="b"), correction("b", of="a"))) == []


def test_without_corrections_nothing_is_left_out() -> None:
    facts = [fact("e1"), fact("e2")]
    assert in_effect(facts) == facts


# -- as of -------------------------------------------------------------------------------------------------------------


def test_as_of_an_instant_what_occurred_later_is_left_out() -> None:
    facts = [
        fact("day", occurredon="2024-03-05"),
        fact("nine", occurredon=None, time="2024-03-05T09:00:00Z"),
        fact("ten", occurredon=None, time="2024-03-05T10:00:00Z"),
        fact("next", occurredon="2024-03-06"),
    ]
    assert ids(of(*facts, as_of="2024-03-05T09:00:00+00:00")) == ["nine", "day"]
    assert ids(of(*facts, as_of="2024-03-05")) == ["nine", "ten", "day"]
    assert ids(of(*facts, as_of="2024-03-04")) == []


def test_what_was_corrected_later_was_wrong_all_along() -> None:
    moved = [fact("e1", occurredon="2024-03-05"), correction("e2", of="e1", occurredon="2024-04-05")]
    assert ids(of(*moved, as_of="2024-03-31")) == []
    taken_back = [fact("e1", occurredon="2024-03-05"), retraction("r", of="e1", occurredon="2024-04-05")]
    assert ids(of(*taken_back, as_of="2024-03-31")) == []


# -- the life ----------------------------------------------------------------------------------------------------------


def registered(id: str, day: str = "2024-01-02", **data: Any) -> Fact:
    return fact(id, "child.registered", data=data, occurredon=day)


@pytest.mark.parametrize(
    ("facts", "born_on", "unborn"),
    [
        ([], None, False),
        ([registered("a")], None, False),
        ([registered("a", born_on="2010-05-01")], date(2010, 5, 1), False),
        (
            [registered("a", born_on="2010-05-01"), registered("b", "2024-02-01", born_on="2010-06-01")],
            date(2010, 6, 1),
            False,
        ),
        ([registered("a", born_on="2010-05-01"), registered("b", "2024-02-01")], date(2010, 5, 1), False),
        ([registered("a", expected_on="2024-03-01")], None, True),
        ([registered("a", expected_on="2024-03-01"), fact("b", "child.born")], date(2024, 3, 5), False),
        (
            [registered("a", expected_on="2024-03-01"), registered("b", "2024-03-09", born_on="2024-03-05")],
            date(2024, 3, 5),
            False,
        ),
    ],
)
def test_the_birth_is_as_last_told(facts: list[Fact], born_on: date | None, unborn: bool) -> None:
    told = of(*facts)
    assert (told.born_on, told.unborn) == (born_on, unborn)


@pytest.mark.parametrize(
    ("born", "eve"),
    [("2006-05-01", date(2024, 4, 30)), ("2006-01-01", date(2023, 12, 31)), ("2008-02-29", date(2026, 2, 28))],
)
def test_duties_end_on_the_eve_of_the_18th_birthday(born: str, eve: date) -> None:
    assert of(registered("a", born_on=born)).adult_eve == eve


def team(id: str, name: str, day: str) -> Fact:
    return fact(id, "case.team_set", data={"team": name, "reason": "x"}, occurredon=day)


def test_the_team_of_a_day_is_the_last_set_by_its_end() -> None:
    told = of(team("a", "north", "2024-03-01"), team("b", "east", "2024-03-05"), team("a2", "south", "2024-03-05"))
    days = [date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 4), date(2024, 3, 5), date(2030, 1, 1), None]
    assert [told.team_on(day) for day in days] == ["unassigned", "north", "north", "south", "south", "south"]
    assert of(fact("e1")).team_on(date(2024, 3, 5)) == "unassigned"


# -- coverage ----------------------------------------------------------------------------------------------------------


def stated(first: str, last: str, *kinds: str, complete_to: str | None = None) -> Any:
    data = {"kinds": list(kinds), "from_on": first, "to_on": last, "complete_to": complete_to or last}
    return event("f", "carefirst", "feed.covered", data=data)


def carries(*statements: Any) -> Coverage:
    return Coverage.stated(statements)


def test_a_source_that_states_nothing_carries_everything_from_its_first_fact_of_the_child() -> None:
    said = {"carefirst": carries(stated("2024-01-01", "2024-12-31", "case.closed"))}
    assert of(fact("a")).coverage is None
    assert of(fact("a"), coverage=said).coverage == said["carefirst"]
    both = of(fact("a"), fact("b", source="paris"), coverage=said).coverage
    assert both is not None
    assert (both.spans, both.all_from) == (said["carefirst"].spans, date(2024, 3, 5))
    assert of(fact("a"), coverage={"paris": said["carefirst"]}).coverage is None
    assert of(coverage=said).coverage is None


def test_two_feeds_carry_together_what_each_does() -> None:
    said = {
        "carefirst": carries(stated("2024-01-01", "2024-06-30", "case.closed", "visit.made")),
        "paris": carries(stated("2024-07-01", "2024-12-31", "case.closed")),
    }
    together = of(fact("a"), fact("b", source="paris"), coverage=said).coverage
    assert together is not None
    assert together.why_not(["case.closed"], date(2024, 6, 1), date(2024, 7, 31)) is None
    assert together.why_not(["visit.made"], date(2024, 6, 1), date(2024, 7, 31)) is not None


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("2024-01-01", "2024-03-31", None),
        ("2023-12-31", "2024-03-31", "the feed carries visit.made only 2024-01-01 to 2024-03-31"),
        ("2024-01-01", "2024-04-01", "the feed carries visit.made only 2024-01-01 to 2024-03-31"),
    ],
)
def test_a_clock_is_judged_only_where_its_stops_are_carried_from_start_to_due(
    first: str, last: str, why: str | None
) -> None:
    quarter = carries(stated("2024-01-01", "2024-03-31", "visit.made"))
    assert quarter.why_not(["visit.made"], date.fromisoformat(first), date.fromisoformat(last)) == why


def test_every_kind_that_could_stop_it_has_to_be_carried_and_a_due_day_has_to_be_known() -> None:
    quarter = carries(stated("2024-01-01", "2024-03-31", "visit.made"))
    day = date(2024, 2, 1)
    assert quarter.why_not(["visit.made", "review.held"], day, day) == "the feed does not carry review.held"
    assert quarter.why_not(["visit.made"], day, None) is not None


def test_it_can_be_relied_on_only_so_far_as_it_is_complete() -> None:
    early = carries(stated("2024-01-01", "2024-03-31", "visit.made", complete_to="2024-02-15"))
    assert early.why_not(["visit.made"], date(2024, 1, 1), date(2024, 2, 15)) is None
    assert early.why_not(["visit.made"], date(2024, 1, 1), date(2024, 2, 16)) is not None
    never = carries(stated("2024-01-01", "2024-03-31", "visit.made", complete_to="2023-12-31"))
    assert never.why_not(["visit.made"], date(2024, 1, 1), date(2024, 1, 1)) is not None


def test_spans_that_touch_are_one_and_spans_apart_are_not() -> None:
    touching = carries(
        stated("2024-02-01", "2024-02-29", "visit.made"), stated("2024-01-01", "2024-01-31", "visit.made")
    )
    assert touching.spans == {"visit.made": ((date(2024, 1, 1), date(2024, 2, 29)),)}
    apart = carries(stated("2024-02-02", "2024-02-29", "visit.made"), stated("2024-01-01", "2024-01-31", "visit.made"))
    assert apart.why_not(["visit.made"], date(2024, 1, 15), date(2024, 2, 15)) is not None
    inside = carries(stated("2024-01-01", "2024-12-31", "visit.made"), stated("2024-02-01", "2024-02-29", "visit.made"))
    assert inside.spans == {"visit.made": ((date(2024, 1, 1), date(2024, 12, 31)),)}
