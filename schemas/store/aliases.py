"""The ids of a clock: what was told, promised or linked under one of them is about the clock it is an alias of."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, func, select

from schemas.store.engine import among, table_of
from schemas.store.tables import ClockAlias, Generation

ALIAS, GENERATION = table_of(ClockAlias), table_of(Generation)


def current(clock: ColumnElement[str]) -> ColumnElement[str]:
    """Makes, in SQL, the id that a clock has now, of a column with any of its ids."""
    live = select(GENERATION.c.live).scalar_subquery()
    found = select(ALIAS.c.clock).where(ALIAS.c.generation == live, ALIAS.c.alias == clock)
    return func.coalesce(found.correlate_except(ALIAS, GENERATION).scalar_subquery(), clock)


def by_id(connection: Connection, generation: int, clocks: Collection[str]) -> dict[str, str]:
    """Returns the current id by each id of these clocks: their own and every alias."""
    query = select(ALIAS.c.alias, ALIAS.c.clock).where(
        ALIAS.c.generation == generation, among(connection, ALIAS.c.clock, list(clocks))
    )
    own = {clock: clock for clock in clocks}
    return own | {alias: clock for alias, clock in connection.execute(query)}  # noqa: C416
