"""Inserting what is not there yet: the unique key decides, not a look before the leap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> set[Any]:
    """Insert rows, leaving out those whose key is taken. Returns the first primary key column of those
    inserted."""
    if not rows:
        return set()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first_key = next(iter(table.primary_key.columns))
    made = dialect.insert(table).on_conflict_do_nothing().returning(first_key)
    return set(connection.execute(made, list(rows)).scalars())
