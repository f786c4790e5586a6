"""A copy kept, and put back: the log is whole, guarded and goes on. As docs/operations.md tells it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from caseclock.demo.county import County
from schemas.store.engine import connect
from schemas.time.calendar import england
from services.ingest.intake.intake import take_in
from services.ingest.log.append import verify
from services.ingest.log.guards import TRIGGERS
from services.ingest.readers.given import Given
from services.timeliness.standards.register import load
from services.timeliness.table.catch_up import catch_up, rebuild
from tests.helpers.databases import content
from tests.helpers.postgres import Server
from tests.helpers.records import NOW, given, record

CALENDAR, REGISTER = england(), load()


def fill(engine: Engine) -> None:
    county = [raw for _, raw in County(10, date(2024, 1, 1), date(2024, 6, 3), seed=2)]
    take_in(engine, Given([*county, b"nonsense"], "county"), history=False, now=NOW)
    catch_up(engine, REGISTER, CALENDAR)


def check(restored: Engine, original: Engine) -> None:
    assert content(restored) == content(original)
    assert verify(restored) == verify(original)
    assert rebuild(restored, REGISTER, CALENDAR).equal
    with pytest.raises(DatabaseError, match="nothing is taken out"), restored.begin() as connection:
        connection.exec_driver_sql("DELETE FROM event_log")
    taken = take_in(restored, given(record("new"), b"more nonsense"), history=False, now=NOW)
    assert (taken.accepted, taken.rejected) == (1, 1)
    assert verify(restored).result == "whole"


@pytest.fixture
def empty(postgres: Server) -> Iterator[str]:
    url = postgres.database()
    yield url
    postgres.drop(url)


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_pg_dump_and_pg_restore(engine: Engine, postgres: Server, empty: str, tmp_path: Path) -> None:
    fill(engine)
    kept = tmp_path / "store.dump"
    kept.write_bytes(postgres.program("pg_dump", "-Fc", "-d", uri(engine.url.render_as_string())))
    postgres.program("pg_restore", "--exit-on-error", "-d", uri(empty), str(kept))
    restored = connect(empty)
    check(restored, engine)
    restored.dispose()


def uri(url: str) -> str:
    """As PostgreSQL's programs take it."""
    return url.replace("postgresql+psycopg:", "postgresql:")


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_sqlite_store_is_copied_while_it_is_in_use(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    kept = tmp_path / "kept.db"
    with engine.connect() as connection:  # somebody is writing
        connection.exec_driver_sql("INSERT INTO feed VALUES ('not yet', '2024-06-03T09:00:00.000000Z')")
        source = sqlite3.connect(engine.url.database or "")
        target = sqlite3.connect(kept)
        source.backup(target)
        target.close()
        source.close()
    restored = connect(f"sqlite:///{kept}")
    with restored.connect() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
        assert set(names) == set(TRIGGERS)
    check(restored, engine)
    restored.dispose()
