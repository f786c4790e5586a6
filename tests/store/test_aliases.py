"""A clock whose id changed, because more became known of its start: what was told and promised of it still holds."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, select

from caseclock.queries.alerts import alert_shown
from schemas.store.engine import reader, table_of
from schemas.store.tables import Alert, ClockAlias, ClockRow
from schemas.time.calendar import england
from services.alerts.message.desk import MessageContext
from services.alerts.reports.acknowledge import NotAcknowledged, acknowledge, listed
from services.alerts.reports.ignored import Heeded, ignored
from services.alerts.reports.promises import promises
from services.alerts.sweep.sweep import sweep
from services.ingest.intake.intake import take_in
from services.timeliness.standards.register import load
from services.timeliness.table.catch_up import catch_up, rebuild
from tests.helpers.alert_clocks import at
from tests.helpers.records import given, record, retraction

CALENDAR, REGISTER = england(), load()
GAP, ENQUIRY = "allocated-qualified", "icpc-15wd"
BY = date(2024, 4, 10)


def enquiry(id: str, **more: Any) -> bytes:
    """The start of one enquiry, as this event says it."""
    when = {} if "time" in more else {"occurredon": "2024-03-04"}
    return record(id, kind="enquiry.started", data={"enquiry_id": "E1"}, **({"occurredon": None} | when | more))


def corrected(id: str, of: str, on: str) -> bytes:
    return enquiry(id, replaces=of, recordedtime=f"{on}T09:00:00Z")


HELD = record(
    "c",
    kind="conference.held",
    occurredon="2024-04-02",
    data={"conference": "initial", "outcome": "no_plan", "enquiry_ids": ["E1"], "meeting_id": "m", "complete": True},
)


def known(engine: Engine, day: str, *records: bytes) -> None:
    take_in(engine, given(*records), history=False, now=at(day))
    catch_up(engine, REGISTER, CALENDAR)


def told(engine: Engine, day: str, standard: str = ENQUIRY) -> list[str]:
    """What a sweep at noon of that day tells of a standard."""
    before = {alert["alert"] for alert in listed(engine)}
    sweep(engine, CALENDAR, at(day), desk=MessageContext())
    return [one["rung"] for one in of(engine, standard) if one["alert"] not in before]


def of(engine: Engine, standard: str = ENQUIRY) -> list[dict[str, Any]]:
    return [one for one in listed(engine) if one["standard"] == standard]


def ids(engine: Engine) -> set[str]:
    """The id of the enquiry's clock, which is one."""
    clock = table_of(ClockRow).c
    with reader(engine) as connection:
        return set(connection.execute(select(clock.id).where(clock.standard == ENQUIRY)).scalars())


def told_under(engine: Engine) -> set[str]:
    alert = table_of(Alert).c
    with reader(engine) as connection:
        return set(connection.execute(select(alert.clock).where(alert.standard == ENQUIRY)).scalars())


# what was known first, what became known later; the id of the clock is another then
RENAMED = {
    "the first version arrives after the second": (corrected("e2", "e1", "2024-03-05"), enquiry("e1")),
    "the version between arrives last": (corrected("e3", "e2", "2024-03-06"), corrected("e2", "e1", "2024-03-05")),
    "it was said earlier in the day, under another id": (enquiry("e2", time="2024-03-04T09:00:00Z"), enquiry("e1")),
}


@pytest.mark.parametrize("case", RENAMED)
def test_nothing_is_cleared_and_told_again(engine: Engine, case: str) -> None:
    first, later = RENAMED[case]
    known(engine, "2024-03-04", first)
    assert (told(engine, "2024-03-26"), told(engine, "2024-03-26", GAP)) == (["missed"], [])
    gaps = len(of(engine, GAP))
    known(engine, "2024-03-26", later)
    assert ids(engine).isdisjoint(told_under(engine)), "or this proves nothing"
    assert told(engine, "2024-03-26") == []
    assert len(of(engine, GAP)) == gaps == 1
    rebuild(engine, REGISTER, CALENDAR)
    assert told(engine, "2024-03-27") == []
    known(engine, "2024-04-02", HELD)
    assert told(engine, "2024-04-02") == ["cleared"]
    assert told(engine, "2024-04-03") == []


