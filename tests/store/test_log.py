"""The log: one gapless sequence in commit order; nothing is taken out of it or changed but by erasure."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import DatabaseError

from schemas.store.engine import reader, table_of
from schemas.store.tables import Erasure, LoggedEvent, Quarantined
from services.ingest.intake.intake import take_in
from services.ingest.log.append import verify
from services.ingest.log.erase import erase
from services.ingest.log.guards import TRIGGERS, guard
from tests.helpers.records import NOW, given, record, retraction

LOG = table_of(LoggedEvent)
HOUR = timedelta(hours=1)


def rows(engine: Engine, *columns: str) -> list[tuple[object, ...]]:
    with reader(engine) as connection:
        found = connection.execute(select(*(LOG.c[name] for name in columns)).order_by(LOG.c.seq))
        return [tuple(row) for row in found]


def live(engine: Engine, *records: bytes, now: datetime = NOW) -> None:
    take_in(engine, given(*records), history=False, now=now)


def history(engine: Engine, *records: bytes, now: datetime = NOW) -> None:
    take_in(engine, given(*records), history=True, now=now)


def test_the_sequence_has_no_gap_whatever_was_refused(engine: Engine) -> None:
    live(engine, record("e1"), b"{}", record("e2"), record("e1"), record("e3"))
    live(engine, record("e4"))
    assert rows(engine, "seq", "id") == [(1, "e1"), (2, "e2"), (3, "e3"), (4, "e4")]


def test_a_row_tells_what_its_event_tells(engine: Engine) -> None:
    live(engine, record("e1", "C7", occurredon=None, time="2024-05-30T23:30:00Z", recordedtime="2024-06-01T10:00:00Z"))
    (row,) = rows(engine, "type", "subject", "occurred_on", "recorded_at", "known_at", "future")
    assert row[:2] == ("case.closed", "C7")
    assert str(row[2]) == "2024-05-31"  # past midnight in London
    assert row[3:] == (datetime(2024, 6, 1, 10, tzinfo=UTC), NOW, False)


def test_live_events_are_known_now_and_never_earlier_than_the_last(engine: Engine) -> None:
    live(engine, record("e1", recordedtime="2024-03-05T10:00:00Z"))
    live(engine, record("e2"), now=NOW - HOUR)
    live(engine, record("e3"), now=NOW + HOUR)
    assert rows(engine, "known_at") == [(NOW,), (NOW,), (NOW + HOUR,)]


def test_a_clock_that_went_back_is_held_by_the_last_live_event_and_not_by_history(engine: Engine) -> None:
    live(engine, record("e1"))
    history(engine, record("h1", source="mosaic", recordedtime="2020-01-01T00:00:00Z"))
    live(engine, record("e2"), now=NOW - HOUR)
    assert rows(engine, "known_at")[2] == (NOW,)


def test_history_is_known_when_it_was_recorded(engine: Engine) -> None:
    history(
        engine,
        record("h1", recordedtime="2024-03-06T10:00:00+01:00"),
        record("h2"),
        record("h3", recordedtime="2030-01-01T00:00:00Z"),
    )
    assert rows(engine, "known_at") == [(datetime(2024, 3, 6, 9, tzinfo=UTC),), (NOW,), (NOW,)]


def test_what_had_not_happened_when_it_was_known_is_flagged(engine: Engine) -> None:
    live(
        engine,
        record("today", occurredon="2024-06-03"),
        record("tomorrow", occurredon="2024-06-04"),
        record("before", occurredon=None, time="2024-06-03T08:59:00Z"),
        record("after", occurredon=None, time="2024-06-03T09:01:00Z"),
    )
    assert rows(engine, "id", "future") == [("today", False), ("tomorrow", True), ("before", False), ("after", True)]
    late = datetime(2024, 6, 3, 23, 30, tzinfo=UTC)  # the 4th in London
    live(engine, record("same-day", occurredon="2024-06-04"), now=late)
    assert rows(engine, "future")[-1] == (False,)


# -- what the database refuses -------------------------------------------------------------------------------------


BLANK = "id = '~1', type = NULL, subject = NULL, occurred_on = NULL, recorded_at = NULL, salt = NULL, payload = NULL"
ENTER = "INSERT INTO erasure (seq, erased_at, reason) VALUES (1, '2024-06-03', 'asked')"


@pytest.fixture
def raw(engine: Engine, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The store as anybody with the file has it, two events and a refused record in it. (Of PostgreSQL:
    tests/store/test_guards_on_postgresql.py.)"""
    live(engine, record("e1", "C1"), record("e2", "C2"), record("e3", "C1", colour="red"))
    connection = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    yield connection
    connection.close()


SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@SQLITE
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM event_log",
        "DELETE FROM event_log WHERE seq = 2",
        "UPDATE event_log SET payload = payload",
        "UPDATE event_log SET known_at = '2020-01-01' WHERE seq = 1",
        f"UPDATE event_log SET {BLANK} WHERE seq = 1",
        "INSERT OR REPLACE INTO event_log SELECT * FROM event_log WHERE seq = 1",
        "INSERT OR REPLACE INTO event_log SELECT 3, source, id, type, subject, occurred_on, recorded_at, known_at,"
        " future, salt, payload, hash, chain, shard FROM event_log WHERE seq = 1",
        "INSERT INTO event_log SELECT 9, source, 'e9', type, subject, occurred_on, recorded_at, known_at,"
        " future, salt, payload, hash, chain, shard FROM event_log WHERE seq = 1",
        "INSERT INTO erasure (seq, erased_at, reason) VALUES (99, '2024-06-03', 'for later')",
        "DELETE FROM quarantine",
        "UPDATE quarantine SET raw = NULL, subject = NULL",
        "UPDATE quarantine SET reason = 'none'",
        "DELETE FROM feed",
        "UPDATE feed SET live_since = '2030-01-01'",
    ],
)
def test_the_database_refuses(raw: sqlite3.Connection, statement: str) -> None:
    tables = ("event_log", "erasure", "quarantine", "feed")
    before = [raw.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(statement)
    assert [raw.execute(f"SELECT * FROM {table}").fetchall() for table in tables] == before


@SQLITE
@pytest.mark.parametrize(
    "change",
    [
        "payload = NULL",
        BLANK + ", known_at = '2020-01-01'",
        BLANK.replace("'~1'", "'x'"),
        BLANK + ", hash = x'00'",
        BLANK + ", chain = x'00'",
        BLANK + ", future = 1",
        BLANK.replace("type = NULL", "type = 'child.born'"),
        BLANK.replace("payload = NULL", "payload = x'00'"),
    ],
)
def test_an_entered_erasure_allows_blanking_and_nothing_else(raw: sqlite3.Connection, change: str) -> None:
    raw.execute(ENTER)
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute(f"UPDATE event_log SET {change} WHERE seq = 1")
    raw.execute(f"UPDATE event_log SET {BLANK} WHERE seq = 1")
    for statement in ("DELETE FROM erasure", "UPDATE erasure SET reason = 'other'", ENTER):
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(statement)


@SQLITE
def test_guards_are_put_back_where_they_were_taken_away_or_weakened(engine: Engine, raw: sqlite3.Connection) -> None:
    names = sorted(TRIGGERS)
    raw.execute(f"DROP TRIGGER {names[0]}")
    raw.execute(f"DROP TRIGGER {names[1]}")
    raw.execute(f"CREATE TRIGGER {names[1]} BEFORE DELETE ON feed BEGIN SELECT 1; END")
    guard(engine)
    there = dict(raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
    assert there == TRIGGERS


def test_our_own_connections_are_guarded_too(engine: Engine) -> None:
    live(engine, record("e1"))
    with pytest.raises(DatabaseError, match="nothing is taken out"), engine.begin() as connection:
        connection.execute(LOG.delete())


# -- erasure -------------------------------------------------------------------------------------------------------


def test_erasing_a_child_blanks_its_rows_and_enters_it(engine: Engine) -> None:
    live(engine, record("e1", "C1"), record("e2", "C2"), record("e3", "C1"), record("e4", "C1", colour="red"))
    assert erase(engine, "C1", "court order of 1 June", NOW)[:2] == (2, 1)
    id, *blank = rows(engine, "id", "type", "subject", "occurred_on", "salt", "payload")[0]
    assert (str(id)[:1], blank) == ("~", [None] * 5)
    assert [row[0] for row in rows(engine, "subject")] == [None, "C2", None]
    with reader(engine) as connection:
        entries = connection.execute(select(table_of(Erasure)).order_by("seq")).all()
        (kept,) = connection.execute(select(table_of(Quarantined))).all()
    assert [tuple(entry) for entry in entries] == [(seq, NOW, "court order of 1 June") for seq in (1, 3)]
    assert (kept.raw, kept.subject, kept.erased_at, kept.code) == (None, None, NOW, "invalid")
    assert verify(engine).result == "whole"
    assert erase(engine, "C1", "again", NOW)[:2] == (0, 0)


def test_quarantine_is_blanked_wherever_it_names_the_child(engine: Engine) -> None:
    live(engine, record("e1", "C1 ", team="C1"), record("e2", "C12", colour="red"), b'{"into":"C1"', b'"c1"')
    assert erase(engine, "C1", "asked", NOW)[:2] == (0, 3)


def test_what_was_erased_does_not_come_back(engine: Engine) -> None:
    records = record("e1", "C1"), record("e2", "C1", colour="red")
    live(engine, *records)
    erase(engine, "C1", "asked", NOW)
    assert take_in(engine, given(*records), history=False, now=NOW) == (2, 0, 1, 1)
    assert rows(engine, "subject") == [(None,)]
    with reader(engine) as connection:
        assert connection.execute(select(table_of(Quarantined).c.raw)).all() == [(None,)]


def test_a_correction_of_an_erased_event_is_accepted(engine: Engine) -> None:
    live(engine, record("e1", "C1"))
    erase(engine, "C1", "asked", NOW)
    assert take_in(engine, given(retraction("r1", of="e1", child="C2")), history=False, now=NOW).accepted == 1


def test_an_erasure_needs_a_reason_that_does_not_name_the_child(engine: Engine) -> None:
    for reason in (" ", "C1 asked for it"):
        with pytest.raises(ValueError, match="reason"):
            erase(engine, "C1", reason, NOW)
