"""Stores for tests, on each database: a test that takes `engine` runs once on SQLite and once on PostgreSQL.

A test of one database alone says `@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import SQLModel

from schemas.store.engine import connect, reader
from schemas.store.erased import OPTION
from tests.helpers.postgres import Server, Unavailable
from tests.helpers.templates import in_file

DATABASES = ("sqlite", "postgresql")
Another = Callable[[], Engine]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server of this session's own. Where it cannot be had its tests are skipped, and fail where CI is
    `true`: a gate that looked at one database says so of the other only if it looked."""
    try:
        server = Server()
    except (Unavailable, OSError) as wrong:
        reason = f"needs PostgreSQL: {wrong}"
        if os.environ.get("CI") in ("true", "1"):
            pytest.fail(reason)
        pytest.skip(reason)
    yield server
    server.remove()


def new_store(kind: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """The URL of a new, empty store, gone at the end of the session at the latest."""
    if kind == "sqlite":
        return in_file(folder / "store.db")
    server: Server = request.getfixturevalue("postgres")
    return server.store()


@pytest.fixture(params=DATABASES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new, empty store."""
    url = new_store(request.param, tmp_path, request)
    yield url
    if request.param == "postgresql":
        request.getfixturevalue("postgres").drop(url)


def open_with_key(url: str) -> Engine:
    """Opens a store as the product does where CASECLOCK_ERASURE_KEY is set, if it needs that."""
    opened = connect(url)
    if opened.dialect.name == "postgresql":
        opened.update_execution_options(**{OPTION: "a key that is kept apart from backups"})
    return opened


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """A new, empty store, opened."""
    opened = open_with_key(store_url)
    yield opened
    opened.dispose()


@pytest.fixture
def another(store_url: str) -> Iterator[Another]:
    """Opens the same store once more, as another process would."""
    opened: list[Engine] = []

    def open_it() -> Engine:
        opened.append(open_with_key(store_url))
        return opened[-1]

    yield open_it
    for one in opened:
        one.dispose()


def content(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in a store, by table."""
    with reader(engine) as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in SQLModel.metadata.sorted_tables
        }
