"""The names by which what was erased is known again: digests with a key that is not in the store.

An id may be a plain hash of child, kind and day (a return's are), and could be found out by trying every child and day.
So an erased row keeps a keyed digest of its identity in place of its id, and so does an erased record of quarantine in
place of its hash: whoever has the store alone can try nothing. On SQLite the key is in a file beside the store, made by
the first erasure; elsewhere, and wherever CASECLOCK_ERASURE_KEY is set, it is that. Of the key the store holds only a
check, so that a lost key is seen before an erased child comes back unknown.
"""

from __future__ import annotations

import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, insert, select

from schemas.errors import CaseclockError
from schemas.store.engine import table_of
from schemas.store.sqlite_file import path_of
from schemas.store.tables import ErasureKey

MARK = "~"  # begins the name of what was erased; no id begins so
NO_SHARD = -1  # of an erased row: a shard is a hash of the child, and says of one in 64 that it may be the one
NOBODY = ""  # whom an alert is about, where that child was erased
ERASED = "erased"  # stands in place of a text that named an erased child
SETTING = "CASECLOCK_ERASURE_KEY"
OPTION = "erasure_key"  # of an engine, where the setting is set
_KEY = table_of(ErasureKey)
_IN_MEMORY = secrets.token_hex(32)  # of stores that end with the process


class KeyMissing(CaseclockError):
    """The key is not there, or is another one. The message says where it was looked for."""


class ErasedNames:
    """Names what was erased, by a key."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def of(self, *parts: str) -> str:
        """Returns the name of an identity: `~` and 40 hex digits."""
        return MARK + hmac.new(self._key, "\0".join(parts).encode(), sha256).hexdigest()[:40]

    @property
    def check(self) -> str:
        return self.of("check")


def erased_names(connection: Connection) -> ErasedNames | None:
    """Returns how what was erased is named; None where nothing was. Raises KeyMissing."""
    check = connection.execute(select(_KEY.c.digest)).scalar()
    if check is None:
        return None
    key = _key(connection)
    if key is None:
        raise KeyMissing(
            f"records were erased here, and {_where(connection)} is not there: put it back, or they would be taken in"
            " again"
        )
    names = ErasedNames(key)
    if names.check != check:
        raise KeyMissing(f"{_where(connection)} is not the one by which records were erased here: put that back")
    return names


def key_path(connection: Connection) -> Path | None:
    """Returns the file that holds the key, where it is in one."""
    path = path_of(connection.engine.url)
    return path.with_name(f"{path.name}.key") if path is not None else None


def names_to_erase_by(connection: Connection) -> ErasedNames:
    """Returns how what is erased is named, with a new key where there is none yet. Raises KeyMissing."""
    found = erased_names(connection)
    if found is not None:
        return found
    key = _key(connection) or _new_key(connection)
    names = ErasedNames(key)
    connection.execute(insert(_KEY).values(id=1, digest=names.check))
    return names


def carry_key(source: Connection, target: Connection) -> None:
    """Sees that a copy of a store knows what was erased: on SQLite it gets the key, else it must have been given it.
    Raises KeyMissing."""
    if (names := erased_names(source)) is None:
        return
    there = _key(target)
    if there is None and (path := key_path(target)) is not None:
        _write_key(path, _key(source) or "")
    elif there is None or ErasedNames(there).check != names.check:
        raise KeyMissing(f"records were erased there: set {SETTING} to {_where(source)}, and copy again")


def _key(connection: Connection) -> str | None:
    if given := connection.get_execution_options().get(OPTION):
        return str(given)
    if connection.dialect.name == "sqlite" and key_path(connection) is None:
        return _IN_MEMORY
    path = key_path(connection)
    return path.read_text(encoding="ascii").strip() or None if path is not None and path.exists() else None


def _new_key(connection: Connection) -> str:
    path = key_path(connection)
    if path is None:
        raise KeyMissing(
            f"{SETTING} is not set: what was erased is known again by a key that is not in the store. Make one with"
            " `openssl rand -hex 32`, set it wherever caseclock runs, and keep it apart from backups of the store"
        )
    key = secrets.token_hex(32)
    _write_key(path, key)
    return key


def _write_key(path: Path, key: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{key}\n")
        file.flush()
        os.fsync(file.fileno())


def _where(connection: Connection) -> str:
    path = key_path(connection)
    if connection.get_execution_options().get(OPTION):
        return f"the key in {SETTING}"
    return f"the key in {path}" if path is not None else f"the key, which {SETTING} names,"
