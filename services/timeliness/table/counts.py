"""Keeping the counts beside the clock rows: what a transaction changed of them is collected, and written once.

Several workers fold at once and add to the same rows. Each writes its changes at its end, in the order of the key, so
that nobody waits in a circle; and adds to what is there, so that it does not matter who came first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, MetaData, Table, delete

from schemas.store.engine import Stored, append_rows, batches, table_of
from schemas.store.postgres import copy_rows
from schemas.store.view_tables import Tally, TookTally
from services.timeliness.figures.counts import Counts

TALLIES = (Tally, TookTally)
_FEW = 200  # fewer rows are written one by one
_AT_ONCE = 20_000

Row = tuple[Any, ...]


def write(connection: Connection, generation: int, counts: Counts, *, new: bool = False) -> None:
    """Add what was counted to the rows of a generation. `new`: there are none of it yet."""
    cells: dict[Row, list[int]] = {}
    for cell, of in counts.cells.items():
        if any(of):
            for key in _groups(generation, cell):
                there = cells.get(key)
                cells[key] = of if there is None else [a + b for a, b in zip(there, of, strict=True)]
    took: dict[Row, int] = {}
    for (*took_in, took_so_long), n in counts.took.items():
        for key in _groups(generation, took_in):
            took[*key, took_so_long] = took.get((*key, took_so_long), 0) + n
    written = (
        (Tally, [(*key, *of) for key, of in cells.items() if any(of)]),
        (TookTally, [(*key, n) for key, n in took.items() if n]),
    )
    for model, rows in written:
        rows.sort()
        for some in batches(_spelt(connection, rows), _AT_ONCE):
            if new:
                append_rows(connection, model, some)
            else:
                _add(connection, table_of(model), some)


def clear(connection: Connection, generation: int) -> None:
    """Take away the counts of a generation."""
    for model in TALLIES:
        table = table_of(model)
        connection.execute(delete(table).where(table.c.generation == generation))


def _groups(generation: int, cell: Any) -> Iterator[Row]:
    """The keys of the rows that a team's cell counts in: the county's, its division's, its own."""
    standard, team, division, part, from_on = cell
    yield generation, "county", standard, "county", part, from_on
    yield generation, "division", standard, division, part, from_on
    yield generation, "team", standard, team, part, from_on


def _spelt(connection: Connection, rows: list[Row]) -> list[Row]:
    """Days as the driver has them."""
    if connection.dialect.name == "postgresql":
        return rows
    day = Stored.by(connection).day
    return [(*row[:4], day(row[4]), day(row[5]), *row[6:]) for row in rows]


def _add(connection: Connection, table: Table, rows: list[Row]) -> None:
    columns = [column.name for column in table.columns]
    if connection.dialect.name == "postgresql" and len(rows) > _FEW:
        _add_many(connection, table, rows)
        return
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    marks = ", ".join([mark] * len(columns))
    connection.exec_driver_sql(f"{_into(table)} VALUES ({marks}) {_plus(table)}", rows)


def _add_many(connection: Connection, table: Table, rows: list[Row]) -> None:
    """By way of a table of this transaction's own, which takes rows faster."""
    own = table.to_metadata(MetaData(), name=f"{table.name}_to_add")
    names = ", ".join(column.name for column in table.columns)
    key = ", ".join(column.name for column in table.primary_key.columns)
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE IF NOT EXISTS {own.name} (LIKE {table.name}) ON COMMIT DROP")
    copy_rows(connection, own, rows)
    taken = f"SELECT {names} FROM {own.name} ORDER BY {key}"  # noqa: S608  (our own names)
    connection.exec_driver_sql(f"{_into(table)} {taken} {_plus(table)}")
    connection.exec_driver_sql(f"TRUNCATE {own.name}")


def _into(table: Table) -> str:
    return f"INSERT INTO {table.name} ({', '.join(column.name for column in table.columns)})"


def _plus(table: Table) -> str:
    """Adds to the row where it is there already."""
    key = [column.name for column in table.primary_key.columns]
    added = [column.name for column in table.columns if column.name not in key]
    sums = ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in added)
    return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sums}"
