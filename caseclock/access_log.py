"""Who looked at which child: entered before a page is shown, listed for auditors, blanked when a child is erased."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Engine, insert, select, update

from schemas.store.engine import among, reader, table_of
from schemas.store.tables import ChildAccess
from services.timeliness.history.log_view import LogView

_ACCESS = table_of(ChildAccess)


class Look(msgspec.Struct):
    """One look. `child` is None for a list of a team's children, and where the child was erased since."""

    at: datetime
    person: str
    child: str | None
    team: str
    what: str


def looked(engine: Engine, look: Look) -> None:
    """Enter it. Raises SQLAlchemy's errors, and then nothing is to be shown."""
    with engine.begin() as connection:
        connection.execute(insert(_ACCESS).values(**msgspec.structs.asdict(look)))


def looks(engine: Engine, child: str | None = None, person: str | None = None) -> list[Look]:
    """Every look, oldest first: at a child under any of its merged ids, by a person, or all."""
    columns = [_ACCESS.c[name] for name in Look.__struct_fields__]
    query = select(*columns).order_by(_ACCESS.c.at, _ACCESS.c.id)
    with reader(engine) as connection:
        if child is not None:
            query = query.where(among(connection, _ACCESS.c.child, _ids_of(LogView(connection), child)))
        if person is not None:
            query = query.where(_ACCESS.c.person == person)
        return [Look(*row) for row in connection.execute(query)]


def forget(connection: Connection, ids: Collection[str], at: datetime) -> None:
    """Blanks a child's ids where somebody looked; that somebody looked stays."""
    theirs = update(_ACCESS).where(among(connection, _ACCESS.c.child, ids))
    connection.execute(theirs.values(child=None, erased_at=at))


def _ids_of(view: LogView, child: str) -> Sequence[str]:
    survivor = view.survivor_of.get(child, child)
    return sorted({child, survivor, *view.members.get(survivor, [])})
