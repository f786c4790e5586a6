"""What remains of an erased child in a store: looked for in every column, and in the bytes of the database's files.

A database keeps what was overwritten or deleted: in free pages, in the gaps of pages, in its write-ahead log. So after
an erasure a store is written anew (`write_anew`), and then its files are read, whatever they hold (`remains`). On
SQLite that is the file and its log. On PostgreSQL it is the files of the tables, where our role may read the server's
files; its write-ahead log and its archives are the server's (docs/security.md, deploy/postgres_after_erasure.sh).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Engine,
    LargeBinary,
    String,
    Text,
    cast,
    func,
    inspect,
    or_,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError
from sqlmodel import AutoString, SQLModel

from schemas.store.engine import reader
from schemas.store.refusals import why
from schemas.store.sqlite_file import path_of
from schemas.store.tables import Instant

AT_ONCE = 16 * 1024 * 1024  # bytes
PATIENCE = 10  # seconds
MOST = 100  # ids of events looked for beside the child's
SHORTEST = 5  # characters; a shorter id is found by chance in any file
_HASH = re.compile("[0-9a-f]{32}").fullmatch
_NAME = r"[A-Za-z0-9._:/#+-]*"  # what an id may have around another


class Remains(NamedTuple):
    """What was found. `columns`: table.column, and how many values there name the child. `places`: files, and how often
    their bytes have one of the names. `read`: how many bytes were read; 0 for an id too short to be told from chance
    there. `not_done`: what could not be done, and why."""

    columns: dict[str, int]
    places: dict[str, int]
    read: int
    not_done: tuple[str, ...]

    def plus(self, other: Remains) -> Remains:
        """Returns what was found in two stores together."""
        columns = Counter(self.columns) + Counter(other.columns)
        return Remains(
            dict(columns), self.places | other.places, self.read + other.read, (*self.not_done, *other.not_done)
        )

    @property
    def nothing(self) -> bool:
        return not (self.columns or self.places or self.not_done)


def write_anew(engine: Engine, patience: int = PATIENCE) -> list[str]:
    """Writes a store anew, without what is deleted or overwritten in it; gives what could not be done, and why.
    `patience`: seconds, for whoever reads an older state of it or holds a table."""
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SET lock_timeout = '{patience}s'"))
                for table in SQLModel.metadata.sorted_tables:
                    connection.execute(text(f"VACUUM (FULL, ANALYZE) {table.name}"))
                return []
    except DBAPIError as error:
        return [f"the tables were not written anew ({why(error)}): run deploy/postgres_after_erasure.sh"]
    return _sqlite_anew(engine, patience)


def _sqlite_anew(engine: Engine, patience: int) -> list[str]:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA busy_timeout={patience * 1000}")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.execute("VACUUM")
        (busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except Exception as error:
        return [f"the store was not written anew ({error}): run `caseclock erase` again"]
    finally:
        raw.invalidate()  # so that nobody is given a connection with settings of ours
    if busy:
        return [
            f"somebody has read an older state of the store for {patience} seconds, so it is still in the file"
            " or its log: when they are done, run `caseclock erase` again"
        ]
    return []


def remains(engine: Engine, ids: Collection[str], gone: Collection[str], names: Callable[[str], bool]) -> Remains:
    """Looks for what remains of a child. `ids`: the child's; `gone`: the ids of events that are in the store no more,
    of which 100 that are hashes are looked for, as others could be parts of anything; `names`: whether a text names
    the child."""
    not_done: list[str] = []
    with reader(engine) as connection:
        columns, whole = _in_columns(connection, ids, names)
        hashes = sorted(one for one in gone if _HASH(one))[:MOST]
        if min(map(len, ids)) < SHORTEST:
            return Remains(columns, {}, 0, ())
        needles = {one.lower().encode() for one in [*ids, *hashes]}
        places, read = {}, 0
        for place, pieces in _files(connection, not_done):
            found, size = _in_bytes(pieces, needles, whole)
            read += size
            if found:
                places[place] = found
    return Remains(columns, places, read, tuple(not_done))


def _in_columns(
    connection: Connection, ids: Collection[str], names: Callable[[str], bool]
) -> tuple[dict[str, int], set[bytes]]:
    """Returns the columns whose values name the child; and the names of others that an id is a part of (C10, of C1)."""
    columns: dict[str, int] = {}
    others: set[bytes] = set()
    if min(map(len, ids)) < SHORTEST:  # 12 is in many a count and code: only a value that is no more than the id is it
        short = {one.casefold() for one in ids}
        names = lambda value: value.casefold() in short  # noqa: E731
    around = re.compile("|".join(_NAME + re.escape(one) + _NAME for one in sorted(ids)), re.IGNORECASE)
    there = set(inspect(connection).get_table_names())  # a file of looks has one alone
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns if table.name in there else ():
            readable = _readable(connection, column)
            if readable is None:
                continue
            mentioned = or_(*(readable.icontains(one, autoescape=True) for one in sorted(ids)))
            for value in connection.execute(select(readable).where(mentioned)).scalars():
                if names(value):
                    place = f"{table.name}.{column.name}"
                    columns[place] = columns.get(place, 0) + 1
                others.update(one.lower().encode() for one in around.findall(value) if not names(one))
    return columns, others


def _readable(connection: Connection, column: Any) -> Any:
    """A column as text; None for one that holds none."""
    if isinstance(column.type, LargeBinary):
        if column.name != "payload":
            return None
        return func.convert_from(column, "UTF8") if connection.dialect.name == "postgresql" else cast(column, Text)
    if isinstance(column.type, Instant):  # an id of digits may be a part of one
        return type_coerce(column, Text) if connection.dialect.name == "sqlite" else None
    return column if isinstance(column.type, String | AutoString) else None


def _files(connection: Connection, not_done: list[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The files of the database, in pieces."""
    if connection.dialect.name != "postgresql":
        path = path_of(connection.engine.url)
        for end in ("", "-wal", "-journal") if path is not None else ():
            file = Path(f"{path}{end}")
            if file.exists():
                yield file.name, _pieces(file)
        return
    allowed = (
        "SELECT pg_has_role(current_user, 'pg_read_server_files', 'USAGE')"
        " AND has_function_privilege('pg_read_binary_file(text, bigint, bigint, boolean)', 'EXECUTE')"
    )
    if not connection.execute(text(allowed)).scalar():
        not_done.append(
            "our role may not read the server's files: whether their bytes hold anything still, run"
            " deploy/postgres_after_erasure.sh on the server"
        )
        return
    files = (
        "SELECT pg_relation_filepath(oid) FROM pg_class WHERE relkind IN ('r', 'i', 't')"
        " AND relnamespace IN (current_schema()::regnamespace, 'pg_toast'::regnamespace)"
    )
    for (path_there,) in connection.execute(text(files)).all():
        if path_there is not None:
            yield path_there, _pieces_there(connection, path_there)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(AT_ONCE):
            yield piece


