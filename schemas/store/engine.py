"""Opening the store, and writing many rows at once. SQLite by default; any SQLAlchemy URL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Engine,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from schemas.store import postgres, versions
from schemas.store.sqlite_file import for_what_may_be_done, is_read_only, make_private, path_of
from schemas.time.days import iso

T = TypeVar("T")


def connect(url: str, makes: bool = True) -> Engine:
    """Returns an engine for a store with its tables in place. `makes`: a new, empty one gets them. Raises StoreRefused
    where they are of another version than ours, or there is no store and none is to be made."""
    path = path_of(make_url(url))
    if not makes and path is not None and not path.exists():
        raise versions.StoreRefused(versions.missing(str(path)))
    engine = open_engine(url)
    try:
        versions.prepare(engine, makes)
    except BaseException:
        engine.dispose()
        raise
    return engine


def open_engine(url: str) -> Engine:
    """Returns an engine, whatever is in the store. On SQLite: write-ahead log, full sync (a killed process or a power
    cut loses nothing that was committed), writers take the one lock when they begin; what cannot be written is opened
    for reading alone. PostgreSQL: see `schemas.store.postgres`."""
    asked = make_url(url)
    if asked.get_backend_name() == "postgresql":
        engine = create_engine(url, **postgres.ENGINE)
        postgres.tune(engine)
        return engine
    make_private(asked)
    engine = create_engine(for_what_may_be_done(asked), hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_for_reading if is_read_only(engine.url) else _tune_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _tune_sqlite(raw: Any, record: Any) -> None:
    for pragma in (
        "page_size=16384",  # of a new file; the log grows a third faster than with 4096
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        raw.execute(f"PRAGMA {pragma}")
    _tune_for_reading(raw, record)


def _tune_for_reading(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in (
        "busy_timeout=60000",
        "cache_size=-131072",
        "temp_store=FILE",  # a sorter holds as much as the cache and writes the rest away
    ):
        raw.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False) or is_read_only(connection.engine.url)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def reader(engine: Engine) -> Connection:
    """A connection that only reads: it sees one state of the store and holds up no writer."""
    more = postgres.READING if engine.dialect.name == "postgresql" else {}
    return engine.connect().execution_options(reading=True, **more)


@contextmanager
def exclusive(engine: Engine, table: type[SQLModel]) -> Iterator[Connection]:
    """A transaction that has a table for itself: who else asks for it waits, then sees what was written. It sees one
    state of the store, but for its own changes. On SQLite that is any transaction that writes."""
    if engine.dialect.name != "postgresql":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect().execution_options(**postgres.ALONE) as connection, connection.begin():
        postgres.lock_table(connection, table_of(table))
        yield connection


@contextmanager
def shared(engine: Engine, table: type[SQLModel]) -> Iterator[Connection]:
    """A transaction that writes a table beside others like it, and never beside one that has the table for itself
    (`exclusive`). Each statement sees what was committed before it. Who does what is settled by `hold`."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            postgres.share_table(connection, table_of(table))
        yield connection


def hold(connection: Connection, *names: str) -> None:
    """Wait for the one lock of each name, one after the other as given; they are kept until the transaction ends. On
    SQLite beginning to write took it."""
    if connection.dialect.name == "postgresql":
        postgres.hold(connection, *names)


def write_rows(connection: Connection, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows given as column → value, all with the same columns."""
    if rows:
        connection.execute(insert(table_of(table)), list(rows))


def append_rows(connection: Connection, table: type[SQLModel], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert many rows fast: tuples in the order of the table's columns, as the driver stores them.

    On SQLite a refused row stops the statement where it is (`OR FAIL`), which spares a journal for each row of
    a table with triggers; the caller's transaction must then be given up.
    """
    if not rows:
        return
    declared = table_of(table)
    if connection.dialect.name == "postgresql":
        postgres.copy_rows(connection, declared, rows)
        return
    columns = ", ".join(column.name for column in declared.columns)
    marks = ", ".join("?" * len(declared.columns))
    insertion = f"INSERT OR FAIL INTO {declared.name} ({columns}) VALUES ({marks})"  # noqa: S608  (our own names)
    connection.exec_driver_sql(insertion, list(rows))


def upserting(connection: Connection, table: Table) -> Any:
    """Returns an insertion that may say what to do where the key is taken: the key decides, not a look before."""
    return {"sqlite": sqlite, "postgresql": postgresql}[connection.dialect.name].insert(table)


def add_rows(connection: Connection, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> set[Any]:
    """Insert those rows whose key is not there already; leave the others as they are. Returns the first column of the
    primary key of those inserted."""
    if not rows:
        return set()
    declared = table_of(table)
    key = next(iter(declared.primary_key.columns))
    made = upserting(connection, declared).on_conflict_do_nothing().returning(key)
    return set(connection.execute(made, list(rows)).scalars())


def driver_rows(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Any]]:
    """The rows of a query, a few at a time. On SQLite values are as they are stored (`Stored` tells them), which takes
    a third of the time."""
    if connection.dialect.name == "sqlite":
        with connection.execute(query) as result:
            cursor: Any = result.cursor  # which reads on as it is asked
            yield from cursor
    else:
        with connection.execute(query, execution_options={"yield_per": 5000}) as result:
            yield from result


def among(connection: Connection, column: ColumnElement[Any], values: Collection[str]) -> ColumnElement[bool]:
    """Makes the condition that a text column is one of many values, however many: they are sent as one parameter."""
    if connection.dialect.name == "sqlite":
        listed = func.json_each(msgspec.json.encode(list(values)).decode()).table_valued("value")
        return column.in_(select(listed.c.value))
    return column == func.any(cast(list(values), ARRAY(Text)))


def literally(column: Any, value: str) -> ColumnElement[bool]:
    """Makes the condition that a column is a value, spelt out in the statement: only so can an index of a part of
    the rows serve."""
    is_it: ColumnElement[bool] = column == bindparam(None, value, literal_execute=True)
    return is_it


class Stored(NamedTuple):
    """Holds how the database stores values, for rows that go in and come out by the driver itself. (SQLite's driver is
    quick with a bytearray and an int and slow with bytes and a bool.)"""

    day: Callable[[date], Any]
    instant: Callable[[datetime], Any]
    blob: Callable[[bytes], Any]
    flag: Callable[[bool], Any]
    instant_of: Callable[[Any], datetime]

    @classmethod
    def by(cls, connection: Connection) -> Stored:
        if connection.dialect.name == "sqlite":
            return cls(lru_cache(65536)(date.isoformat), iso, bytearray, int, datetime.fromisoformat)
        return cls(_as_is, _as_is, _as_is, _as_is, _as_is)


def _as_is(value: Any) -> Any:
    return value


def table_of(model: type[SQLModel]) -> Table:
    found: Table = SQLModel.metadata.tables[str(model.__tablename__)]
    return found


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items in order; the last may be shorter."""
    walk = iter(items)
    while batch := list(islice(walk, size)):
        yield batch
