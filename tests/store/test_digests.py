"""When managers are told, and who: one digest a working day at a London time, what is urgent at once, nobody twice.

The clocks are visits of `tests.helpers.alert_clocks`: due on Tuesday 5 March 2024, with warnings on 27 February and 1 March,
missed from 6 March and told to the service manager from 12 March.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from schemas.store import tables
from schemas.store.engine import connect, reader, table_of
from schemas.time.days import LONDON
from services.alerts.message.desk import MessageContext
from services.alerts.reports.acknowledge import acknowledge, listed
from services.alerts.routes.line import Absence, Urgent
from services.alerts.sweep.go_live import set_go_live
from services.alerts.sweep.sweep import Swept, sweep
from services.alerts.sweep.timing import newest_digest
from tests.helpers.alert_clocks import CALENDAR, DUE, stopped, store_clocks, watched
from tests.helpers.alert_routes import URGENT_VISITS, desk
from tests.store import test_sweep


def at(text: str) -> datetime:
    """An instant from London time: `2024-03-06 08:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def look(engine: Engine, when: str, by: MessageContext | None = None) -> Swept:
    return sweep(engine, CALENDAR, at(when), desk=by or desk())


def rows(engine: Engine, table) -> list:
    with reader(engine) as connection:
        return list(connection.execute(select(table_of(table))))


def notices(engine: Engine) -> list[tuple[str, str, str]]:
    """Who got what when, in London: (person, kind, `03-06 08:30`)."""
    return sorted(
        (f"{n.created_at.astimezone(LONDON):%m-%d %H:%M}", n.recipient, n.kind) for n in rows(engine, tables.Notice)
    )


def texts(engine: Engine, person: str) -> list[str]:
    found = [n for n in rows(engine, tables.Notice) if n.recipient == person]
    return [notice.text for notice in sorted(found, key=lambda n: n.created_at)]


class TestDigest:
    def test_each_manager_gets_one_a_working_day_and_none_when_there_is_nothing(self, engine):
        store_clocks(engine, [watched(), watched(date(2024, 3, 6), id="k2", team="south")])
        for day in (date(2024, 2, 19) + timedelta(days=n) for n in range(19)):
            for hour in ("00:00", "08:29", "08:30", "08:31", "19:00"):
                look(engine, f"{day} {hour}")
        assert notices(engine) == [
            ("02-27 08:30", "ann", "digest"),
            ("02-28 08:30", "cat", "digest"),
            ("03-01 08:30", "ann", "digest"),
            ("03-04 08:30", "cat", "digest"),
            ("03-06 08:30", "ann", "digest"),
            ("03-07 08:30", "cat", "digest"),
        ]
        days = [row.day for row in rows(engine, tables.DigestDay)]
        assert len(days) == len(set(days)) == 16  # and Friday's of the week before, at the very first look

    def test_what_comes_after_it_waits_unclaimed_for_the_next(self, engine):
        store_clocks(engine, [watched()])
        look(engine, "2024-03-06 08:30")
        store_clocks(engine, [watched(), watched(id="k2")])
        assert look(engine, "2024-03-06 08:45") == Swept(held=1)
        assert look(engine, "2024-03-07 08:29") == Swept(held=1)
        assert look(engine, "2024-03-07 08:30") == Swept(told=1, skipped=2, notices=1)

    def test_what_ceased_to_be_true_meanwhile_is_never_told(self, engine):
        store_clocks(engine, [])
        look(engine, "2024-03-06 08:30")
        store_clocks(engine, [watched()])
        assert look(engine, "2024-03-06 12:00").held == 1
        store_clocks(engine, [stopped(DUE)])
        assert look(engine, "2024-03-07 08:30") == Swept()

    def test_an_outage_over_several_days_ends_in_one_whatever_the_hour(self, engine):
        store_clocks(engine, [watched(), watched(id="k2", child="CHILD-2", team="west")])
        look(engine, "2024-02-27 08:30")
        assert look(engine, "2024-03-07 03:10") == Swept(told=2, skipped=2, notices=2)
        assert look(engine, "2024-03-07 08:29") == Swept()
        assert look(engine, "2024-03-07 08:30") == Swept()
        assert Counter(person for _, person, _ in notices(engine)) == {"ann": 2, "bob": 2}

    def test_one_that_was_missed_on_friday_comes_at_the_weekend_and_mondays_comes_on_monday(self, engine):
        store_clocks(engine, [watched()])
        look(engine, "2024-02-29 09:00")
        assert look(engine, "2024-03-02 11:00").notices == 1
        assert look(engine, "2024-03-03 11:00").notices == 0
        store_clocks(engine, [watched(), watched(date(2024, 3, 1), id="k2")])
        assert look(engine, "2024-03-03 12:00") == Swept(held=1)
        assert look(engine, "2024-03-04 08:30").notices == 1

    def test_none_on_a_bank_holiday(self, engine):
        store_clocks(engine, [])
        look(engine, "2024-03-28 08:30")
        store_clocks(engine, [watched(date(2024, 3, 28))])
        for day in ("2024-03-29", "2024-03-30", "2024-03-31", "2024-04-01"):  # Easter
            assert look(engine, f"{day} 12:00") == Swept(held=1)
        assert look(engine, "2024-04-02 08:30").notices == 1

    @pytest.mark.parametrize(
        ("day", "utc"),
        [("2024-03-28", "08:30"), ("2024-04-02", "07:30"), ("2024-10-25", "07:30"), ("2024-10-28", "08:30")],
    )
    def test_at_the_same_london_time_in_summer_and_winter(self, day, utc):
        moment = datetime.fromisoformat(f"{day}T{utc}+00:00")
        assert newest_digest(moment, CALENDAR, time(8, 30)) == (date.fromisoformat(day), moment)
        assert newest_digest(moment - timedelta(seconds=1), CALENDAR, time(8, 30))[0] < date.fromisoformat(day)

    def test_past_the_calendars_end_they_go_on(self, engine):
        store_clocks(engine, [watched()])
        look(engine, "2029-06-01 08:30")
        assert len(notices(engine)) == 2  # the service manager too: it is long overdue

    def test_everybody_up_to_the_level_gets_their_own(self, engine):
        clocks = [watched(id=f"k{n}", team=team) for n, team in enumerate(("north", "north", "west", "south"))]
        store_clocks(engine, clocks)
        look(engine, "2024-03-12 08:30")
        assert Counter(person for _, person, _ in notices(engine)) == dict.fromkeys(
            ("ann", "bob", "cat", "sam", "sue"), 1
        )
        assert texts(engine, "sam")[0].splitlines() == [
            "2 teams: 3 overdue.",
            "",
            "- 3 × Child protection visit: still overdue after 5 working days"
            " (due Tue 5 March 2024; in north and west; not answered)",
            "",
            "See https://clocks.example/team/north",
            "See https://clocks.example/team/west",
        ]
        tellings = Counter(row.alert for row in rows(engine, tables.Telling))
        assert set(tellings.values()) == {2}
        assert {alert.level for alert in rows(engine, tables.Alert)} == {"service_manager"}

    def test_at_go_live_each_manager_gets_one_list(self, engine):
        store_clocks(engine, [watched(id=f"k{n}", team=("north", "west")[n % 2]) for n in range(10)])
        set_go_live(engine, at("2024-03-20 08:00"))
        for hour in ("08:00", "08:30", "08:45", "12:00"):
            look(engine, f"2024-03-20 {hour}")
        assert notices(engine) == [("03-20 08:00", "ann", "digest"), ("03-20 08:00", "bob", "digest")]
        assert "Already overdue when alerts began:" in texts(engine, "ann")[0]

    def test_it_waits_a_quarter_of_an_hour_for_children_whose_log_is_ahead(self, engine):
        store_clocks(engine, [watched(), watched(id="k2", child="CHILD-2", team="west")])
        test_sweep.TestLogAhead().append(engine, "CHILD-1", at("2024-03-06 08:29"))
        assert look(engine, "2024-03-06 08:31") == Swept(waiting=1, held=1)
        assert look(engine, "2024-03-06 08:43") == Swept(waiting=1, held=1)
        assert look(engine, "2024-03-06 08:44").told == 2  # both: it was waited for long enough
        assert [person for _, person, _ in notices(engine)] == ["ann", "bob"]

    def test_and_no_longer_so_what_still_waits_is_told_the_next_day(self, engine):
        store_clocks(engine, [watched(), watched(id="k2", child="CHILD-2", team="west")])
        test_sweep.TestLogAhead().append(engine, "CHILD-1", at("2024-03-06 08:40"))
        assert look(engine, "2024-03-06 08:45") == Swept(told=1, skipped=2, notices=1, waiting=1)
        store_clocks(engine, [watched(), watched(id="k2", child="CHILD-2", team="west")], folded_to=1)
        assert look(engine, "2024-03-06 08:46") == Swept(held=1)
        assert look(engine, "2024-03-07 08:30").told == 1

    def test_a_nudge_about_some_clocks_writes_no_digest(self, engine):
        store_clocks(engine, [watched(), watched(id="k2")])
        assert sweep(engine, CALENDAR, at("2024-03-06 08:30"), desk=desk(), clocks=["k1"]) == Swept(held=1)
        assert look(engine, "2024-03-06 08:31").told == 2

    def test_brothers_and_sisters_at_one_meeting_are_counted_once(self, engine):
        store_clocks(engine, [watched(id=f"k{n}", child=f"CHILD-{n}", meeting="m1") for n in range(3)])
        look(engine, "2024-03-06 08:30")
        assert "1 × Child protection visit: overdue (due Tue 5 March 2024, 3 children)" in texts(engine, "ann")[0]


class TestUrgent:
    def test_a_standard_the_file_names_breaks_through_within_hours(self, engine):
        by = desk(urgent=URGENT_VISITS)
        store_clocks(engine, [])
        look(engine, "2024-03-06 08:30", by)
        store_clocks(engine, [watched(date(2024, 3, 5), started_at=None)])
        assert look(engine, "2024-03-06 19:00", by) == Swept(held=1)
        assert look(engine, "2024-03-07 07:59", by) == Swept(held=1)
        assert look(engine, "2024-03-07 08:00", by) == Swept(told=1, skipped=2, notices=1)
        assert notices(engine) == [("03-07 08:00", "ann", "at_once")]
        assert look(engine, "2024-03-07 08:30", by) == Swept()

    def test_or_at_any_hour_if_it_says_so(self, engine):
        by = desk(urgent=Urgent(frozenset({"cp-visit"}), outside_hours=True))
        store_clocks(engine, [])
        look(engine, "2024-03-08 08:30", by)
        store_clocks(engine, [watched()])
        assert look(engine, "2024-03-09 23:00", by).told == 1  # a Saturday

    def test_what_was_overdue_before_alerts_began_can_wait(self, engine):
        by = desk(urgent=URGENT_VISITS)
        store_clocks(engine, [watched()])
        set_go_live(engine, at("2024-03-20 08:40"))
        assert look(engine, "2024-03-20 08:30", by).told == 0
        assert look(engine, "2024-03-20 08:45", by) == Swept(held=1)
        assert look(engine, "2024-03-21 08:30", by).told == 1

    def test_good_news_waits_for_the_digest(self, engine):
        by = desk(urgent=URGENT_VISITS)
        store_clocks(engine, [watched()])
        look(engine, "2024-03-06 08:30", by)
        store_clocks(engine, [stopped(date(2024, 3, 6))])
        assert look(engine, "2024-03-06 12:00", by) == Swept(held=1)
        assert look(engine, "2024-03-07 08:30", by).told == 1

    def test_with_the_digest_it_is_one_message(self, engine):
        by = desk(urgent=URGENT_VISITS)
        store_clocks(engine, [watched(), watched(id="k2", standard="icpc-15wd")])
        assert look(engine, "2024-03-06 08:30", by) == Swept(told=2, skipped=4, notices=1)

    def test_where_only_the_night_looks_it_is_in_the_digest(self, engine):
        by = desk(urgent=URGENT_VISITS)
        store_clocks(engine, [watched()])
        assert [look(engine, f"2024-03-{day:02} 02:00", by).told for day in (1, 2, 6, 7)] == [1, 0, 1, 0]

    def test_booked_too_late_is_told_at_once(self, engine):
        store_clocks(engine, [])
        look(engine, "2024-02-12 08:30")
        store_clocks(engine, [watched(booked_on=date(2024, 3, 8)), watched(id="k2", booked_on=DUE)])
        assert look(engine, "2024-02-12 14:00").told == 1
        assert texts(engine, "ann")[0].splitlines()[0] == "Team north: 1 booked for after the due day."

    def test_a_kind_of_rung_the_file_names_goes_at_once(self, engine):
        by = desk(urgent=Urgent(rungs=frozenset({"promise_broken"})))
        store_clocks(engine, [watched()])
        look(engine, "2024-03-06 08:30", by)
        acknowledge(engine, listed(engine)[0]["alert"], "away", date(2024, 3, 7), at("2024-03-06 10:00"))
        assert look(engine, "2024-03-08 08:10", by).notices == 2
        assert "promised on Wed 6 March 2024 for Thu 7 March 2024" in texts(engine, "sam")[0]


class TestNobodyToTell:
    def test_a_vacant_team_goes_up_and_is_said(self, engine, caplog):
        store_clocks(engine, [watched(team="vacant"), watched(id="k2", team="unknown")])
        with caplog.at_level(logging.WARNING):
            look(engine, "2024-03-06 08:30")
        assert [person for _, person, _ in notices(engine)] == ["hana", "sue"]
        assert "nobody answers for team vacant: sue was told" in caplog.text
        assert "nobody answers for team unknown: hana was told" in caplog.text

    def test_cover_is_told_while_the_absence_lasts(self, engine):
        away = ("ann", Absence(date(2024, 3, 4), date(2024, 3, 6), "bob"))
        store_clocks(engine, [watched(), watched(date(2024, 3, 6), id="k2")])
        for day in (6, 7):
            look(engine, f"2024-03-{day:02} 08:30", desk(away))
        assert [person for _, person, _ in notices(engine)] == ["bob", "ann"]


def test_two_sweepers_at_once_write_one_digest(engine, another):
    store_clocks(
        engine, [watched(id=f"k{n}", child=f"CHILD-{n}", team=("north", "west", "south")[n % 3]) for n in range(90)]
    )
    other, start, done = another(), threading.Barrier(4), []

    def run(mine: Engine) -> None:
        start.wait()
        done.append(look(mine, "2024-03-06 08:30"))

    threads = [threading.Thread(target=run, args=(mine,)) for mine in (engine, other) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(swept.told for swept in done) == 90
    assert [person for _, person, _ in notices(engine)] == ["ann", "bob", "cat"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_law_6_holds_with_digests(tmp_path_factory, data):
    """Whatever the clocks do, whenever anybody looks, whoever is away: a rung at most once; what is true when a digest
    is written has been told; nobody gets two digests a working day."""
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('law')}/law.db")
    by = data.draw(
        st.sampled_from([desk(), desk(urgent=URGENT_VISITS), desk(("ann", Absence(DUE, date(2024, 3, 20))))])
    )
    now = at("2024-02-26 07:00")
    for _ in range(data.draw(st.integers(1, 10))):
        now += timedelta(hours=data.draw(st.integers(1, 60)))
        ids = data.draw(st.lists(st.sampled_from(["k1", "k2", "k3"]), unique=True))
        clocks = [
            data.draw(st.sampled_from([watched(id=id), watched(date(2024, 3, 12), id=id), stopped(now.date(), id=id)]))
            for id in ids
        ]
        store_clocks(engine, clocks)
        digests = len(rows(engine, tables.DigestDay))
        sweep(engine, CALENDAR, now, desk=by)
        assert sweep(engine, CALENDAR, now, desk=by)[:3] == (0, 0, 0)
        alerts = rows(engine, tables.Alert)
        assert len({(a.clock, a.due_on, a.rung, a.spell) for a in alerts}) == len(alerts)
        if len(rows(engine, tables.DigestDay)) > digests:
            cleared = Counter(a.clock for a in alerts if a.rung == "cleared")
            for clock in clocks:
                told = [
                    a
                    for a in alerts
                    if a.clock == clock.clock.id
                    and not a.skipped
                    and a.spell == cleared[a.clock] + 1
                    and not a.rung.startswith("due_soon")
                ]
                assert bool(told) == (clock.clock.status(now) == "overdue")
    per_day = Counter(
        (n.recipient, newest_digest(n.created_at, CALENDAR, time(8, 30))[0])
        for n in rows(engine, tables.Notice)
        if n.kind == "digest"
    )
    assert not per_day or max(per_day.values()) == 1
    told = {a.id for a in rows(engine, tables.Alert) if not a.skipped}
    assert {row.alert for row in rows(engine, tables.Telling)} == told
    engine.dispose()


def test_nothing_of_the_child_is_in_a_message(engine):
    store_clocks(engine, [watched(), watched(date(2024, 3, 1), id="k2", child="CHILD-2")])
    look(engine, "2024-03-06 08:30")
    said = " ".join(notice.text + notice.id for notice in rows(engine, tables.Notice))
    assert "CHILD" not in said
