"""The explanation of a due day, in words. (Its count, day by day, is held to the due day in every scenario.)"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.time.calendar import england
from schemas.time.days import parse_moment
from services.timeliness.explain.explain import Story, explain
from services.timeliness.history.coverage import Coverage
from services.timeliness.history.facts import fact_of
from services.timeliness.history.history import history
from services.timeliness.standards.register import load
from tests.scenarios.events import Given, event_of

END = "2028-12-01"


def told(
    standard: str, given: Sequence[Given], as_of: str = END, child: str = "C1", others: tuple[str, ...] = ()
) -> Story:
    covered = [g.event for g in given if g.event.kind == "feed.covered"]
    coverage = {e.source: Coverage.stated([o for o in covered if o.source == e.source]) for e in covered}
    facts = [fact_of(g.event, g.known_at) for g in given if g.event.about == "child"]
    made = history(child, facts, coverage)
    return explain(load().standards[standard], made, england(), parse_moment(as_of), [child, *others])


def story(standard: str, *lines: str, as_of: str = END, others: tuple[str, ...] = ()) -> Story:
    return told(standard, [event_of(line, n) for n, line in enumerate(lines, 1)], as_of, others=others)


def text(made: Story) -> str:
    clocks = [" ".join([*c.start, c.limit, *c.sum, *c.end]) for c in made.clocks]
    return " ".join([*made.rule, *made.about, *clocks, made.why_none or ""])


def test_each_day_is_counted_or_skipped_with_its_reason() -> None:
    made = story("referral-decision-1wd", "2024-03-28 referral.received")  # the Thursday before Easter
    assert [(str(d.day), d.number, d.why) for d in made.clocks[0].days] == [
        ("2024-03-29", None, "Good Friday"),
        ("2024-03-30", None, "Saturday"),
        ("2024-03-31", None, "Sunday"),
        ("2024-04-01", None, "Easter Monday"),
        ("2024-04-02", 1, ""),
    ]
    assert "skipped: 2 weekend days, 2 bank holidays" in text(made)


def test_a_month_without_the_day_is_clamped_and_said_so() -> None:
    made = story("cp-review-first-3m", "2023-11-30 conference.held {conference: initial, outcome: plan_made}")
    assert "Thu 30 November 2023 + 3 months = Thu 29 February 2024" in text(made)
    assert "has no 30th" in text(made)
    assert not made.clocks[0].days


def test_hours_say_that_the_clocks_changed() -> None:
    made = story("return-interview-72h", "2024-03-29T12:00 missing.ended")
    assert "72 hours after Fri 29 March 2024 at 12:00 is Mon 1 April 2024 at 13:00" in text(made)
    assert "The clocks changed in between" in text(made)


def test_a_few_minutes_late_is_not_0_hours_late() -> None:
    made = story("return-interview-72h", "2024-01-02T12:00 missing.ended", "2024-01-05T12:07 return_interview.held")
    assert "7 minutes late" in text(made)


def test_past_the_calendars_end_nothing_is_guessed() -> None:
    made = story("icpc-15wd", "2028-12-20 enquiry.started", as_of="2028-12-31")
    assert "past the calendar's end (Sun 31 December 2028)" in text(made)


def test_the_limit_in_force_is_named_with_its_source() -> None:
    made = story("assessment-45wd", "2019-01-02 assessment.started {kind: single, reason: new_information}")
    assert made.clocks[0].limit == "within 45 working days, in force from Wed 4 July 2018 (Working Together 2018)"


def test_day_0_counted_from_an_earlier_event_says_so() -> None:
    made = story("assessment-45wd", "2024-01-02 referral.received", "2024-01-03 referral.decided {outcome: assessment}")
    assert "Day 0 is Tue 2 January 2024" in text(made)
    assert "counted from the referral.received before it" in text(made)


def test_an_unborn_child_is_seen_from_the_birth() -> None:
    made = story("cp-visit", "2024-01-02 cp_plan.started", "2024-02-05 child.born", as_of="2024-02-06")
    assert "nobody can be seen before birth" in text(made)


def test_what_the_feed_does_not_carry_is_the_reason_for_not_measuring() -> None:
    made = story(
        "cp-visit",
        "2024-01-02 feed.covered {kinds: [cp_plan.started], from_on: 2024-01-01, to_on: 2024-12-31,"
        " complete_to: 2024-12-31}",
        "2024-01-02 cp_plan.started",
    )
    assert made.clocks[0].status == "not_measured"
    assert "does not carry visit.made at all" in text(made)
    assert "Not measured: the feed does not carry visit.made" in text(made)


def test_merged_ids_are_named() -> None:
    made = story("referral-decision-1wd", "2024-03-04 referral.received", others=("C0",))
    assert "C0 into C1" in text(made)


def test_no_clock_says_why() -> None:
    nothing = story("cp-visit", "2024-03-04 referral.received")
    assert nothing.why_none == "Nothing recorded for this child could begin it."
    too_early = story("assessment-45wd", "2012-03-05 referral.decided {outcome: assessment}")
    assert "no limit was in force yet (the first is from Mon 15 April 2013)" in str(too_early.why_none)


def test_what_happened_after_the_instant_is_not_told() -> None:
    lines = ("2024-03-04 referral.received", "2024-03-07 referral.decided {outcome: assessment}")
    before = story("referral-decision-1wd", *lines, as_of="2024-03-06")
    assert before.clocks[0].status == "overdue"
    assert "It is still to be done." in text(before)
    after = story("referral-decision-1wd", *lines)
    assert "Stopped on Thu 7 March 2024 by referral.decided (event e2), 2 days late." in text(after)
