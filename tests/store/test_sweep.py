"""The sweep on a real database: what is claimed, what is told to whom, and never twice."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select

from schemas.events.event import canonical, from_dict
from schemas.kafka.shards import shard_of
from schemas.store import tables
from schemas.store.engine import connect, reader, table_of
from schemas.store.tables import Alert, LoggedEvent, Notice, Quarantined
from schemas.time.days import end_of_day
from services.alerts.ladder.ladder import reason_to_tell
from services.alerts.ladder.model import Policy
from services.alerts.message.desk import MessageContext
from services.alerts.reports.acknowledge import NotAcknowledged, acknowledge, listed
from services.alerts.sweep.candidates import candidates, to_look_at
from services.alerts.sweep.claim import NewAlert, claim
from services.alerts.sweep.go_live import get_go_live, set_go_live
from services.alerts.sweep.sweep import Swept, sweep
from tests.helpers.alert_clocks import CALENDAR, DUE, at, stopped, store_clocks, watched

DESK = MessageContext({"cp-visit": "Child protection visit"})


def look(engine: Engine, when: str) -> Swept:
    return sweep(engine, CALENDAR, at(when), desk=DESK)


def rows(engine: Engine, table) -> list:
    with reader(engine) as connection:
        return list(connection.execute(select(table_of(table))))


def told(engine: Engine) -> list[tuple[str, str, str]]:
    return [(alert["child"], alert["team"], alert["rung"]) for alert in listed(engine)]


def test_nothing_is_told_before_the_first_fold(engine):
    assert look(engine, "2024-03-06") == Swept()


def test_a_clock_from_its_first_warning_to_its_clearing(engine):
    store_clocks(engine, [watched()])
    days = [date(2024, 2, 20) + timedelta(days=n) for n in range(22)]
    assert sum(look(engine, str(day)).told for day in days) == 4
    store_clocks(engine, [stopped(date(2024, 3, 13))])
    assert look(engine, "2024-03-13") == Swept(told=1, notices=1)
    assert look(engine, "2024-03-14") == Swept()
    rungs = ["due_soon_5wd", "due_soon_2wd", "missed", "still_missed_5wd", "cleared"]
    assert told(engine) == [("CHILD-1", "north", rung) for rung in rungs]
    levels = [notice.level for notice in sorted(rows(engine, Notice), key=lambda n: n.created_at)]
    assert levels == ["team_manager"] * 3 + ["service_manager"] * 2


def test_after_an_outage_one_is_told_and_the_rest_are_claimed_as_skipped(engine):
    store_clocks(engine, [watched()])
    assert look(engine, "2024-03-12") == Swept(told=1, skipped=3, notices=1)
    assert look(engine, "2024-03-12") == Swept()
    skipped = {alert.rung for alert in rows(engine, Alert) if alert.skipped}
    assert skipped == {"due_soon_5wd", "due_soon_2wd", "missed"}
    assert len(rows(engine, tables.Telling)) == 1
    assert told(engine) == [("CHILD-1", "north", "still_missed_5wd")]


def test_one_notice_for_a_team_and_level(engine):
    clocks = [watched(id=f"k{n}", child=f"CHILD-{n}", team="north" if n % 2 else "south") for n in range(10)]
    store_clocks(engine, clocks)
    assert look(engine, "2024-03-06") == Swept(told=10, skipped=20, notices=2)
    assert {notice.text.splitlines()[2] for notice in rows(engine, Notice)} == {
        "- 5 × Child protection visit: overdue (due Tue 5 March 2024)"
    }


def test_messages_name_no_child(engine):
    store_clocks(engine, [watched(), watched(date(2024, 3, 1), id="k2", child="CHILD-2", standard="icpc-15wd")])
    look(engine, "2024-03-06")
    texts = " ".join(notice.text + notice.id for notice in rows(engine, Notice))
    assert "CHILD" not in texts
    assert "k1" not in texts


def test_a_start_withdrawn_is_cleared(engine):
    store_clocks(engine, [watched(), watched(id="k2", child="CHILD-2")])
    look(engine, "2024-03-06")
    store_clocks(engine, [watched()])
    assert look(engine, "2024-03-07").told == 1
    assert told(engine)[-1] == ("CHILD-2", "north", "cleared")
    assert look(engine, "2024-03-08") == Swept()
    with reader(engine) as connection:
        assert to_look_at(connection, 1, at("2024-03-08")) == ["k1"]


def test_a_duty_that_lapses_is_cleared_with_no_event(engine):
    store_clocks(engine, [watched(lasts_to=date(2024, 3, 10))])
    assert look(engine, "2024-03-06").told == 1
    assert look(engine, "2024-03-10").told == 0
    assert look(engine, "2024-03-11").told == 1
    assert told(engine)[-1][2] == "cleared"


def test_a_late_booking_is_told_weeks_before_the_first_warning(engine):
    store_clocks(engine, [watched(booked_on=date(2024, 3, 8)), watched(id="k2", booked_on=DUE)])
    assert look(engine, "2024-02-10") == Swept(told=1, notices=1)
    assert look(engine, "2024-02-11") == Swept()
    store_clocks(engine, [watched(booked_on=DUE), watched(id="k2", booked_on=DUE)])
    assert look(engine, "2024-02-12").told == 1
    assert [rung for *_, rung in told(engine)] == ["booked_late", "cleared"]


def test_a_due_day_moved_later_is_cleared_and_warned_of_in_one_sweep(engine):
    store_clocks(engine, [watched()])
    look(engine, "2024-03-06")
    store_clocks(engine, [watched(date(2024, 3, 19))])
    assert look(engine, "2024-03-12") == Swept(told=2, notices=1)
    assert [rung for *_, rung in told(engine)] == ["missed", "cleared", "due_soon_5wd"]


def test_a_transfer_of_an_overdue_clock_tells_the_new_team(engine):
    store_clocks(engine, [watched()])
    look(engine, "2024-03-06")
    store_clocks(engine, [watched(team="south")])
    look(engine, "2024-03-07")
    look(engine, "2024-03-08")
    assert told(engine) == [("CHILD-1", "north", "missed"), ("CHILD-1", "south", "handed_over")]


def test_evidence_waiting_is_counted(engine):
    store_clocks(engine, [watched(), watched(id="k2", child="CHILD-2")])
    refused = {"received_at": at("2024-03-01"), "place": "line 1", "code": "invalid", "reason": "r", "raw_hash": "h"}
    with engine.begin() as connection:
        connection.execute(insert(table_of(Quarantined)).values(subject="CHILD-2", **refused))
    look(engine, "2024-03-06")
    assert "Evidence waiting for 1 of them" in rows(engine, Notice)[0].text


def test_a_month_is_counted_and_the_calendars_end_is_survived(engine):
    store_clocks(engine, [watched()])
    for day in ("2024-03-12", "2024-04-01", "2024-04-02", "2024-04-03", "2029-06-01"):
        look(engine, day)
    assert [rung for *_, rung in told(engine)] == ["still_missed_5wd", "monthly_2024-04"]


class TestGoLive:
    def test_each_team_gets_one_list_of_what_is_overdue(self, engine):
        overdue = [watched(id=f"k{n}", team=f"team-{n % 3}") for n in range(30)]
        store_clocks(engine, [*overdue, watched(date(2024, 3, 21), id="soon", team="team-0")])
        set_go_live(engine, at("2024-03-20"))
        assert look(engine, "2024-03-19") == Swept()
        assert look(engine, "2024-03-20") == Swept(told=30, skipped=90, notices=3)
        assert look(engine, "2024-03-20") == Swept()
        assert all("Already overdue when alerts began:" in notice.text for notice in rows(engine, Notice))
        assert Counter(rung for *_, rung in told(engine)) == {"still_missed_5wd": 30}

    def test_the_moment_is_kept_and_can_be_moved(self, engine):
        assert get_go_live(engine) is None
        set_go_live(engine, at("2024-03-20"))
        set_go_live(engine, at("2024-03-21"))
        assert get_go_live(engine) == at("2024-03-21")


class TestAcknowledging:
    @pytest.fixture
    def missed(self, engine) -> str:
        store_clocks(engine, [watched()])
        look(engine, "2024-03-06")
        return listed(engine)[0]["alert"]

    def test_a_promise_silences_until_its_day_and_is_told_broken(self, engine, missed):
        acknowledge(engine, missed, "the family is away", date(2024, 3, 20), at("2024-03-06"))
        assert [look(engine, day).told for day in ("2024-03-12", "2024-03-20", "2024-03-21", "2024-03-22")] == [
            0,
            0,
            1,
            0,
        ]
        assert [(a["rung"], a["acknowledged_by_date"]) for a in listed(engine)] == [
            ("missed", date(2024, 3, 20)),
            ("promise_broken", None),
        ]

    def test_the_reason_is_kept_out_of_every_message(self, engine, missed):
        acknowledge(engine, missed, "grandmother in hospital", date(2024, 3, 7), at("2024-03-06"))
        look(engine, "2024-03-08")
        assert not any("grandmother" in notice.text for notice in rows(engine, Notice))

    def test_a_past_day_that_was_swept_can_be_answered_in_that_past(self, engine, missed):
        acknowledge(engine, missed, "visit booked", date(2024, 3, 20), at("2026-11-21"))
        look(engine, "2024-03-20")
        silent = len(listed(engine))
        look(engine, "2024-03-21")
        look(engine, "2024-03-22")
        assert [a["rung"] for a in listed(engine)[silent:]].count("promise_broken") == 1

    @pytest.mark.parametrize(
        ("alert", "reason", "by", "says"),
        [
            ("nosuch", "away", date(2024, 3, 20), "take an id from the list"),
            (None, "  ", date(2024, 3, 20), "say in a few words"),
            (None, "away", date(2024, 3, 6), "promise a day still to come"),
        ],
    )
    def test_refuses_and_says_what_to_do(self, engine, missed, alert, reason, by, says):
        with pytest.raises(NotAcknowledged, match=says):
            acknowledge(engine, alert or missed, reason, by, at("2024-03-06"))

    def test_refuses_what_is_over(self, engine, missed):
        store_clocks(engine, [stopped(date(2024, 3, 7))])
        look(engine, "2024-03-08")
        for alert in listed(engine):
            with pytest.raises(NotAcknowledged, match="is over"):
                acknowledge(engine, alert["alert"], "away", date(2024, 3, 20), at("2024-03-08"))

    def test_refuses_a_rung_that_was_never_told(self, engine, missed):
        skipped = next(alert.id for alert in rows(engine, Alert) if alert.skipped)
        with pytest.raises(NotAcknowledged, match="there is no alert"):
            acknowledge(engine, skipped, "away", date(2024, 3, 20), at("2024-03-06"))

    def test_listing_by_team(self, engine, missed):
        assert len(listed(engine, "north")) == 1
        assert listed(engine, "south") == []


class TestLogAhead:
    """The clock waits for its child's log: 15 minutes, and no longer."""

    def append(self, engine: Engine, child: str, known_at, seq: int = 1, **more) -> None:
        raw = {"specversion": "1.0", "id": f"e{seq}", "source": "s", "subject": child, "occurredon": "2024-03-05"}
        visit = {"visit_id": "v", "regime": "cp", "by": "social_worker", "method": "in_person", "seen": True}
        event = from_dict(raw | {"type": "visit.made", "data": visit} | more)
        values = {
            "seq": seq,
            "source": "s",
            "id": f"e{seq}",
            "type": event.kind,
            "subject": child,
            "future": False,
            "shard": shard_of(child),
        }
        hashes = {"salt": b"", "payload": canonical(event), "hash": b"", "chain": b""}
        with engine.begin() as connection:
            connection.execute(
                insert(table_of(LoggedEvent)).values(
                    **values, **hashes, occurred_on=event.day, recorded_at=None, known_at=known_at
                )
            )

    def test_only_that_child_waits(self, engine):
        store_clocks(engine, [watched(), watched(id="k2", child="CHILD-2")])
        self.append(engine, "CHILD-1", at("2024-03-06"))
        assert look(engine, "2024-03-06") == Swept(told=1, skipped=2, notices=1, waiting=1)
        assert told(engine) == [("CHILD-2", "north", "missed")]

    def test_folded_it_is_told_or_not_as_the_clock_now_says(self, engine):
        store_clocks(engine, [watched()])
        self.append(engine, "CHILD-1", at("2024-03-06"))
        assert look(engine, "2024-03-06").waiting == 1
        store_clocks(engine, [stopped(DUE)], folded_to=1)
        assert look(engine, "2024-03-06") == Swept()

    def test_after_15_minutes_it_is_told_with_an_alarm_that_names_nobody(self, engine, caplog):
        store_clocks(engine, [watched()])
        self.append(engine, "CHILD-1", at("2024-03-06"))
        later = at("2024-03-06") + timedelta(minutes=15)
        with caplog.at_level(logging.WARNING):
            assert sweep(engine, CALENDAR, later - timedelta(seconds=1)).waiting == 1
            assert caplog.text == ""
            assert sweep(engine, CALENDAR, later).told == 1
        assert "is the fold running?" in caplog.text
        assert "CHILD" not in caplog.text

    def test_an_event_of_a_merged_id_makes_the_survivor_wait(self, engine):
        store_clocks(engine, [watched()], folded_to=1)
        self.append(engine, "OLD-ID", at("2024-01-01"), type="child.merged", data={"into": "CHILD-1"})
        self.append(engine, "OLD-ID", at("2024-03-06"), seq=2)
        assert look(engine, "2024-03-06").waiting == 1


