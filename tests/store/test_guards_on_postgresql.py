"""What PostgreSQL itself refuses, whoever asks: each of these is tried and changes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, IntegrityError

from schemas.store.engine import table_of
from schemas.store.tables import LoggedEvent
from schemas.time.calendar import england
from services.ingest.intake.intake import take_in
from services.ingest.log.append import verify
from services.ingest.log.erase import erase
from services.ingest.log.guarded import NEXT, RULES
from services.ingest.log.guards import guard
from services.ingest.log.guards_postgres import GUARDS
from services.timeliness.standards.register import load
from services.timeliness.table.catch_up import catch_up
from tests.helpers.databases import content, open_with_key
from tests.helpers.records import NOW, given, record

pytestmark = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)

SAID = "|".join(rule.said for rule in (*RULES, NEXT))
BLANK = "id = '~1', type = NULL, subject = NULL, occurred_on = NULL, recorded_at = NULL, salt = NULL, payload = NULL"
ENTER = "INSERT INTO erasure (seq, erased_at, reason) VALUES (1, '2024-06-03', 'asked')"
BYTE = "decode('00', 'hex')"
REST = ", ".join(c.name for c in table_of(LoggedEvent).columns if c.name not in ("seq", "source", "id"))


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """Two events and a refused record."""
    records = record("e1", "C1"), record("e2", "C2"), record("e3", "C1", colour="red")
    take_in(engine, given(*records), history=False, now=NOW)
    return engine


def refused(engine: Engine, statement: str, said: str = SAID, *, first: str | None = None) -> None:
    """Tries a statement, after another in the same transaction; nothing of either is left."""
    before = content(engine)
    with engine.connect() as connection, connection.begin() as transaction:
        if first is not None:
            connection.exec_driver_sql(first)
        with pytest.raises(IntegrityError, match=said):
            connection.exec_driver_sql(statement)
        transaction.rollback()
    assert content(engine) == before


def logging(what: str, where: str = "") -> str:
    """Logs rows that are there again, with another number, source and id."""
    return f"INSERT INTO event_log (seq, source, id, {REST}) SELECT {what}, {REST} FROM event_log {where}"


def test_what_is_refused(filled: Engine) -> None:
    for statement in (
        "DELETE FROM event_log",
        "DELETE FROM event_log WHERE seq = 2",
        "TRUNCATE event_log",
        "TRUNCATE erasure, quarantine, feed",
        "UPDATE event_log SET payload = payload",
        "UPDATE event_log SET known_at = '2020-01-01' WHERE seq = 1",
        f"UPDATE event_log SET {BLANK} WHERE seq = 1",
        "INSERT INTO event_log SELECT * FROM event_log WHERE seq = 1 ON CONFLICT (seq) DO UPDATE SET payload = NULL",
        logging("9, source, 'e9'", "WHERE seq = 1"),
        logging("2 + 2 * seq, source, 'n' || id"),
        logging("1 - seq, source, 'n' || id"),
        logging("3 - 4 * (seq - 1), source, 'n' || id"),
        "INSERT INTO erasure (seq, erased_at, reason) VALUES (99, '2024-06-03', 'for later')",
        "DELETE FROM quarantine",
        "UPDATE quarantine SET raw = NULL, subject = NULL",
        "UPDATE quarantine SET reason = 'none'",
        "DELETE FROM feed",
        "UPDATE feed SET live_since = '2030-01-01'",
    ):
        refused(filled, statement)
    refused(filled, logging("3, source, id", "WHERE seq = 1"), said="event_identity")


def test_an_entered_erasure_allows_blanking_and_nothing_else(filled: Engine) -> None:
    for change in (
        "payload = NULL",
        BLANK + ", known_at = '2020-01-01'",
        BLANK.replace("'~1'", "'x'"),
        BLANK + f", hash = {BYTE}",
        BLANK + f", chain = {BYTE}",
        BLANK + ", future = true",
        BLANK.replace("type = NULL", "type = 'child.born'"),
        BLANK.replace("payload = NULL", f"payload = {BYTE}"),
    ):
        refused(filled, f"UPDATE event_log SET {change} WHERE seq = 1", first=ENTER)
    erase(filled, "C1", "asked", NOW)
    for statement in ("DELETE FROM erasure", "UPDATE erasure SET reason = 'other'", ENTER):
        refused(filled, statement)
    assert verify(filled).result == "whole"


def test_guards_are_put_back_where_they_were_taken_away_or_weakened(engine: Engine) -> None:
    taken, weakened, switched_off, conditional, replaced = sorted(GUARDS)[:5]
    table = {name: GUARDS[name].table for name in GUARDS}
    whole = definitions(engine)
    assert len(whole) == len(GUARDS)
    with engine.begin() as connection:
        for statement in (
            f"DROP TRIGGER {taken} ON {table[taken]}",
            f"CREATE OR REPLACE FUNCTION {weakened}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            f"ALTER TABLE {table[switched_off]} DISABLE TRIGGER {switched_off}",
            f"DROP TRIGGER {conditional} ON {table[conditional]}",
            f"CREATE TRIGGER {conditional} {GUARDS[conditional].when} WHEN (1 > 2) EXECUTE FUNCTION {conditional}()",
            f"DROP TRIGGER {replaced} ON {table[replaced]}",
            f"CREATE TRIGGER {replaced} AFTER INSERT ON {table[replaced]} EXECUTE FUNCTION {replaced}()",
        ):
            connection.exec_driver_sql(statement)
    assert len(set(whole) - set(definitions(engine))) == 5
    guard(engine)
    assert definitions(engine) == whole
    take_in(engine, given(record("e1")), history=False, now=NOW)
    with pytest.raises(DatabaseError, match="nothing is taken out"), engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM event_log")


def definitions(engine: Engine) -> list[str]:
    query = (
        "SELECT pg_get_triggerdef(t.oid) || t.tgenabled::text || p.prosrc FROM pg_trigger t"
        " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal ORDER BY 1"
    )
    with engine.connect() as connection:
        return list(connection.exec_driver_sql(query).scalars())


def test_a_worker_needs_no_right_to_change_the_tables(filled: Engine) -> None:
    with filled.begin() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS worker")
        connection.exec_driver_sql("CREATE ROLE worker LOGIN")
        connection.exec_driver_sql("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO worker")
        connection.exec_driver_sql("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO worker")
    engine = open_with_key(str(filled.url).replace("caseclock@", "worker@"))
    try:
        assert take_in(engine, given(record("e4"), b"{}"), history=False, now=NOW)[1:] == (1, 0, 1)
        erase(engine, "C1", "asked", NOW)
        catch_up(engine, load(), england())
        with pytest.raises(DatabaseError, match="permission denied"), engine.begin() as connection:
            connection.exec_driver_sql("TRUNCATE feed")
    finally:
        engine.dispose()
        with filled.begin() as connection:
            connection.exec_driver_sql("DROP OWNED BY worker")
            connection.exec_driver_sql("DROP ROLE worker")


def test_who_drops_the_guards_is_found_out_by_the_chain(filled: Engine) -> None:
    whole = verify(filled)
    head = f"{whole.checked}:{whole.digest}"
    unguarded(filled, "CREATE TABLE kept AS TABLE event_log")
    for statement, where, what in (
        (f"UPDATE event_log SET payload = {BYTE} WHERE seq = 2", 2, "payload, salt or hash"),
        ("UPDATE event_log SET known_at = '2020-01-01' WHERE seq = 1", 1, "chain does not hold"),
        ("UPDATE event_log SET subject = 'C9' WHERE seq = 2", 2, "subject is not what its payload says"),
        ("DELETE FROM event_log WHERE seq = 1", 1, "row 1 is missing"),
        ("DELETE FROM event_log WHERE seq = 2", 2, "the end was cut off"),
    ):
        unguarded(filled, statement)
        found = verify(filled, head)
        assert (found.result, found.where) == ("broken", where)
        assert what in str(found.what)
        unguarded(filled, "DELETE FROM event_log", "INSERT INTO event_log TABLE kept")
    assert verify(filled, head) == whole


def unguarded(engine: Engine, *statements: str) -> None:
    """As somebody who may switch off every trigger."""
    with engine.begin() as connection:
        for statement in ("SET LOCAL session_replication_role = replica", *statements):
            connection.exec_driver_sql(statement)
