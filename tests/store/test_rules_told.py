"""The first telling after the rules or the software changed: one list, and no flood of what was told before."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, select, update

from schemas.store import tables
from schemas.store.engine import reader, table_of
from schemas.store.tables import Alert, Notice, Progress, RulesTold
from services.alerts.message.desk import MessageContext
from services.alerts.sweep.sweep import Swept, sweep
from tests.helpers.alert_clocks import CALENDAR, at, store_clocks, watched
from tests.helpers.alert_routes import desk

DESK = MessageContext({"cp-visit": "Child protection visit"}, release="1")
NEXT_RELEASE = DESK._replace(release="2")
EARLIER = date(2024, 2, 20)  # the due day by other rules


def look(engine: Engine, when: str, by: MessageContext = DESK, clocks: tuple[str, ...] | None = None) -> Swept:
    return sweep(engine, CALENDAR, at(when), desk=by, clocks=clocks)


def texts(engine: Engine, when: str) -> list[str]:
    with reader(engine) as connection:
        found = connection.execute(select(table_of(Notice)).order_by(table_of(Notice).c.created_at)).all()
    return [row.text for row in found if row.created_at == at(when)]


def told(engine: Engine, when: str) -> list[tuple[str, str, str, str]]:
    with reader(engine) as connection:
        found = connection.execute(select(table_of(Alert))).all()
    return sorted((a.child, a.clock, a.rung, a.level) for a in found if a.told_at == at(when) and not a.skipped)


def by_other_rules(engine: Engine, register: str = "r2") -> None:
    with engine.begin() as connection:
        connection.execute(update(table_of(Progress)).values(register_version=register))


def test_what_new_rules_make_overdue_is_one_list_for_the_team_manager(engine: Engine) -> None:
    overdue = watched(id="k30", child="C30")
    store_clocks(engine, [overdue, *(watched(date(2024, 4, 2), id=f"k{n}", child=f"C{n}") for n in range(30))])
    assert look(engine, "2024-03-12").told == 1
    store_clocks(engine, [overdue, *(watched(EARLIER, id=f"k{n}", child=f"C{n}") for n in range(30))])
    by_other_rules(engine)
    assert look(engine, "2024-03-13").notices == 1
    assert {each[2:] for each in told(engine, "2024-03-13")} == {("still_missed_5wd", "team_manager")}
    (text,) = texts(engine, "2024-03-13")
    assert text.splitlines()[2:4] == [
        "Since the rules or the software changed:",
        "- 30 × Child protection visit: still overdue after 5 working days (due Tue 20 February 2024)",
    ]
    assert look(engine, "2024-03-14") == Swept(), "and once"


def test_a_clock_with_another_id_is_not_taken_back_and_told_again(engine: Engine) -> None:
    store_clocks(engine, [watched(id="old", child="C1"), watched(id="gone", child="C2")])
    assert look(engine, "2024-03-06").told == 2
    store_clocks(engine, [watched(id="new", child="C1")])
    look(engine, "2024-03-07", NEXT_RELEASE)
    assert [rung for _, _, rung, _ in told(engine, "2024-03-07")] == ["missed", "cleared", "cleared"]
    (text,) = texts(engine, "2024-03-07")
    assert text.startswith("Team north: 1 overdue, 1 no longer overdue.")


def test_what_happened_since_is_told_as_ever(engine: Engine) -> None:
    """A rung that came after managers were last told by the old rules goes up the line."""
    store_clocks(engine, [watched()])
    look(engine, "2024-03-11")
    by_other_rules(engine)
    look(engine, "2024-03-12")
    assert told(engine, "2024-03-12") == [("CHILD-1", "k1", "still_missed_5wd", "service_manager")]
    assert "changed" not in texts(engine, "2024-03-12")[0]


def test_a_look_at_some_clocks_leaves_them_to_the_list(engine: Engine) -> None:
    store_clocks(engine, [watched(id="k2", child="C2")])
    look(engine, "2024-03-06")
    store_clocks(engine, [watched(id="k2", child="C2"), watched(EARLIER, id="k1")])
    by_other_rules(engine)
    assert look(engine, "2024-03-07", clocks=("k1",)) == Swept(held=1)
    assert look(engine, "2024-03-07").told == 1


@pytest.mark.parametrize("register", ["", "half"])
def test_while_clocks_are_still_folded_anew_nothing_is_noted(engine: Engine, register: str) -> None:
    """A migrated store waits for its fold; of many machines some shards are folded and some are not."""
    store_clocks(engine, [watched(id="k2", child="C2")])
    look(engine, "2024-03-06")
    with engine.begin() as connection:
        progress = table_of(Progress)
        some = progress.c.shard < (64 if not register else 30)
        connection.execute(update(progress).where(some).values(register_version=register))
    look(engine, "2024-03-07")
    by_other_rules(engine)
    store_clocks(engine, [watched(id="k2", child="C2"), watched(EARLIER, id="k1")])
    by_other_rules(engine)
    look(engine, "2024-03-08")
    assert told(engine, "2024-03-08") == [("CHILD-1", "k1", "still_missed_5wd", "team_manager")]
    with reader(engine) as connection:
        noted = connection.execute(select(table_of(RulesTold).c.rules)).scalars().all()
    assert len(noted) == 2


def test_with_routes_the_list_is_part_of_the_next_digest(engine: Engine) -> None:
    by = desk()
    store_clocks(engine, [watched(id="k2", child="C2")])
    look(engine, "2024-03-06T09:00", by)
    store_clocks(engine, [watched(id="k2", child="C2"), watched(EARLIER, id="k1")])
    by_other_rules(engine)
    assert look(engine, "2024-03-06T10:00", by).told == 0
    look(engine, "2024-03-07T09:00", by)
    assert told(engine, "2024-03-07T09:00") == [("CHILD-1", "k1", "still_missed_5wd", "team_manager")]
    assert "Since the rules or the software changed:" in texts(engine, "2024-03-07T09:00")[0]
    with reader(engine) as connection:
        days = connection.execute(select(table_of(tables.DigestDay))).all()
    assert len(days) == 2