def test_two_sweepers_at_once_tell_once(engine, another):
    store_clocks(engine, [watched(id=f"k{n}", child=f"CHILD-{n}", team=f"team-{n % 5}") for n in range(200)])
    other = another()
    start, done = threading.Barrier(4), []

    def run(mine: Engine) -> None:
        start.wait()
        done.append(look(mine, "2024-03-06"))

    threads = [threading.Thread(target=run, args=(mine,)) for mine in (engine, other) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(swept.told for swept in done) == 200
    assert sum(swept.notices for swept in done) == len(rows(engine, Notice)) == 5


def test_a_claim_decided_twice_is_written_once(engine):
    """Two machines that decided alike: the key lets the second insert nothing, and so tell nothing."""
    store_clocks(engine, [watched(id=f"k{n}") for n in range(3)])
    now = at("2024-03-06")
    with reader(engine) as connection:
        found = list(candidates(connection, 1, to_look_at(connection, 1, now)))
    tellings = [NewAlert(each, reason_to_tell(each.clock, each.told, Policy(), now)) for each in found]
    with engine.begin() as connection:
        assert claim(connection, tellings[:1], now, MessageContext())[:3] == (1, 2, 1)
        assert claim(connection, tellings, now, MessageContext())[:3] == (2, 4, 1)
        assert claim(connection, tellings, now, MessageContext())[:3] == (0, 0, 0)
    assert {notice.text.split(" × ")[0][-1] for notice in rows(engine, Notice)} == {"1", "2"}


def test_running_clocks_whose_rungs_are_to_come_are_not_read(engine):
    far = [watched(date(2024, 9, 2), id=f"k{n}") for n in range(2, 50)]
    over = [stopped(DUE, id="done"), watched(id="lapsed", lasts_to=DUE)]
    store_clocks(engine, [watched(), *far, *over])
    with reader(engine) as connection:
        assert to_look_at(connection, 1, at("2024-03-06")) == ["k1"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_law_6_on_the_database(tmp_path_factory, data):
    """Whatever the clocks do and whenever anybody looks: a rung at most once, and what is true at a look is told."""
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('law')}/law.db")
    day, ids = date(2024, 2, 26), ["k1", "k2", "k3"]
    for _ in range(data.draw(st.integers(1, 8))):
        day += timedelta(days=data.draw(st.integers(0, 9)))
        clocks = [
            stopped(day, id=id) if data.draw(st.booleans()) else watched(data.draw(st.sampled_from([DUE, day])), id=id)
            for id in data.draw(st.lists(st.sampled_from(ids), unique=True))
        ]
        store_clocks(engine, clocks)
        now = end_of_day(day)
        sweep(engine, CALENDAR, now)
        assert sweep(engine, CALENDAR, now) == Swept()
        open_bad = Counter(alert.clock for alert in rows(engine, Alert) if alert.rung == "cleared")
        for id in ids:
            overdue = any(clock.clock.id == id and clock.clock.status(now) == "overdue" for clock in clocks)
            bad = [
                alert
                for alert in rows(engine, Alert)
                if alert.clock == id and not alert.skipped and alert.spell == open_bad[id] + 1
                if not alert.rung.startswith("due_soon")
            ]
            assert bool(bad) == overdue
    engine.dispose()
