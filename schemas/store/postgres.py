"""Says what is PostgreSQL's own: how we connect to it, its one lock for the log, and writing many rows by COPY.

A worker may lose its database, or the database a worker, at any moment: both ends notice within half a minute, so that
no dead machine keeps the lock of the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Connection,
    Date,
    DateTime,
    Engine,
    Float,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    cast,
    event,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

OLDEST = 15  # the first major version it was tried on

# Keyword arguments of create_engine. Writers see what is committed as each statement begins, so that who waited for a
# lock sees what was written under it. A connection that died in the pool is replaced before it is used.
ENGINE = {
    "isolation_level": "READ COMMITTED",
    "pool_pre_ping": True,
    "hide_parameters": True,  # a failing statement names no child
    "connect_args": {
        "application_name": "caseclock",
        "client_encoding": "utf8",
        "connect_timeout": 10,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    },
}
READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
ALONE = {"isolation_level": "REPEATABLE READ"}

# What a session asks of the server. A commit is on disk when it is said to be: a server may be set to promise less.
_SESSION = """
    SELECT set_config('TimeZone', 'UTC', false),
           set_config('tcp_keepalives_idle', '10', false),
           set_config('tcp_keepalives_interval', '5', false),
           set_config('tcp_keepalives_count', '3', false),
           set_config('synchronous_commit',
                      replace(current_setting('synchronous_commit'), 'off', 'on'), false)
"""

# How COPY's binary format spells the values of a column
_BINARY: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (SmallInteger, "int2"),
    (Integer, "int8"),
    (String, "text"),
    (Date, "date"),
    (DateTime, "timestamptz"),
    (Boolean, "bool"),
    (LargeBinary, "bytea"),
    (Float, "float8"),
)


def tune(engine: Engine) -> None:
    """Every new connection of the engine is set up as we need it."""
    event.listen(engine, "connect", _set_up)


def _set_up(raw: Any, _record: Any) -> None:
    raw.execute(_SESSION)
    raw.commit()


def unfit(connection: Connection) -> str | None:
    """Why this server or database cannot hold a store, and what to do; None if it can."""
    major = int((connection.dialect.server_version_info or (0,))[0])
    if major < OLDEST:
        return f"PostgreSQL {major} is too old: caseclock needs {OLDEST} or newer"
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        return f"the database's encoding is {encoding}: create one with ENCODING 'UTF8' TEMPLATE template0"
    return None


def hold(connection: Connection, *names: str) -> None:
    """Wait for the lock of each name in turn, and keep them until the transaction ends, however it ends."""
    keys = [int.from_bytes(sha256(f"caseclock {name}".encode()).digest()[:8], "big", signed=True) for name in names]
    each = func.unnest(cast(keys, ARRAY(BigInteger))).column_valued("key")
    connection.execute(select(func.pg_advisory_xact_lock(each)))


def lock_table(connection: Connection, table: Table) -> None:
    """Let nobody else write a table until the transaction ends; who reads is not held up. LOCK is no query: what the
    transaction sees is settled by the first query after it, so whatever the one before us wrote is seen."""
    name = connection.dialect.identifier_preparer.format_table(table)
    connection.exec_driver_sql(f"LOCK TABLE {name} IN EXCLUSIVE MODE")


def share_table(connection: Connection, table: Table) -> None:
    """Wait while somebody has a table for itself, and let nobody have it so until the transaction ends."""
    name = connection.dialect.identifier_preparer.format_table(table)
    connection.exec_driver_sql(f"LOCK TABLE {name} IN ROW EXCLUSIVE MODE")


def copy_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, tuples in the order of the table's columns, by binary COPY: three times as fast as INSERT."""
    import psycopg

    columns = ", ".join(column.name for column in table.columns)
    statement = f"COPY {table.name} ({columns}) FROM STDIN (FORMAT BINARY)"
    raw: Any = connection.connection
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types([_binary(column.type, connection) for column in table.columns])
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise _as_ours(error, statement, connection) from error


def _binary(type_: TypeEngine[Any], connection: Connection) -> str:
    here = type_.dialect_impl(connection.dialect)
    plain = getattr(here, "impl_instance", here)
    return next(name for kind, name in _BINARY if isinstance(plain, kind))


def _as_ours(error: Exception, statement: str, connection: Connection) -> BaseException:
    """A driver's error as SQLAlchemy tells it. A connection that is gone is not used again."""
    import psycopg

    gone = connection.dialect.is_disconnect(error, connection.connection, None)  # type: ignore[arg-type]
    wrapped = DBAPIError.instance(
        statement, None, error, psycopg.Error, connection_invalidated=gone, dialect=connection.dialect
    )
    if gone:
        with suppress(Exception):
            connection.invalidate(error)
    return wrapped


def next_numbers(connection: Connection, table: Table) -> None:
    """After rows came with their numbers: the next one given is one more."""
    column = table.autoincrement_column
    if column is not None and column.autoincrement is not False:
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'),"  # noqa: S608  (our own names)
            f" coalesce((SELECT max({column.name}) FROM {table.name}), 0) + 1, false)"
        )


def hopeless(error: DBAPIError) -> str | None:
    """Why the server will not let us in, however long we wait; None if it may. (It gives no code with such a refusal,
    only words.)"""
    said = str(error.orig).strip().splitlines()[-1:]
    signs = ("authentication failed", "does not exist", "no pg_hba.conf entry", "no password supplied")
    if type(error.orig).__name__ == "OperationalError" and any(sign in said[0] for sign in signs if said):
        return said[0].partition("FATAL:")[2].strip() or said[0]
    return None


def passing(error: DBAPIError) -> bool:
    """Whether the database is away or busy, or gave up this transaction for another's sake: the same may go well
    later. Nothing of it was done, unless it was the commit that failed; then perhaps all of it."""
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is not None:
        # 08 connection lost, 40 given up for another, 53 out of a resource, 57P0x shutting down or starting
        return state[:2] in ("08", "40", "53") or state[:4] == "57P0"
    of_sqlite: str | None = getattr(error.orig, "sqlite_errorname", None)
    if of_sqlite is not None:
        return of_sqlite.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    return error.connection_invalidated or type(error.orig).__name__ == "OperationalError"
