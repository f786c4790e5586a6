"""Says where an SQLite store is, and how it is opened where nothing may be written."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

from sqlalchemy import URL

_FILE = "file:"


def path_of(url: URL) -> Path | None:
    """Returns the whole path of the file that a URL names; None for a store in memory, and for any other database."""
    name = url.database or ""
    if url.get_backend_name() != "sqlite" or name in ("", ":memory:") or url.query.get("mode") == "memory":
        return None
    return Path(unquote(name.removeprefix(_FILE)) if name.startswith(_FILE) else name).absolute()


def is_read_only(url: URL) -> bool:
    """Whether a URL asks for reading alone."""
    return url.get_backend_name() == "sqlite" and (url.query.get("mode") == "ro" or "immutable" in url.query)


def make_private(url: URL) -> None:
    """Makes the file of a store that is to be made, for its owner alone (0600); SQLite gives its write-ahead log the
    same. One that is there already stays as its owner set it."""
    path = path_of(url)
    if path is None or is_read_only(url):
        return
    with suppress(OSError):  # it is there, or cannot be made: SQLite says so better
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def for_what_may_be_done(url: URL) -> URL:
    """Returns the URL by which to open a store: for reading alone where its file or its folder cannot be written (a
    copy on a read-only disk, handed to an auditor), else as it is.

    A copy without a write-ahead log beside it is whole in itself and taken to be at rest. With one, what is in that is
    read too; SQLite then needs its `-shm` file there.
    """
    path = path_of(url)
    if path is None or is_read_only(url) or not path.exists():
        return url
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return url
    at_rest = {} if path.with_name(f"{path.name}-wal").exists() else {"immutable": "1"}
    return url.set(database=f"{_FILE}{quote(str(path))}", query={"mode": "ro", **at_rest, "uri": "true"})
