"""Emptying quarantine: what waits there is settled when it is in the log after all, or when somebody says why not."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import DatabaseError

from caseclock.queries.quarantine import quarantined
from schemas.store.engine import reader, table_of
from schemas.store.tables import LoggedEvent, Quarantined, Settled
from services.alerts.sweep.claim import _in_quarantine
from services.ingest.intake.intake import take_in
from services.ingest.intake.quarantine import as_text
from services.ingest.intake.settling import NotWaiting, Settling, retry, set_aside
from services.ingest.log.guards import guard
from tests.helpers.records import NOW, given, merge, record, retraction

SETTLED, QUARANTINE, LOG = table_of(Settled), table_of(Quarantined), table_of(LoggedEvent)


def live(engine: Engine, *records: bytes) -> None:
    take_in(engine, given(*records), history=False, now=NOW)


def settled(engine: Engine) -> dict[int, str]:
    with reader(engine) as connection:
        rows = connection.execute(select(SETTLED.c.quarantined, SETTLED.c.how))
        return {row.quarantined: row.how for row in rows}


def waiting(engine: Engine) -> list[int]:
    return [one["id"] for one in quarantined(engine)]


def logged(engine: Engine) -> list[str]:
    with reader(engine) as connection:
        return list(connection.execute(select(LOG.c.id).order_by(LOG.c.seq)).scalars())


def refused_before(engine: Engine, raw: bytes, reason: str = "of a kind not known then") -> None:
    """A record in quarantine that would be taken today, as an upgrade leaves it."""
    from hashlib import sha256

    guard(engine)
    row = {
        "received_at": NOW,
        "place": "old.ndjson line 1",
        "code": "invalid",
        "reason": reason,
        "subject": json.loads(raw)["subject"],
        "raw": as_text(raw),
        "raw_hash": sha256(raw).hexdigest(),
    }
    with engine.begin() as connection:
        connection.execute(insert(QUARANTINE).values(row))


def test_what_is_sent_right_waits_no_longer(engine: Engine) -> None:
    live(engine, record("e1", colour="red"), record("e2", "C2", colour="red"))
    live(engine, record("e1"))
    assert settled(engine) == {1: "taken"}
    assert waiting(engine) == [2]
    with reader(engine) as connection:
        assert _in_quarantine(connection, ["C1", "C2"]) == {"C2"}


def test_an_event_of_the_child_that_is_another_settles_nothing(engine: Engine) -> None:
    live(engine, record("e1", colour="red"))
    live(engine, record("e9"))
    assert settled(engine) == {}


def test_a_retry_takes_in_what_can_be_now(engine: Engine) -> None:
    refused_before(engine, record("e1"))
    live(engine, record("e2", colour="red"), b"nonsense")
    assert retry(engine, NOW) == Settling(settled=1, waiting=2)
    assert logged(engine) == ["e1"]
    assert settled(engine) == {1: "taken"}
    assert retry(engine, NOW) == Settling(0, 2)


def test_a_retry_refused_for_another_reason_leaves_the_newer_row_waiting(engine: Engine) -> None:
    refused_before(engine, record("e1", colour="red"))
    assert retry(engine, NOW) == Settling(1, 1)
    assert settled(engine) == {1: "refused_again"}
    assert retry(engine, NOW) == Settling(0, 1)


def test_a_conflict_waits_until_it_is_set_aside(engine: Engine) -> None:
    """The log has an event of its identity, and it is not this one."""
    live(engine, record("e1"), record("e1", team="north"))
    assert retry(engine, NOW) == Settling(0, 1)
    set_aside(engine, [1], "the supplier sent it twice, once with the wrong team", NOW)
    assert settled(engine) == {1: "set_aside"}
    assert waiting(engine) == []
    assert quarantined(engine, settled=True)[0]["because"] == "the supplier sent it twice, once with the wrong team"


def test_bytes_that_are_no_text_are_not_tried_again(engine: Engine) -> None:
    live(engine, b'{"id": "\xe9"}')
    assert retry(engine, NOW) == Settling(0, 1)
    with reader(engine) as connection:
        assert len(connection.execute(select(QUARANTINE)).all()) == 1


@pytest.mark.parametrize(
    ("ids", "reason", "said"),
    [
        ([7], "why", "no record number 7 waits"),
        ([1, 7], "why", "no record number 7 waits"),
        ([1], " ", "needs a reason"),
        ([1], "C1 was sent twice", "names the child"),
    ],
)
def test_setting_aside_is_refused_whole(engine: Engine, ids: list[int], reason: str, said: str) -> None:
    live(engine, record("e1", colour="red"))
    with pytest.raises((NotWaiting, ValueError), match=said):
        set_aside(engine, ids, reason, NOW)
    assert settled(engine) == {}


@pytest.mark.parametrize("change", ["DELETE FROM settled", "UPDATE settled SET how = 'taken'"])
def test_what_was_settled_stays_so(engine: Engine, change: str) -> None:
    live(engine, record("e1", colour="red"))
    set_aside(engine, [1], "why", NOW)
    with pytest.raises(DatabaseError, match="stays so"), engine.begin() as connection:
        connection.execute(text(change))


# -- another child's, until a merge says that they are one -------------------------------------------------------------


ONE_CHILD = (
    record("a", "A1"),
    record("b", "B1"),
    merge("m", "A1", "B1"),
    record("a2", "B1", replaces="a", data={"reason": "RC2"}),
    retraction("x", of="a", child="B1"),
)


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (0, 1, 3, 4, 2), (3, 0, 4, 2, 1), (4, 2, 1, 3, 0)])
@pytest.mark.parametrize("together", [True, False])
def test_corrections_under_a_merged_id_are_taken_in_any_order(
    engine: Engine, order: tuple[int, ...], together: bool
) -> None:
    records = [ONE_CHILD[n] for n in order]
    for some in [records] if together else [[one] for one in records]:
        live(engine, *some)
    assert sorted(logged(engine)) == ["a", "a2", "b", "m", "x"]
    assert waiting(engine) == []


def test_a_correction_under_a_child_of_another_group_stays_refused(engine: Engine) -> None:
    live(engine, record("a", "A1"), retraction("x", of="a", child="C1"), merge("m", "A1", "B1"))
    assert logged(engine) == ["a", "m"]
    assert len(waiting(engine)) == 1


def test_once_the_merge_is_withdrawn_they_are_two_again(engine: Engine) -> None:
    live(engine, record("a", "A1"), merge("m", "A1", "B1"), retraction("r", of="m", child="B1"))
    live(engine, retraction("x", of="a", child="B1"))
    assert logged(engine) == ["a", "m", "r"]
    assert len(waiting(engine)) == 1
    live(engine, retraction("r2", of="r", child="B1"))
    assert logged(engine) == ["a", "m", "r", "r2", "x"], "the withdrawal withdrawn says the merge again"


def test_a_merge_replaced_by_another_child_is_no_merge_of_the_first(engine: Engine) -> None:
    live(engine, record("a", "A1"), merge("m", "A1", "B1"), merge("m2", "A1", "C1", replaces="m"))
    live(engine, retraction("x", of="a", child="B1"))
    assert len(waiting(engine)) == 1
    live(engine, retraction("y", of="a", child="C1"))
    assert "y" in logged(engine)
