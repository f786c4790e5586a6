"""The head of the log: given out signed, and heads kept elsewhere held against the log."""

from __future__ import annotations

import binascii
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import Connection, Engine, select

from caseclock.audit import note
from caseclock.audit.note import HeadNote, Place
from schemas.errors import CaseclockError
from schemas.store.engine import driver_rows, reader, table_of
from schemas.store.tables import LoggedEvent
from services.alerts.sweep.ticks import whole_ticks
from services.ingest.decide.tree import Tree, log_leaf
from services.ingest.log.journal import Broken, enter, entries
from services.ingest.log.row import spelt

_LOG = table_of(LoggedEvent)
NOTHING = Place(0, bytes(32).hex())
GIVEN, KEY = "head given out", "key first used"
Answer = Literal["of this log", "not of it", "cannot tell"]


class BadKey(CaseclockError):
    """The file of the signing key cannot be used. The message says why."""


class NoHead(CaseclockError):
    """No head can be given. The message says why."""


class Checked(NamedTuple):
    """What came of one note, and why."""

    file: str
    result: Answer
    why: str
    signed: bool


def load_key(path: str | None) -> Ed25519PrivateKey | None:
    """Returns the key in a file, None without one. Raises BadKey."""
    if path is None:
        return None
    try:
        key = load_pem_private_key(Path(path).read_bytes(), None)
    except OSError as wrong:
        raise BadKey(f"CASECLOCK_SIGNING_KEY: {path} cannot be read ({wrong.strerror})") from wrong
    except (ValueError, TypeError, UnsupportedAlgorithm) as wrong:
        raise BadKey(f"CASECLOCK_SIGNING_KEY: {path} is no private key without a password (docs/keys.md)") from wrong
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"CASECLOCK_SIGNING_KEY: {path} is no Ed25519 key (docs/keys.md says how to make one)")
    return key


def give(engine: Engine, origin: str, key: Ed25519PrivateKey | None, now: datetime, *, entered: bool = True) -> str:
    """Returns the head as a note, and enters in the journal that it was given out. Raises NoHead."""
    with reader(engine) as connection:
        try:
            head = current(connection, origin)
        except (Broken, ValueError) as broken:
            raise NoHead(f"{broken}; `caseclock verify` says more") from None
    if entered:
        given_out(engine, head, key, now)
    return note.write(head, key)


def given_out(engine: Engine, head: HeadNote, key: Ed25519PrivateKey | None, now: datetime) -> None:
    """Enters in the journal that a head was given out, and the key where it is new."""
    public = note.public_key(key).hex() if key is not None else None
    with engine.begin() as connection:
        if public is not None and public not in _keys(connection):
            enter(connection, now, KEY, {"public_key": public})
        enter(connection, now, GIVEN, {"size": head.size, "root": head.root, "signed_by": public})


def current(connection: Connection, origin: str) -> HeadNote:
    """The head as it is. Raises Broken, ValueError."""
    journal, ticks = _journal(connection), _ticks(connection)
    return HeadNote(origin, *_roots(connection, ()), journal[-1], ticks[-1])


def check(engine: Engine, files: Iterable[Path], key: Ed25519PrivateKey | None) -> list[Checked]:
    """Says of notes kept elsewhere whether they are of this log."""
    notes: list[tuple[str, note.Read | str]] = []
    for path in files:
        try:
            notes.append((str(path), note.read(path.read_text(encoding="utf-8"))))
        except (ValueError, binascii.Error) as wrong:
            notes.append((str(path), str(wrong)))
    with reader(engine) as connection:
        sizes = {read.head.size for _, read in notes if isinstance(read, note.Read)}
        _, _, roots = _walk(connection, sizes)
        try:
            held = _Held(roots, _journal(connection), _ticks(connection), _keys(connection))
        except (Broken, ValueError) as broken:
            return [Checked(file, "cannot tell", str(broken), False) for file, _ in notes]
    if key is not None:
        held.keys.add(note.public_key(key).hex())
    return [held.against(file, read) for file, read in notes]


class _Held(NamedTuple):
    """What notes are held against: roots by size, the chain after each entry and tick, public keys."""

    roots: dict[int, str]
    journal: list[Place]
    ticks: list[Place]
    keys: set[str]

    def against(self, file: str, read: note.Read | str) -> Checked:
        if isinstance(read, str):
            return Checked(file, "cannot tell", read, False)
        head = read.head
        signed = any(note.signed_by(read, bytes.fromhex(key)) for key in self.keys)
        if head.size not in self.roots:
            return Checked(file, "not of it", f"the log has fewer than {head.size} rows: its end was cut off", signed)
        if self.roots[head.size] != head.root:
            return Checked(file, "not of it", f"the first {head.size} rows of the log have another root", signed)
        for what, place, there in (("journal", head.journal, self.journal), ("ticks", head.ticks, self.ticks)):
            if place.size >= len(there) or there[place.size] != place:
                return Checked(file, "not of it", f"the {what} does not go back to it", signed)
        if not head.size:
            return Checked(file, "cannot tell", "it is of an empty log: nothing was checked", signed)
        if read.signatures and not signed:
            return Checked(file, "cannot tell", "its signature is by no key that this log has used", False)
        return Checked(file, "of this log", f"{head.size} rows" + ("" if signed else ", unsigned"), signed)


def _roots(connection: Connection, sizes: Iterable[int]) -> tuple[int, str]:
    size, root, _ = _walk(connection, sizes)
    return size, root


def _walk(connection: Connection, sizes: Iterable[int]) -> tuple[int, str, dict[int, str]]:
    """How many rows the log has, the root over them, and the root at each size asked for."""
    wanted, tree = set(sizes), Tree()
    roots = {0: tree.root().hex()}
    query = select(_LOG.c.seq, _LOG.c.hash, _LOG.c.known_at, _LOG.c.source).order_by(_LOG.c.seq)
    for seq, content, known_at, source in driver_rows(connection, query):
        tree.add(log_leaf(seq, content, spelt(known_at), source))
        if tree.size in wanted:
            roots[tree.size] = tree.root().hex()
    return tree.size, tree.root().hex(), roots


def _journal(connection: Connection) -> list[Place]:
    return [NOTHING, *(Place(entry.seq, entry.chain.hex()) for entry in entries(connection))]


def _ticks(connection: Connection) -> list[Place]:
    return [NOTHING, *(Place(row["seq"], bytes(row["chain"]).hex()) for row in whole_ticks(connection))]


def _keys(connection: Connection) -> set[str]:
    """The public keys that the journal says have signed."""
    return {entry.told["public_key"] for entry in entries(connection) if entry.act == KEY}
