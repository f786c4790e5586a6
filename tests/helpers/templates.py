"""A new SQLite store in a moment: a copy of one made before, since making the tables takes longer than most tests."""

from __future__ import annotations

import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine

from schemas.store.engine import connect, open_engine


@lru_cache(maxsize=1)
def _empty() -> Engine:
    return connect("sqlite://")


def in_memory() -> Engine:
    """Returns a new, empty store in memory."""
    made = open_engine("sqlite://")
    source, target = _empty().raw_connection(), made.raw_connection()
    try:
        source.driver_connection.backup(target.driver_connection)  # type: ignore[union-attr]
    finally:
        source.close()
        target.close()
    return made


def in_file(path: Path) -> str:
    """Returns the URL of a new, empty store in a file."""
    shutil.copyfile(_file(), path)
    return f"sqlite:///{path}"


@lru_cache(maxsize=1)
def _file() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="caseclock-template-", ignore_cleanup_errors=True)
    _kept.append(folder)  # gone with this process
    path = Path(folder.name) / "store.db"
    connect(f"sqlite:///{path}").dispose()
    return path


_kept: list[tempfile.TemporaryDirectory[str]] = []
