"""The ids of a clock: what was told, promised or linked under one of them is about the clock it is an alias of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, ScalarSelect, Select, exists, func, literal, or_, select

from schemas.store.engine import among, table_of
from schemas.store.tables import ClockAlias, Generation

ALIAS, GENERATION = table_of(ClockAlias), table_of(Generation)


def current(clock: ColumnElement[str]) -> ColumnElement[str]:
    """Makes, in SQL, the id that a clock has now, of a column with any of its ids."""
    found = select(ALIAS.c.clock).where(ALIAS.c.generation == _live(), ALIAS.c.alias == clock)
    return func.coalesce(found.correlate_except(ALIAS, GENERATION).scalar_subquery(), clock)


def told_too(alert: FromClause, other: FromClause, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Makes, in SQL, whether another alert, `which` is as asked, was told of the same clock, under any of its ids."""
    now_called, names = current(alert.c.clock), ALIAS.alias("names")
    same = or_(other.c.clock == alert.c.clock, other.c.clock == now_called)
    another = (names.c.generation == _live(), names.c.clock == now_called, other.c.clock == names.c.alias)
    return or_(exists(_one(other).where(same, *which)), exists(_one(other, names).where(*another, *which)))


def _one(*tables: FromClause) -> Select[Any]:
    return select(literal(1)).select_from(*tables).correlate_except(*tables)


def _live() -> ScalarSelect[Any]:
    return select(GENERATION.c.live).scalar_subquery()


def by_id(connection: Connection, generation: int, clocks: Collection[str]) -> dict[str, str]:
    """Returns the current id by each id of these clocks: their own and every alias."""
    query = select(ALIAS.c.alias, ALIAS.c.clock).where(
        ALIAS.c.generation == generation, among(connection, ALIAS.c.clock, list(clocks))
    )
    own = {clock: clock for clock in clocks}
    return own | {alias: clock for alias, clock in connection.execute(query)}  # noqa: C416
