"""How many messages managers get a week."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from caseclock.queries.alert_load import Spread, load, whole_weeks
from schemas.store.engine import table_of
from schemas.store.tables import Notice
from tests.helpers.alert_clocks import at
from tests.helpers.alert_routes import routes

MONDAY = date(2024, 3, 4)


@pytest.mark.parametrize(
    ("first", "last", "weeks"),
    [
        (date(2024, 3, 4), date(2024, 3, 10), [MONDAY]),
        (date(2024, 3, 5), date(2024, 3, 17), [date(2024, 3, 11)]),
        (date(2024, 3, 4), date(2024, 3, 9), []),
        (date(2024, 3, 3), date(2024, 3, 18), [MONDAY, date(2024, 3, 11)]),
    ],
)
def test_whole_weeks(first, last, weeks):
    assert whole_weeks(first, last) == weeks


def test_weeks_without_a_message_count_too(engine):
    days = [
        ("ann", "digest", 0),
        ("ann", "digest", 1),
        ("ann", "at_once", 1),
        ("bob", "digest", 7),
        ("sam", "digest", 9),
    ]
    days += [("ann", "digest", 14)]  # in no whole week
    rows = [
        {
            "id": f"n{n}",
            "team": "north",
            "level": "team_manager",
            "text": "",
            "recipient": who,
            "kind": kind,
            "created_at": at(str(MONDAY + timedelta(days=day))),
        }
        for n, (who, kind, day) in enumerate(days)
    ]
    with engine.begin() as connection:
        connection.execute(insert(table_of(Notice)), rows)
    found = {one.level: one for one in load(engine, routes(), MONDAY, MONDAY + timedelta(days=15))}
    managers = found["team_manager"]
    assert (managers.people, managers.weeks) == (3, 2)
    assert (managers.digests, managers.at_once) == (Spread(0, 2, 2), Spread(0, 1, 1))
    assert managers.all == Spread(0, 3, 3)
    assert found["service_manager"].digests == Spread(0, 1, 1)
