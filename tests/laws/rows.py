"""Everything that the fold wrote to a store, generations and running numbers apart."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, select

from schemas.store.engine import reader, table_of
from schemas.store.tables import ClockRow, FaultRow, Generation, ScopeRow
from schemas.store.view_tables import Tally, TookTally


def rows(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the live generation, by table, in a fixed order. Not among them: `recorded_late` and
    `settled`, which are of when things became known."""
    live = select(table_of(Generation).c.live).scalar_subquery()
    found = {}
    with reader(engine) as connection:
        for model in (ClockRow, ScopeRow, FaultRow):
            table = table_of(model)
            left_out = {"generation", "recorded_late", "settled"} | ({"id"} if model is not ClockRow else set())
            columns = [column for column in table.columns if column.name not in left_out]
            query = select(*columns).where(table.c.generation == live)
            found[table.name] = sorted((tuple(row) for row in connection.execute(query)), key=repr)
    return found


def counts(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """The counts of the live generation that are not all zero, in a fixed order."""
    live = select(table_of(Generation).c.live).scalar_subquery()
    found = {}
    with reader(engine) as connection:
        for model in (Tally, TookTally):
            table = table_of(model)
            key = [column for column in table.primary_key.columns if column.name != "generation"]
            rest = [column for column in table.columns if not column.primary_key]
            query = select(*key, *rest).where(table.c.generation == live)
            rows = [tuple(row) for row in connection.execute(query)]
            found[table.name] = sorted(row for row in rows if any(row[len(key) :]))
    return found
