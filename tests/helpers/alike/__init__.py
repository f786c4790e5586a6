"""Every view beside what the Python functions say of the same store, at the moment of its last sweep.

`REFERENCE` has for each view how its rows are worked out without it; `assert_alike` compares them whole. Counts and
figures are those of the product's functions; what is only read and joined is read and joined here once more.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Engine

from schemas.store.engine import reader
from schemas.store.views import VIEWS
from tests.helpers.alike import charts, data, figures, named, shared, work
from tests.helpers.alike.seen import Row, Seen, see

REFERENCE = {**named.ROWS, **figures.ROWS, **charts.ROWS, **work.ROWS, **data.ROWS, **shared.ROWS}


def assert_alike(engine: Engine, now: datetime, views: set[str] | None = None) -> None:
    """`views`: these alone (None: every one)."""
    seen = see(engine, now)
    for view in VIEWS:
        if views is None or view.name in views:
            assert rows_of(engine, view.name) == Counter(map(_plain, REFERENCE[view.name](seen))), view.name


def rows_of(engine: Engine, view: str) -> Counter[Row]:
    with reader(engine) as connection:
        return Counter(_plain(tuple(row)) for row in connection.exec_driver_sql(f"SELECT * FROM {view}"))


def _plain(row: Row) -> Row:
    """The same on each database: days and instants as one text, yes and no as 1 and 0."""
    return tuple(map(_spelt, row))


def _spelt(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and len(value) == 27 and value.endswith("Z"):  # an instant as SQLite keeps it
        return datetime.fromisoformat(value).isoformat()
    return int(value) if isinstance(value, bool) else value


__all__ = ["REFERENCE", "Seen", "assert_alike", "rows_of"]
