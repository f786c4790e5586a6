"""What became of promises, and which alerts nobody acted on."""

from __future__ import annotations

from datetime import date

import pytest

from services.alerts.message.desk import MessageContext
from services.alerts.reports.acknowledge import acknowledge, listed
from services.alerts.reports.ignored import Heeded, ignored
from services.alerts.reports.promises import promises, standing
from services.alerts.reports.undelivered import outstanding
from services.alerts.sweep.sweep import sweep
from tests.helpers.alert_clocks import CALENDAR, at, stopped, store_clocks, watched
from tests.helpers.alert_routes import desk, routes

BY = date(2024, 3, 20)


class TestStanding:
    @pytest.mark.parametrize(
        ("clock", "when", "expected"),
        [
            (watched(), "2024-03-20", "open"),
            (watched(), "2024-03-21", "broken"),
            (stopped(date(2024, 3, 20)), "2024-03-20", "kept"),
            (stopped(date(2024, 3, 20)), "2024-04-30", "kept"),
            (stopped(date(2024, 3, 21)), "2024-04-30", "broken"),
            (stopped(date(2024, 3, 25)), "2024-03-20", "open"),  # as it was then
            (watched(ended="voided", ended_on=date(2024, 3, 10)), "2024-03-21", "lapsed"),
            (watched(ended="cancelled", ended_on=date(2024, 3, 25)), "2024-03-26", "broken"),
            (watched(unmeasured="no visits"), "2024-03-21", "lapsed"),
            (watched(lasts_to=date(2024, 3, 15)), "2024-03-21", "lapsed"),
        ],
    )
    def test_kept_or_broken(self, clock, when, expected):
        assert standing(clock.clock, BY, at(when)) == expected

    def test_a_start_withdrawn_leaves_nothing_to_keep(self):
        assert standing(None, BY, at("2024-03-21")) == "lapsed"

    def test_the_last_answer_to_an_alert_counts(self, engine):
        store_clocks(engine, [watched(), watched(id="k2")])
        sweep(engine, CALENDAR, at("2024-03-06"))
        first, second = (alert["alert"] for alert in listed(engine))
        for by in (date(2024, 3, 8), BY):
            acknowledge(engine, first, f"by {by}", by, at("2024-03-06"))
        found = promises(engine, [first, second], at("2024-03-11"))
        assert {alert: (one.reason, one.by_on, one.standing) for alert, one in found.items()} == {
            first: ("by 2024-03-20", BY, "open")
        }
        assert promises(engine, [first], at("2024-03-21"))[first].standing == "broken"

    def test_a_broken_one_goes_up_a_rung_and_says_what_was_promised(self, engine):
        store_clocks(engine, [watched()])
        by = desk(channels=("console",))
        sweep(engine, CALENDAR, at("2024-03-06"), desk=by)
        acknowledge(engine, listed(engine)[0]["alert"], "away", date(2024, 3, 7), at("2024-03-06"))
        assert sweep(engine, CALENDAR, at("2024-03-08"), desk=by).notices == 2  # the service manager's too


class TestIgnored:
    def tell(self, engine, when: str) -> None:
        sweep(engine, CALENDAR, at(when), desk=MessageContext())

    def test_neither_answered_nor_cleared_in_time(self, engine):
        clocks = [watched(id=f"k{n}", standard="icpc-15wd" if n == 4 else "cp-visit") for n in range(5)]
        store_clocks(engine, clocks)
        self.tell(engine, "2024-03-06")
        alerts = {alert.clock: alert.id for alert in _alerts(engine)}
        acknowledge(engine, alerts["k0"], "away", BY, at("2024-03-13"))  # on the 5th working day
        acknowledge(engine, alerts["k1"], "away", BY, at("2024-03-14"))  # too late
        store_clocks(engine, [stopped(date(2024, 3, 8), id="k2"), *clocks[:2], *clocks[3:]])
        self.tell(engine, "2024-03-11")
        assert ignored(engine, CALENDAR, at("2024-03-13")) == []
        assert ignored(engine, CALENDAR, at("2024-03-14")) == [
            Heeded("cp-visit", told=4, answered=1, cleared=1, ignored=2),
            Heeded("icpc-15wd", told=1, answered=0, cleared=0, ignored=1),
        ]

    def test_warnings_and_good_news_ask_for_no_answer(self, engine):
        store_clocks(engine, [watched()])
        self.tell(engine, "2024-03-01")
        assert ignored(engine, CALENDAR, at("2024-03-29")) == []


def test_what_is_outstanding(engine):
    store_clocks(engine, [watched(), watched(id="k2", team="vacant"), watched(id="k3", team="nowhere")])
    assert outstanding(engine, at("2024-03-06"), routes()).unmanned == ("nowhere", "vacant")
    sweep(engine, CALENDAR, at("2024-03-06"), desk=desk(channels=("email",)))
    assert outstanding(engine, at("2024-03-06"), routes())[:3] == (3, 0, ())
    assert outstanding(engine, at("2024-03-06"), None)[:2] == (3, 0)
    assert outstanding(engine, at("2024-04-30"), routes())[:2] == (0, 0)  # nobody wants it any more


def _alerts(engine):
    from sqlalchemy import select

    from schemas.store.engine import reader, table_of
    from schemas.store.tables import Alert

    table = table_of(Alert)
    with reader(engine) as connection:
        return connection.execute(select(table).where(~table.c.skipped)).all()
