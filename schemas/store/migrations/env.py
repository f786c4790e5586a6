"""Says what Alembic runs. `caseclock migrate` hands it a connection; by itself (see README.md) it opens
CASECLOCK_DB."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import schemas.store.tables  # noqa: F401  (declares the tables)
from schemas.store.engine import open_engine


def migrate(connection: Connection) -> None:
    """In one transaction, on SQLite too: our SQLite connections begin one even for a change of the tables."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with open_engine(os.environ["CASECLOCK_DB"]).begin() as opened:
        migrate(opened)
