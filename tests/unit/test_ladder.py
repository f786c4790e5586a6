"""The ladder, rung by rung: a visit due on Tuesday 5 March 2024, not made unless a test says so.

Its rungs come on 27 February, 1 March (warnings), 6 March (missed) and 12 March (still missed).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.time.days import london_day, parse_moment
from services.alerts.ladder.model import LEVELS, Policy, Watched
from services.alerts.ladder.policy import newest_month, policy_at
from tests.helpers.alert_clocks import CALENDAR, DUE, Story, at, stopped, watched

RUNNING = watched()
BOOKED_LATE, BOOKED_IN_TIME = watched(booked_on=date(2024, 3, 8)), watched(booked_on=DUE)


def every_day(story: Story, clock, first: str, last: str) -> list[tuple[str, str]]:
    """Ask at each noon from `first` to `last`, with the policy of that day: (day, rung) as told."""
    day, out = date.fromisoformat(first), []
    while day <= date.fromisoformat(last):
        policy = policy_at(at(str(day)), CALENDAR, story.policy.go_live)
        out += [(f"{day:%m-%d}", rung) for rung in story.ask(str(day), clock, policy)]
        day += timedelta(days=1)
    return out


def test_each_rung_is_told_when_it_comes_and_once():
    assert every_day(Story(), RUNNING, "2024-02-20", "2024-03-31") == [
        ("02-27", "due_soon_5wd"),
        ("03-01", "due_soon_2wd"),
        ("03-06", "missed"),
        ("03-12", "still_missed_5wd"),
    ]


def test_it_is_not_missed_while_the_due_day_lasts():
    story = Story()
    assert story.ask("2024-03-05", RUNNING) == ["due_soon_2wd"]
    assert story.ask(parse_moment("2024-03-05"), RUNNING) == []
    assert story.ask(parse_moment("2024-03-05") + timedelta(microseconds=1), RUNNING) == ["missed"]


def test_a_limit_in_hours_is_missed_after_its_instant():
    due_at = datetime(2024, 3, 5, 14, tzinfo=UTC)
    rungs = (("due_soon_24h", due_at - timedelta(hours=24)), ("missed", due_at))
    clock = watched(started_at=due_at - timedelta(hours=72), due_at=due_at, rungs=rungs)
    story = Story()
    assert story.ask(due_at - timedelta(hours=25), clock) == []
    assert story.ask(due_at, clock) == ["due_soon_24h"]  # done now it would be on time
    assert story.ask(due_at + timedelta(seconds=1), clock) == ["missed"]


def test_an_outage_ends_in_the_latest_rung_alone():
    story = Story()
    assert story.ask("2024-03-12", RUNNING) == ["still_missed_5wd"]
    assert story.last.skipped == ("due_soon_5wd", "due_soon_2wd", "missed")
    assert story.ask("2024-03-12", RUNNING) == []


def test_an_outage_before_the_due_day_too():
    story = Story()
    assert story.ask("2024-03-04", RUNNING) == ["due_soon_2wd"]
    assert story.last.skipped == ("due_soon_5wd",)


def test_a_rung_no_longer_true_is_never_told():
    assert Story().ask("2024-03-12", stopped(date(2024, 3, 4))) == []
    assert Story().ask("2024-03-12", stopped(date(2024, 3, 8))) == []


def test_levels_go_up_the_line():
    story = Story()
    every_day(story, RUNNING, "2024-02-20", "2024-05-31")
    assert [(r.rung, LEVELS[r.level]) for r in story.reasons] == [
        ("due_soon_5wd", "team_manager"),
        ("due_soon_2wd", "team_manager"),
        ("missed", "team_manager"),
        ("still_missed_5wd", "service_manager"),
        ("monthly_2024-04", "head_of_service"),
        ("monthly_2024-05", "head_of_service"),
    ]


class TestClearing:
    def test_what_was_told_as_missed_is_taken_back_once(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        assert story.ask("2024-03-08", stopped(date(2024, 3, 7))) == ["cleared"]
        assert story.ask("2024-03-09", stopped(date(2024, 3, 7))) == []

    def test_it_reaches_as_far_up_as_the_bad_news_did(self):
        story = Story()
        story.ask("2024-03-12", RUNNING)
        story.ask("2024-03-13", stopped(date(2024, 3, 13)))
        assert LEVELS[story.last.level] == "service_manager"

    def test_a_warning_needs_no_taking_back(self):
        story = Story()
        story.ask("2024-03-01", RUNNING)
        assert story.ask("2024-03-06", stopped(DUE)) == []

    @pytest.mark.parametrize(
        "ended",
        [
            watched(ended="cancelled", ended_on=date(2024, 3, 7)),
            watched(ended="voided", ended_on=date(2024, 3, 7)),
            watched(unmeasured="the feed carries no visits"),
            watched(lasts_to=date(2024, 3, 6)),
            watched(None),
            None,
        ],
        ids=["cancelled", "voided", "not measured", "duty lapsed", "due past the calendar", "start withdrawn"],
    )
    def test_however_it_stopped_being_overdue(self, ended):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        assert story.ask("2024-03-08", ended) == ["cleared"]
        assert story.last.due_on == DUE

    def test_overdue_again_is_a_new_spell_told_again(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        story.ask("2024-03-08", stopped(date(2024, 3, 7)))
        assert story.ask("2024-03-13", RUNNING) == ["still_missed_5wd"]
        assert story.last.spell == 2
        assert story.last.skipped == ("due_soon_5wd", "due_soon_2wd", "missed")

    def test_it_goes_to_the_team_that_had_the_bad_news(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        story.ask("2024-03-08", stopped(date(2024, 3, 7), team="south"))
        assert story.last.team == "north"


class TestNothingToTell:
    @pytest.mark.parametrize(
        "clock",
        [
            watched(unmeasured="the feed carries no visits"),
            watched(ended="voided", ended_on=date(2024, 3, 1)),
            watched(ended="cancelled", ended_on=date(2024, 3, 1)),
            watched(None),
            watched(prohibits=True),
            watched(rungs=()),
            None,
        ],
    )
    def test_of_what_is_not_owed(self, clock):
        assert Story().ask("2024-03-20", clock) == []

    def test_by_a_sweep_of_the_past(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        assert story.ask("2024-03-04", RUNNING) == []  # was not overdue then, and no clearing either


class TestDueDayMoved:
    LATER = watched(date(2024, 3, 19))

    def test_before_anything_was_missed_the_ladder_begins_anew(self):
        story = Story()
        story.ask("2024-03-01", RUNNING)
        assert every_day(story, self.LATER, "2024-03-02", "2024-03-20") == [
            ("03-12", "due_soon_5wd"),
            ("03-15", "due_soon_2wd"),
            ("03-20", "missed"),
        ]

    def test_later_after_it_was_missed_clears_first(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        assert story.ask("2024-03-12", self.LATER) == ["cleared", "due_soon_5wd"]
        assert [(r.due_on, r.spell) for r in story.reasons[-2:]] == [(DUE, 1), (date(2024, 3, 19), 2)]

    def test_still_overdue_by_the_new_day_is_told_with_no_clearing(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        assert story.ask("2024-03-08", watched(date(2024, 3, 7))) == ["missed"]
        assert story.ask("2024-03-09", stopped(date(2024, 3, 9))) == ["cleared"]
        assert story.ask("2024-03-10", stopped(date(2024, 3, 9))) == []


class TestBooking:
    def test_in_time_silences_the_warnings_and_never_missed(self):
        assert every_day(Story(), BOOKED_IN_TIME, "2024-02-20", "2024-03-08") == [("03-06", "missed")]

    def test_late_is_told_at_once_before_any_warning_has_come(self):
        story = Story()
        assert story.ask("2024-02-10", BOOKED_LATE) == ["booked_late"]
        assert every_day(story, BOOKED_LATE, "2024-02-11", "2024-03-08") == [
            ("02-27", "due_soon_5wd"),
            ("03-01", "due_soon_2wd"),
            ("03-06", "missed"),
        ]

    def test_late_claims_the_warnings_that_came_unseen(self):
        story = Story()
        assert story.ask("2024-03-04", BOOKED_LATE) == ["booked_late"]
        assert story.last.skipped == ("due_soon_5wd", "due_soon_2wd")
        assert story.ask("2024-03-05", BOOKED_LATE) == []

    def test_moved_to_another_late_day_is_not_told_again(self):
        story = Story()
        story.ask("2024-02-10", BOOKED_LATE)
        assert story.ask("2024-02-11", watched(booked_on=date(2024, 3, 28))) == []

    @pytest.mark.parametrize("after", [BOOKED_IN_TIME, RUNNING, stopped(date(2024, 2, 20))])
    def test_late_is_taken_back(self, after):
        story = Story()
        story.ask("2024-02-10", BOOKED_LATE)
        assert story.ask("2024-02-21", after) == ["cleared"]
        assert story.ask("2024-02-21", after) == []

    def test_after_the_due_day_there_is_only_missed(self):
        assert Story().ask("2024-03-06", BOOKED_LATE) == ["missed"]


class TestPromise:
    def test_silences_escalations_and_the_month_until_its_day_has_ended(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        story.promise("2024-03-06", date(2024, 4, 3))
        assert every_day(story, RUNNING, "2024-03-07", "2024-05-03") == [
            ("04-04", "promise_broken"),
            ("05-01", "monthly_2024-05"),
        ]

    def test_the_months_count_goes_on_beside_it(self):
        story = Story()
        story.ask("2024-03-12", RUNNING)
        story.promise("2024-03-13", date(2024, 4, 10))
        told = [("04-02", "monthly_2024-04"), ("04-11", "promise_broken")]
        assert every_day(story, RUNNING, "2024-03-14", "2024-04-12") == told

    def test_broken_on_the_day_of_the_monthly_count_goes_into_that(self):
        story = Story()
        story.ask("2024-03-12", RUNNING)
        story.promise("2024-03-13", date(2024, 4, 1))
        assert every_day(story, RUNNING, "2024-03-14", "2024-04-12") == [("04-02", "monthly_2024-04")]
        assert story.last.skipped == ("promise_broken",)

    def test_broken_it_goes_up_the_line_and_claims_what_it_silenced(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        story.promise("2024-03-06", date(2024, 3, 20))
        story.ask("2024-03-21", RUNNING)
        assert (story.last.rung, LEVELS[story.last.level]) == ("promise_broken", "service_manager")
        assert story.last.skipped == ("still_missed_5wd",)

    def test_never_silences_missed(self):
        story = Story()
        story.ask("2024-03-01", RUNNING)
        story.promise("2024-03-01", date(2024, 3, 20))
        assert story.ask("2024-03-13", RUNNING) == ["missed"]
        assert story.last.skipped == ()  # still_missed stays to be told when the silence ends

    def test_broken_before_the_due_day_is_said_by_missed(self):
        story = Story()
        story.ask("2024-03-01", RUNNING)
        story.promise("2024-03-01", date(2024, 3, 4))
        assert every_day(story, RUNNING, "2024-03-02", "2024-03-12") == [
            ("03-06", "missed"),
            ("03-12", "still_missed_5wd"),
        ]

    def test_kept_is_cleared_like_any_other(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        story.promise("2024-03-06", date(2024, 3, 20))
        assert story.ask("2024-03-21", stopped(date(2024, 3, 19))) == ["cleared"]

    def test_each_promise_is_told_broken_once_and_the_last_one_made_counts(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        story.promise("2024-03-06", date(2024, 3, 8))
        assert story.ask("2024-03-09", RUNNING) == ["promise_broken"]
        story.promise("2024-03-09", date(2024, 3, 10))
        story.promise("2024-03-10", date(2024, 3, 14))
        assert story.ask("2024-03-12", RUNNING) == []
        assert story.ask("2024-03-15", RUNNING) == ["promise_broken_2"]
        assert story.ask("2024-03-16", RUNNING) == []

    def test_does_not_outlive_its_spell(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        story.promise("2024-03-06", date(2024, 4, 30))
        story.ask("2024-03-08", stopped(date(2024, 3, 7)))
        assert story.ask("2024-03-13", RUNNING) == ["still_missed_5wd"]


class TestMonth:
    def test_counts_on_the_first_working_day_of_each_month_until_it_stops(self):
        story = Story()
        told = every_day(story, RUNNING, "2024-03-06", "2024-06-30")
        assert told[2:] == [
            ("04-02", "monthly_2024-04"),  # 1 April is Easter Monday
            ("05-01", "monthly_2024-05"),
            ("06-03", "monthly_2024-06"),  # 1 June is a Saturday
        ]
        assert story.ask("2024-07-02", stopped(date(2024, 6, 30))) == ["cleared"]

    def test_months_missed_in_an_outage_are_not_made_up(self):
        story = Story()
        every_day(story, RUNNING, "2024-03-06", "2024-03-31")
        assert every_day(story, RUNNING, "2024-06-10", "2024-07-01") == [
            ("06-10", "monthly_2024-06"),
            ("07-01", "monthly_2024-07"),
        ]

    def test_comes_after_the_ladders_own_last_rung(self):
        assert every_day(Story(), RUNNING, "2024-05-20", "2024-06-03") == [
            ("05-20", "still_missed_5wd"),
            ("06-03", "monthly_2024-06"),
        ]

    def test_the_newest_month(self):
        assert newest_month(date(2024, 6, 2), CALENDAR)[0] == "monthly_2024-05"
        assert newest_month(date(2024, 6, 3), CALENDAR) == ("monthly_2024-06", parse_moment("2024-06-02T23:00Z"))
        assert newest_month(date(2024, 1, 1), CALENDAR)[0] == "monthly_2023-12"

    def test_past_the_calendar_no_month_is_guessed(self):
        assert policy_at(at("2029-02-01"), CALENDAR, None) == Policy()


class TestGoLive:
    def policy(self, day: str) -> Policy:
        return Policy(go_live=at(day))

    def test_nothing_is_told_before_it(self):
        assert Story(self.policy("2024-03-20")).ask("2024-03-19", RUNNING) == []

    def test_what_was_overdue_is_listed_once_by_its_latest_rung(self):
        story = Story(self.policy("2024-03-20"))
        assert story.ask("2024-03-20", RUNNING) == ["still_missed_5wd"]
        assert (story.last.already, LEVELS[story.last.level]) == (True, "team_manager")
        assert story.last.skipped == ("due_soon_5wd", "due_soon_2wd", "missed")
        assert story.ask("2024-03-20", RUNNING) == []

    def test_rungs_that_come_after_it_are_told_one_by_one(self):
        story = Story(self.policy("2024-03-08"))
        assert every_day(story, RUNNING, "2024-03-08", "2024-04-02") == [
            ("03-08", "missed"),
            ("03-12", "still_missed_5wd"),
            ("04-02", "monthly_2024-04"),
        ]
        assert [reason.already for reason in story.reasons] == [True, False, False]

    def test_a_warning_that_came_before_it_is_not_told(self):
        story = Story(self.policy("2024-02-28"))
        assert every_day(story, RUNNING, "2024-02-28", "2024-03-01") == [("03-01", "due_soon_2wd")]
        assert story.last.skipped == ("due_soon_5wd",)

    def test_a_late_booking_is_told_whatever_came_before(self):
        assert Story(self.policy("2024-02-28")).ask("2024-02-28", BOOKED_LATE) == ["booked_late"]

    def test_a_month_that_opened_before_it_is_not_counted(self):
        story = Story(Policy(go_live=at("2024-06-10")))
        assert every_day(story, RUNNING, "2024-06-10", "2024-07-01") == [
            ("06-10", "still_missed_5wd"),
            ("07-01", "monthly_2024-07"),
        ]


class TestHandedOver:
    def test_an_overdue_clock_tells_the_new_team_once(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        assert story.ask("2024-03-07", watched(team="south")) == ["handed_over"]
        assert story.last.team == "south"
        assert story.ask("2024-03-08", watched(team="south")) == []

    def test_back_and_forth_tells_nobody_twice(self):
        story = Story()
        for day, team in [(6, "north"), (7, "south"), (8, "north"), (9, "south"), (10, "west")]:
            story.ask(f"2024-03-{day:02}", watched(team=team))
        assert [(r.rung, r.team) for r in story.reasons] == [
            ("missed", "north"),
            ("handed_over", "south"),
            ("handed_over_2", "west"),
        ]

    def test_a_rung_that_comes_with_the_new_team_says_it_all(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        assert story.ask("2024-03-12", watched(team="south")) == ["still_missed_5wd"]
        assert story.ask("2024-03-13", watched(team="south")) == []

    def test_a_clock_not_yet_due_is_nobodys_news(self):
        story = Story()
        story.ask("2024-03-01", RUNNING)
        assert story.ask("2024-03-02", watched(team="south")) == []

    def test_a_promise_does_not_keep_it_from_the_new_team(self):
        story = Story()
        story.ask("2024-03-06", RUNNING)
        story.promise("2024-03-06", date(2024, 3, 20))
        assert story.ask("2024-03-07", watched(team="south")) == ["handed_over"]


# Whatever happens to a clock, and whenever anybody looks.
CLOCKS = st.builds(
    watched,
    st.sampled_from([DUE, date(2024, 3, 19), date(2024, 4, 10), None]),
    team=st.sampled_from(["north", "south", "west"]),
    booked_on=st.sampled_from([None, date(2024, 3, 4), date(2024, 3, 25), date(2024, 5, 1)]),
    ended=st.sampled_from([None, None, None, "stopped", "cancelled", "voided"]),
    ended_on=st.dates(date(2024, 2, 2), date(2024, 6, 1)),
    unmeasured=st.sampled_from([None, None, None, "no visits in the feed"]),
)
LOOKS = st.tuples(
    st.timedeltas(timedelta(0), timedelta(days=25)),
    st.one_of(st.none(), CLOCKS),
    st.integers(1, 5),  # how many looks the clock stays like that
    st.one_of(st.none(), st.none(), st.integers(1, 30)),  # days promised after
)


@given(st.lists(LOOKS, max_size=15), st.sampled_from([None, "2024-03-10"]))
def test_told_at_most_once_and_at_least_once_if_true_when_anybody_looked(looks, go_live):
    story, now = Story(), at("2024-02-10")
    live_from = at(go_live) if go_live else None
    for passed, clock, times, promised in looks:
        for _ in range(times):
            now += passed
            policy = policy_at(now, CALENDAR, live_from)
            story.ask(now, clock, policy)
            assert story.ask(now, clock, policy) == [], "a second look tells nothing more"
            told_what_is_true(story, clock, policy, now)
        if promised and story.told.bad:
            story.promise(now, london_day(now) + timedelta(days=promised))
    keys = [(told.due_on, told.rung, told.spell) for told in story.told.rungs]
    assert len(keys) == len(set(keys))


def told_what_is_true(story: Story, clock: Watched | None, policy: Policy, now: datetime) -> None:
    """Law 6, from the other side: what is true at a look has been told, what is not has been taken back."""
    if policy.go_live and now < policy.go_live:
        assert story.reasons == []
        return
    status = clock.clock.status(now) if clock else None
    if clock is None or status not in ("running", "due_soon", "overdue") or clock.clock.due_on is None:
        assert story.told.bad == ()
        return
    due = clock.clock.due_on
    mine = [told for told in story.told.rungs if (told.spell, told.due_on) == (story.told.spell, due)]
    claimed = {told.rung for told in mine}
    come = [rung for rung, when in clock.rungs if when <= now and rung.startswith("due_soon") == (status != "overdue")]
    if status == "overdue" and come:
        assert any(not told.skipped for told in mine), "overdue, and its team was told so"
        assert clock.team_now in {told.team for told in story.told.bad}
        promised = story.told.promise is not None and story.told.promise.by_on >= london_day(now)
        assert ("missed" if promised else come[-1]) in claimed
    elif status != "overdue":
        late = clock.clock.booked_on is not None and clock.clock.booked_on > due
        assert {told.rung for told in story.told.bad} == ({"booked_late"} if late else set())
        if come and clock.clock.booked_on is None and not policy.go_live:
            assert come[-1] in claimed
