"""From one version of the tables to the next: nothing is lost, and all stores end alike."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, inspect
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel

from caseclock.demo.county import County
from schemas.store import versions
from schemas.store.engine import connect, open_engine, reader, table_of
from schemas.store.erased import OPTION
from schemas.store.postgres import next_numbers
from schemas.store.tables import LoggedEvent
from schemas.store.versions import NEWEST, VERSIONS, StoreRefused, upgrade
from schemas.time.calendar import england
from schemas.time.days import start_of_day
from services.ingest.decide.chain import BEGINNING, former_link
from services.ingest.intake.intake import take_in
from services.ingest.log.append import verify
from services.ingest.log.erase import erase
from services.ingest.log.guards import TRIGGERS, guard
from services.ingest.log.guards_postgres import GUARDS
from services.ingest.log.row import spelt
from services.ingest.readers.given import Given
from services.timeliness.standards.register import load
from services.timeliness.table.catch_up import catch_up, rebuild
from tests.helpers.databases import DATABASES, content
from tests.helpers.postgres import Server
from tests.helpers.records import given, record

CALENDAR, REGISTER = england(), load()
TODAY = date(2024, 6, 3)
NOW = start_of_day(TODAY)
SCRIPTS = Path(__file__).parents[2] / "schemas" / "store" / "migrations"
NewDatabase = Callable[[], Engine]


@pytest.fixture(params=DATABASES)
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewDatabase]:
    """Opens new databases with nothing in them."""
    opened: list[Engine] = []

    def make() -> Engine:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path}/{len(opened)}.db"
        else:
            url = request.getfixturevalue("postgres").database()
        opened.append(open_engine(url))
        opened[-1].update_execution_options(**{OPTION: "a key that is kept apart from backups"})
        return opened[-1]

    yield make
    for engine in opened:
        engine.dispose()


def migrate(engine: Engine, version: str) -> None:
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(SCRIPTS))
        command.upgrade(config, version)


def shape(engine: Engine) -> dict[str, Any]:
    """Tables, columns, keys and indexes; the order of columns apart."""
    there = inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in there.get_columns(table)
            },
            "key": there.get_pk_constraint(table)["constrained_columns"],
            "unique": sorted((key["name"], key["column_names"]) for key in there.get_unique_constraints(table)),
            "indexes": sorted(
                (index["name"], index["column_names"], index["unique"], options(index))
                for index in there.get_indexes(table)
            ),
        }
        for table in there.get_table_names()
    }


def options(index: Any) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in index.get("dialect_options", {}).items())


def test_the_versions_are_those_of_the_migrations() -> None:
    scripts = ScriptDirectory(str(SCRIPTS))
    assert scripts.get_heads() == [NEWEST], "a migration needs its number in schemas/store/versions.py"
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == VERSIONS


def test_made_at_one_go_and_brought_up_are_alike(new_database: NewDatabase) -> None:
    made, brought_up = new_database(), new_database()
    versions.prepare(made)
    migrate(brought_up, NEWEST)
    assert shape(brought_up) == shape(made), (
        "schemas/store/tables.py and the migrations differ: see schemas/store/migrations"
    )


def test_a_store_gets_its_tables_when_it_is_first_opened(new_database: NewDatabase) -> None:
    engine = new_database()
    assert upgrade(engine) == (NEWEST, NEWEST)
    before = shape(engine)
    versions.prepare(engine)
    assert upgrade(engine) == (NEWEST, NEWEST)
    assert shape(engine) == before


# -- an older store ------------------------------------------------------------------------------------------------


def fill(engine: Engine) -> None:
    """A newest store with something in every table that an older one has, but for alerts."""
    county = [raw for _, raw in County(12, date(2024, 1, 1), TODAY, seed=5)]
    records = [*county, record("e1", "C1"), record("e2", "C2"), b"nonsense"]
    take_in(engine, Given(records, "county"), history=False, now=NOW)
    erase(engine, "C2", "records panel", NOW)
    catch_up(engine, REGISTER, CALENDAR)


def make_old(newest: Engine, old: Engine, version: str) -> None:
    """Give an older store what a newest one holds, and the guards of its time."""
    migrate(old, version)
    head = verify(newest).checked
    with reader(newest) as reading, old.begin() as writing:
        mark = "?" if old.dialect.name == "sqlite" else "%s"
        for table in inspect(writing).get_table_names():
            if table == "alembic_version":
                continue
            theirs = {column["name"] for column in inspect(writing).get_columns(table)}
            columns = [c["name"] for c in inspect(reading).get_columns(table) if c["name"] in theirs]
            rows = reading.exec_driver_sql(f"SELECT {', '.join(columns)} FROM {table}").all()
            values = [tuple(row) for row in rows]
            if table == "generation" and "folded_to" in theirs:
                columns += ["folded_to", "register_version", "calendar_version"]
                values = [(*row, head, REGISTER.version, CALENDAR.version) for row in values]
            if table == "event_log" and version < "0016":
                values = chained_formerly(columns, values)
            if values:
                marks = ", ".join([mark] * len(columns))
                writing.exec_driver_sql(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)
            if old.dialect.name == "postgresql":
                next_numbers(writing, SQLModel.metadata.tables[table])
        for statement in guards_of_the_time(old, writing):
            writing.exec_driver_sql(statement)


def chained_formerly(columns: list[str], rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows of the log with the chain that they had when it covered ids."""
    at, chain, chained = {name: n for n, name in enumerate(columns)}, BEGINNING, []
    for row in sorted(rows, key=lambda row: row[at["seq"]]):
        seq, content, known_at, source, id = (row[at[name]] for name in ("seq", "hash", "known_at", "source", "id"))
        chain = former_link(chain, seq, content, spelt(known_at), source, id)
        chained.append((*row[: at["chain"]], chain, *row[at["chain"] + 1 :]))
    return chained


