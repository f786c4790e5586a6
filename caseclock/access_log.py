"""Who looked at which child: entered before a page is shown, listed for auditors, blanked when a child is erased.

On SQLite whoever writes holds up all others who write, and an import may write for minutes. So looks go into a file of
their own beside the store (`caseclock.db.looks`), in which nothing else is written; what is answered stays in the store
with its look, in one transaction. On PostgreSQL nobody is held up, and all are in the store.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, insert, select, update

from schemas.store.engine import among, open_engine, reader, table_of
from schemas.store.sqlite_file import is_read_only, path_of
from schemas.store.tables import ChildAccess
from services.ingest.log.guards import guard
from services.timeliness.history.log_view import LogView

_ACCESS = table_of(ChildAccess)
BESIDE = ".looks"


class Look(msgspec.Struct):
    """One look. `child` is None for a list of a team's children, and where the child was erased since."""

    at: datetime
    person: str
    child: str | None
    team: str
    what: str


def looked(engine: Engine, *those: Look) -> None:
    """Enter them, safely on disk when it returns. Raises SQLAlchemy's errors, and then nothing is to be shown."""
    with (beside(engine, makes=True) or engine).begin() as connection:
        enter(connection, *those)


def enter(connection: Connection, *those: Look) -> None:
    """Enter looks in a transaction of the store: with what was answered, or not at all."""
    connection.execute(insert(_ACCESS), [msgspec.structs.asdict(look) for look in those])


def looks(engine: Engine, child: str | None = None, person: str | None = None) -> list[Look]:
    """Every look, oldest first: at a child under any of its merged ids, by a person, or all."""
    columns = [_ACCESS.c[name] for name in Look.__struct_fields__]
    query = select(*columns).order_by(_ACCESS.c.at, _ACCESS.c.id)
    if person is not None:
        query = query.where(_ACCESS.c.person == person)
    found: list[Look] = []
    with reader(engine) as connection:
        ids = _ids_of(LogView(connection), child) if child is not None else None
    for store in filter(None, (beside(engine), engine)):
        with reader(store) as connection:
            theirs = query if ids is None else query.where(among(connection, _ACCESS.c.child, ids))
            found += [Look(*row) for row in connection.execute(theirs)]
    return sorted(found, key=lambda look: look.at)


def forget(connection: Connection, ids: Collection[str], at: datetime) -> None:
    """Blanks a child's ids where somebody looked; that somebody looked stays."""
    theirs = update(_ACCESS).where(among(connection, _ACCESS.c.child, ids))
    connection.execute(theirs.values(child=None, erased_at=at))


def beside(engine: Engine, makes: bool = False) -> Engine | None:
    """Returns the file of looks beside a store; None where the store itself has them: on PostgreSQL, in memory, and
    where no look was entered yet (`makes`: then it is made)."""
    path = path_of(engine.url)
    if path is None or is_read_only(engine.url):
        return None
    file = path.with_name(path.name + BESIDE)
    return _opened(file) if makes or file.exists() else None


@lru_cache(maxsize=8)
def _opened(file: Path) -> Engine:
    made = open_engine(f"sqlite:///{file}")
    _ACCESS.create(made, checkfirst=True)
    guard(made, _ACCESS.name)
    return made


def _ids_of(view: LogView, child: str) -> Sequence[str]:
    survivor = view.survivor_of.get(child, child)
    return sorted({child, survivor, *view.members.get(survivor, [])})
