"""The two hashes of a row of the log. Pure.

`digest` covers the content, which has the event's source and id in it, with a salt, so that once both are blanked
nothing can be guessed from it. `link` covers what stays for ever, erased or not: the row's place, its digest, when it
was known, and its source. It covers no id: an id can be guessed, and a chain over it would say who guessed right.
"""

from __future__ import annotations

from hashlib import sha256

SALT = 16  # bytes
BEGINNING = bytes(32)  # what the first row is chained to


def digest(salt: bytes, payload: bytes) -> bytes:
    """SHA-256 of salt and payload."""
    return sha256(salt + payload).digest()


def link(previous: bytes, seq: int, content: bytes, known_at: str, source: str) -> bytes:
    """The chain at a row: SHA-256 of the previous row's chain, the sequence number in 8 bytes, the digest, and as
    text known_at (`schemas.time.days.iso`) and source, each after a NUL, which neither can hold."""
    named = f"\0{known_at}\0{source}".encode()
    return sha256(previous + seq.to_bytes(8, "big") + content + named).digest()


def former_link(previous: bytes, seq: int, content: bytes, known_at: str, source: str, id: str) -> bytes:
    """The chain as it was up to version 0015 of the store, over the id too: heads kept then are of this chain."""
    named = f"\0{known_at}\0{source}\0{id}".encode()
    return sha256(previous + seq.to_bytes(8, "big") + content + named).digest()