def guards_of_the_time(engine: Engine, connection: Connection) -> list[str]:
    """The guards, but for the tables and columns that were not there yet."""
    tables = inspect(connection).get_table_names()
    there = {column["name"] for column in inspect(connection).get_columns("event_log")}
    later = [column.name for column in table_of(LoggedEvent).columns if column.name not in there]

    def then(sql: str) -> str:
        for name in later:
            sql = re.sub(rf" AND NEW\.{name} IS (NOT DISTINCT FROM )?OLD\.{name}", "", sql)
        return sql

    if engine.dialect.name == "sqlite":
        return [then(sql) for name, sql in TRIGGERS.items() if name.partition("_guards_")[0] in tables]
    return [
        sql
        for name, guard_ in GUARDS.items()
        if guard_.table in tables
        for sql in (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard${then(guard_.body)}$guard$",
            f"CREATE TRIGGER {name} {guard_.when} EXECUTE FUNCTION {name}()",
        )
    ]


def facts(engine: Engine) -> list[Any]:
    """The columns of the log that it had at first; of the others `verify` looks whether they are as they must be."""
    columns = "seq, source, id, type, subject, occurred_on, recorded_at, known_at, future, salt, payload, hash, chain"
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM event_log ORDER BY seq")]


@pytest.mark.parametrize("version", VERSIONS[:-1])
def test_what_was_in_it_is_still_there(new_database: NewDatabase, version: str) -> None:
    newest, old = new_database(), new_database()
    versions.prepare(newest)
    fill(newest)
    make_old(newest, old, version)
    with pytest.raises(StoreRefused, match="run `caseclock migrate`"):
        versions.prepare(old)

    assert upgrade(old) == (version, NEWEST)

    versions.prepare(old)
    guard(old)
    assert shape(old) == shape(newest)
    assert verify(old) == verify(newest)
    catch_up(old, REGISTER, CALENDAR)
    cases = [row[1:] for row in content(old)["open_case"]]  # without the generation
    assert cases == [row[1:] for row in content(newest)["open_case"]] != []
    rebuilt = rebuild(old, REGISTER, CALENDAR)
    assert rebuilt.equal
    assert rebuilt.digest == rebuild(newest, REGISTER, CALENDAR).digest
    for name in ("erasure", "quarantine", "feed"):
        assert content(old)[name] == content(newest)[name]
    assert facts(old) == facts(newest)
    with pytest.raises(DatabaseError, match="nothing is taken out"), old.begin() as connection:
        connection.execute(table_of(LoggedEvent).delete())
    taken = take_in(old, given(record("e1", "C1"), record("e9"), b"more"), history=False, now=NOW)
    assert taken == (3, 1, 1, 1)


def test_a_store_that_names_no_version_is_of_the_first(new_database: NewDatabase) -> None:
    engine = new_database()
    migrate(engine, VERSIONS[0])
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    with pytest.raises(StoreRefused, match=f"is of version {VERSIONS[0]}"):
        versions.prepare(engine)
    assert upgrade(engine) == (VERSIONS[0], NEWEST)
    versions.prepare(engine)


def test_a_newer_store_is_refused(new_database: NewDatabase) -> None:
    engine = new_database()
    versions.prepare(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for opening in (versions.prepare, upgrade):
        with pytest.raises(StoreRefused, match=r"of version 9999, which .* use a newer caseclock"):
            opening(engine)


def test_cut_off_it_has_the_version_it_had(new_database: NewDatabase) -> None:
    newest, old = new_database(), new_database()
    versions.prepare(newest)
    fill(newest)
    make_old(newest, old, VERSIONS[0])
    before = shape(old), facts(old)

    def cut_off(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE alembic_version"):
            raise KeyboardInterrupt

    event.listen(old, "before_cursor_execute", cut_off)
    with pytest.raises(KeyboardInterrupt):
        upgrade(old)
    event.remove(old, "before_cursor_execute", cut_off)
    assert (shape(old), facts(old)) == before
    assert upgrade(old) == (VERSIONS[0], NEWEST)


# -- PostgreSQL alone ----------------------------------------------------------------------------------------------


def test_several_may_open_a_new_store_at_once(postgres: Server) -> None:
    url, start, wrong = postgres.database(), threading.Barrier(4), []

    def open_it() -> None:
        try:
            start.wait()
            connect(url).dispose()
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    postgres.drop(url)


def test_a_database_of_another_encoding_is_refused(postgres: Server) -> None:
    url = postgres.database(" ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'")
    with pytest.raises(StoreRefused, match="encoding is SQL_ASCII: create one with ENCODING 'UTF8'"):
        connect(url)
    postgres.drop(url)
