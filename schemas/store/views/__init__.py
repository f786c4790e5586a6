"""The views: what dashboards, packs and a council's own tools read. docs/views.md is made from them."""

from __future__ import annotations

from sqlalchemy import Connection

from schemas.store.views import chance, figures, named, one_week, quality, shared, work
from schemas.store.views.view import View

VIEWS: tuple[View, ...] = (
    *named.VIEWS,
    *figures.VIEWS,
    *one_week.VIEWS,
    *chance.VIEWS,
    *work.VIEWS,
    *quality.VIEWS,
    *shared.VIEWS,
)


def make(connection: Connection) -> None:
    """Make them anew, as they are said to be here."""
    drop(connection)
    for view in VIEWS:
        connection.exec_driver_sql(view.statement.replace("%", "%%") if _psycopg(connection) else view.statement)


def drop(connection: Connection) -> None:
    """Take them away, so that the tables under them can be changed."""
    for view in reversed(VIEWS):
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {view.name}")


def _psycopg(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"
