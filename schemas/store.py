"""Opening the store, and writing many rows at once. SQLite by default; any SQLAlchemy URL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert
from sqlmodel import SQLModel

import schemas.tables  # noqa: F401  (declares the tables)

T = TypeVar("T")


def connect(url: str) -> Engine:
    """An engine with the tables in place. On SQLite: write-ahead log, full sync (a killed process or a power
    cut loses nothing that was committed), writers take the one lock when they begin."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    SQLModel.metadata.create_all(engine)
    return engine


def _tune_sqlite(raw: Any, _record: Any) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves, below
    for pragma in (
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=60000",
        "cache_size=-131072", "temp_store=MEMORY",
    ):  # fmt: skip
        raw.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def reader(engine: Engine) -> Connection:
    """A connection that only reads: it sees one state of the store and holds up no writer."""
    return engine.connect().execution_options(reading=True)


def write_rows(connection: Connection, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows given as column → value, all with the same columns."""
    if rows:
        connection.execute(insert(table_of(table)), list(rows))


def table_of(model: type[SQLModel]) -> Table:
    found: Table = SQLModel.metadata.tables[str(model.__tablename__)]
    return found


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items in order; the last may be shorter."""
    walk = iter(items)
    while batch := list(islice(walk, size)):
        yield batch