@pytest.mark.parametrize("case", RENAMED)
def test_a_promise_holds_and_is_kept_or_broken_under_the_other_id(engine: Engine, case: str) -> None:
    first, later = RENAMED[case]
    known(engine, "2024-03-04", first)
    told(engine, "2024-03-26")
    (alert,) = (one["alert"] for one in of(engine))
    acknowledge(engine, alert, "booked", BY, at("2024-03-26"))
    known(engine, "2024-03-26", later)
    assert promises(engine, [alert], at("2024-03-27"))[alert].standing == "open"
    assert told(engine, "2024-04-10") == []  # silent until the day promised has ended
    assert told(engine, "2024-04-11") == ["promise_broken"]
    known(engine, "2024-04-11", HELD)
    assert promises(engine, [alert], at("2024-04-11"))[alert].standing == "kept"


def test_told_under_one_id_cleared_under_the_next_and_called_by_a_third_it_is_over(engine: Engine) -> None:
    known(engine, "2024-03-04", corrected("e3", "e2", "2024-03-06"))
    assert told(engine, "2024-03-26") == ["missed"]
    known(engine, "2024-03-26", corrected("e2", "e1", "2024-03-05"), HELD)
    assert told(engine, "2024-04-02") == ["cleared"]
    known(engine, "2024-04-03", enquiry("e1"))
    assert len(told_under(engine)) == 2
    assert ids(engine).isdisjoint(told_under(engine))
    alert = of(engine)[0]["alert"]
    with pytest.raises(NotAcknowledged, match="over"):
        acknowledge(engine, alert, "why", BY, at("2024-04-03"))
    with reader(engine) as connection:
        shown = alert_shown(connection, alert, at("2024-04-03"))
    assert shown is not None
    assert shown.over
    heeded = next(one for one in ignored(engine, CALENDAR, at("2024-04-20")) if one.standard == ENQUIRY)
    assert heeded == Heeded(ENQUIRY, told=1, answered=0, cleared=1, ignored=0)


def test_one_of_two_sayings_withdrawn_is_no_news_of_a_start_withdrawn(engine: Engine) -> None:
    known(engine, "2024-03-04", enquiry("e1"), enquiry("e2", occurredon="2024-03-05"))
    assert told(engine, "2024-03-06") == []
    known(engine, "2024-03-06", retraction("x", of="e1", occurredon="2024-03-06"))
    assert told(engine, "2024-03-06") == []


def test_one_leaving_ends_again_what_was_ended_for_two_children(engine: Engine) -> None:
    """It is a fact of each of them: its own id is neither's alias, or the store would refuse the second."""
    for child in ("C1", "C2"):
        held = {"allocation_id": f"A-{child}", "worker": "S1", "role": "social_worker", "registered": True}
        ended = {"allocation_id": f"A-{child}", "reason": "left_post"}
        known(
            engine,
            "2024-03-08",
            record(f"e-{child}", child, "enquiry.started", data={"enquiry_id": child}, occurredon="2024-03-04"),
            record(f"w-{child}", child, "worker.allocated", data=held, occurredon="2024-03-04"),
            record(f"d-{child}", child, "worker.deallocated", data=ended, occurredon="2024-03-06"),
        )
    known(engine, "2024-03-08", record("l", "S1", "worker.left", data={}, occurredon="2024-03-07"))
    alias = table_of(ClockAlias).c
    with reader(engine) as connection:
        assert sorted(connection.execute(select(alias.child)).scalars()) == ["C1", "C2"]


def test_aliases_are_those_of_the_clocks_there_are(engine: Engine) -> None:
    """They go with their clock, and a rebuilt store has the same."""
    alias = table_of(ClockAlias).c

    def there() -> set[tuple[str, str]]:
        with reader(engine) as connection:
            return {(one, clock) for one, clock in connection.execute(select(alias.alias, alias.clock))}

    known(engine, "2024-03-04", enquiry("e1"), enquiry("e2"))
    live = there()
    assert {clock for _, clock in live} >= ids(engine)
    rebuild(engine, REGISTER, CALENDAR)
    assert there() == live
    withdrawn = [retraction(f"x{n}", of=f"e{n}", occurredon="2024-03-06") for n in (1, 2)]
    known(engine, "2024-03-06", *withdrawn)
    assert there() == set()
