"""A head of the log as a signed note: lines to keep elsewhere, and by whom they are signed. Pure.

    county.example/caseclock          origin
    295025                            rows of the log
    AcYS...                           root of the RFC 6962 tree over them, base64
    journal 12 9f86...                entries of the journal, and its chain
    ticks 8640 60303a...              looks of the monitor, and their chain

    -- county.example/caseclock Hx...  the key's hash (4 bytes) and an Ed25519 signature of the lines above

The form is that of the notes of transparency logs (C2SP signed-note), with an em dash before a signature.
"""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

DASH = "\u2014"
UNSIGNED = "unsigned"
_PLACE = re.compile(r"(journal|ticks) (\d{1,18}) ([0-9a-f]{64})")
_ED25519 = b"\x01"


class Place(NamedTuple):
    """How many rows, and the chain at the last of them in hex (of none: noughts)."""

    size: int
    chain: str


class HeadNote(NamedTuple):
    """What a head says."""

    origin: str
    size: int
    root: str
    journal: Place
    ticks: Place

    @property
    def text(self) -> str:
        """What is signed: each line with its end."""
        root = base64.b64encode(bytes.fromhex(self.root)).decode()
        journal, ticks = (f"{name} {place.size} {place.chain}" for name, place in self._places())
        return "".join(f"{line}\n" for line in (self.origin, self.size, root, journal, ticks))

    def _places(self) -> tuple[tuple[str, Place], tuple[str, Place]]:
        return ("journal", self.journal), ("ticks", self.ticks)


class Read(NamedTuple):
    """A note as it was read: the head, and its signatures, each of a key's hash and the bytes."""

    head: HeadNote
    signatures: list[tuple[bytes, bytes]]


def public_key(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes by which a signature is checked."""
    return key.public_key().public_bytes_raw()


def key_hash(origin: str, public: bytes) -> bytes:
    """Returns the 4 bytes by which a note names a key."""
    return sha256(origin.encode() + b"\n" + _ED25519 + public).digest()[:4]


def write(head: HeadNote, key: Ed25519PrivateKey | None) -> str:
    """Returns a note; without a key it says unsigned."""
    if key is None:
        return f"{head.text}\n{UNSIGNED}\n"
    signed = key_hash(head.origin, public_key(key)) + key.sign(head.text.encode())
    return f"{head.text}\n{DASH} {head.origin} {base64.b64encode(signed).decode()}\n"


def read(note: str) -> Read:
    """Raises ValueError that says what is wrong with a note."""
    text, gap, below = note.replace("\r\n", "\n").partition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) != 5:
        raise ValueError("a head has five lines, an empty one, and a signature or `unsigned`")
    origin, size, root, journal, ticks = lines
    if not re.fullmatch(r"[1-9]\d{0,17}|0", size):
        raise ValueError("its second line is no number of rows")
    head = HeadNote(origin, int(size), _root(root), _place(journal, "journal"), _place(ticks, "ticks"))
    return Read(head, _signatures(below, origin))


def _root(text: str) -> str:
    root = base64.b64decode(text, validate=True)
    if len(root) != 32:
        raise ValueError("its third line is no root: 32 bytes in base64")
    return root.hex()


def _place(line: str, name: str) -> Place:
    found = _PLACE.fullmatch(line)
    if found is None or found[1] != name:
        raise ValueError(f"it has no line of the {name}")
    return Place(int(found[2]), found[3])


def _signatures(below: str, origin: str) -> list[tuple[bytes, bytes]]:
    found = []
    for line in below.split("\n"):
        if line in ("", UNSIGNED):
            continue
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.rpartition(" ")
        signed = base64.b64decode(encoded, validate=True)
        if dash != DASH or name != origin or len(signed) != 68:
            raise ValueError("a line below is no signature of this origin")
        found.append((signed[:4], signed[4:]))
    return found


def signed_by(note: Read, public: bytes) -> bool:
    """Whether a key has signed a note."""
    named = key_hash(note.head.origin, public)
    for by, signature in note.signatures:
        if by == named:
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(signature, note.head.text.encode())
            except InvalidSignature:
                return False
            return True
    return False
