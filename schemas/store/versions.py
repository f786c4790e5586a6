"""Which version of the tables a store has. It is used at the newest version only; `upgrade` brings an older one up.

A new, empty store gets its tables at one go; an older one is taken from version to version by
schemas/store/migrations. A test
holds that both ways end alike. The version stands where Alembic keeps it. The views (`schemas.store.views`) hold
nothing: they are made anew each time.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, insert, inspect, select
from sqlmodel import SQLModel

import schemas.store.audit_tables
import schemas.store.tables
import schemas.store.view_tables  # noqa: F401  (these declare the tables)
from schemas.errors import CaseclockError
from schemas.store import postgres, views

VERSIONS = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
    "0017",
    "0018",
    "0019",
)  # oldest first: schemas/store/migrations/versions
NEWEST = VERSIONS[-1]
UNMARKED = "0001"  # a store with tables and no version was made before versions were kept

_VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


class StoreRefused(CaseclockError):
    """This store cannot be used as it is. The message says what to do."""


def prepare(engine: Engine, makes: bool = True) -> None:
    """Sees that the tables are of the newest version; gives an empty database its tables where one is to be made.
    Raises StoreRefused."""
    with engine.connect().execution_options(reading=True) as connection:
        version = version_of(connection)
    if version is None and not makes:
        raise StoreRefused(missing(engine.url.render_as_string(hide_password=True)))
    if version is None:
        with engine.begin() as connection:
            _alone(connection)
            if (version := version_of(connection)) is None:
                _create(connection)
                version = NEWEST
    if version != NEWEST:
        raise StoreRefused(_wrong(version))


def missing(where: str) -> str:
    """Returns the refusal of a store that is not there."""
    return (
        f"{where}: there is no store there; correct --db or CASECLOCK_DB. A new one is made by `caseclock import`,"
        " `run`, `copy` or `migrate`, and by nothing else"
    )


def version_of(connection: Connection) -> str | None:
    """The version of the tables there; None where there are none."""
    there = inspect(connection)
    if there.has_table(_VERSION.name):
        version: str | None = connection.execute(select(_VERSION.c.version_num)).scalar()
        return version
    return UNMARKED if there.has_table("event_log") else None


def upgrade(engine: Engine) -> tuple[str, str]:
    """Bring a store up to the newest version; gives the version it had and the one it has. In one transaction: cut
    off, it has the version it had. Raises StoreRefused for one of a version that is not known here."""
    with engine.begin() as connection:
        _alone(connection)
        before = version_of(connection)
        if before is None:
            _create(connection)
            return NEWEST, NEWEST
        if before not in VERSIONS:
            raise StoreRefused(_wrong(before))
        views.drop(connection)
        if before != NEWEST:
            _VERSION.create(connection, checkfirst=True)
            if connection.execute(select(_VERSION)).first() is None:
                connection.execute(insert(_VERSION).values(version_num=before))
            _migrate(connection)
        views.make(connection)
    return before, NEWEST


def _alone(connection: Connection) -> None:
    """One at a time, and only on a server that will do."""
    if connection.dialect.name == "postgresql":
        if (fault := postgres.unfit(connection)) is not None:
            raise StoreRefused(fault)
        postgres.hold(connection, "tables")


def _create(connection: Connection) -> None:
    SQLModel.metadata.create_all(connection)
    _VERSION.create(connection, checkfirst=True)
    connection.execute(insert(_VERSION).values(version_num=NEWEST))
    views.make(connection)


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    try:
        command.upgrade(config, NEWEST)
    except ValueError as wrong:  # a migration's own refusal: it imports nothing of ours
        raise StoreRefused(str(wrong)) from None


def _scripts() -> Path:
    """Returns the folder of the migrations, which are data of this package."""
    return Path(__file__).parent / "migrations"


def _wrong(version: str) -> str:
    if version in VERSIONS:
        return (
            f"this store is of version {version} and caseclock of {NEWEST}: keep a copy of the store, stop what uses"
            " it, and run `caseclock migrate`"
        )
    return f"this store is of version {version}, which this caseclock does not know: use a newer caseclock"
