"""The Merkle tree is that of RFC 6962."""

from __future__ import annotations

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.decide.tree import root_of


def by_the_rfc(leaves: list[bytes]) -> bytes:
    """Section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\1" + by_the_rfc(leaves[:k]) + by_the_rfc(leaves[k:])).digest()


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_a_tree_grown_leaf_by_leaf_has_the_root_of_the_rfc(leaves: list[bytes]) -> None:
    assert root_of(leaves) == by_the_rfc(leaves)


def test_the_roots_that_other_logs_publish() -> None:
    """The test vectors of the certificate-transparency project."""
    leaves = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243")]
    assert root_of(leaves[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_of(leaves[:3]).hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
    assert root_of(leaves).hex() == "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"
