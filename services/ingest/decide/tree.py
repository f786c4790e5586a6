"""The Merkle tree of RFC 6962: a root over leaves, and proofs that some leaves are of it. Pure.

A leaf's hash is SHA-256(0x00 + leaf), a node's SHA-256(0x01 + left + right); left has as many leaves as the greatest
power of two below their number. The root of no leaves is SHA-256 of nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256 of a leaf, marked as one."""
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of two nodes, marked as one above them."""
    return sha256(b"\1" + left + right).digest()


class Tree:
    """Grows by a leaf at a time and holds no more than the roots of whole subtrees."""

    def __init__(self) -> None:
        self.size = 0
        self._whole: list[tuple[int, bytes]] = []  # how many leaves, and their root; the largest first

    def add(self, leaf: bytes) -> None:
        """Adds a leaf."""
        size, node = 1, leaf_hash(leaf)
        while self._whole and self._whole[-1][0] == size:
            _, left = self._whole.pop()
            size, node = size * 2, node_hash(left, node)
        self._whole.append((size, node))
        self.size += 1

    def root(self) -> bytes:
        """The root of the leaves so far."""
        if not self._whole:
            return sha256(b"").digest()
        *rest, (_, node) = self._whole
        for _, left in reversed(rest):
            node = node_hash(left, node)
        return node


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root of leaves."""
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def log_leaf(seq: int, content: bytes, known_at: str, source: str) -> bytes:
    """Returns what stays of a row of the log after erasure, as a leaf: the sequence number in 8 bytes, the digest, and
    as text known_at and source, each after a NUL."""
    return seq.to_bytes(8, "big") + content + f"\0{known_at}\0{source}".encode()