def _pieces_there(connection: Connection, path: str) -> Iterator[bytes]:
    asking = text("SELECT pg_read_binary_file(:path, :at, :many, true)")
    for part in count():  # a table of more than a gigabyte is in several files
        file = f"{path}.{part}" if part else path
        for n in count():
            piece = connection.execute(asking, {"path": file, "at": n * AT_ONCE, "many": AT_ONCE}).scalar()
            if not piece:
                break
            yield bytes(piece)
        if piece is None or not n:
            return


def _in_bytes(pieces: Iterator[bytes], needles: Collection[bytes], others: Collection[bytes]) -> tuple[int, int]:
    """Counts where one of the names is, and is no part of another's name; and the bytes."""
    shapes = {(other.find(one), len(other)) for other in others for one in needles if one in other}
    longest = max(map(len, [*needles, *others]))
    found = size = first = 0
    chunk = b""
    for piece in chain(pieces, [b""]):
        size += len(piece)
        chunk += piece.lower()
        end = max(first, len(chunk) - longest) if piece else len(chunk)  # what begins later is looked at with more
        found += sum(_count(chunk, one, others, shapes, first, end) for one in needles)
        start = max(0, end - longest)
        chunk, first = chunk[start:], end - start
    return found, size


def _count(
    chunk: bytes, name: bytes, others: Collection[bytes], shapes: set[tuple[int, int]], first: int, end: int
) -> int:
    found, at = 0, chunk.find(name, first)
    while -1 < at < end:
        found += not any(at >= o and chunk[at - o : at - o + length] in others for o, length in shapes)
        at = chunk.find(name, at + 1)
    return found
