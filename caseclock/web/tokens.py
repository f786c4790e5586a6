"""A child in an address: the id enciphered under the server's key, since addresses reach logs and histories.

AES-SIV (RFC 5297): the same child has the same address as long as the key stays, nobody without the key can tell which
child an address is of, and none can be made up. Pure.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import sha512

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

_BLOCK = 16  # an id is filled up to a multiple of these bytes, so that its length tells little
_FOR = [b"caseclock child address"]


class Tokens:
    """Ids to addresses and back. `key`: the server's secret."""

    def __init__(self, key: str) -> None:
        self._cipher = AESSIV(sha512(b"caseclock child address\0" + key.encode()).digest())

    def of(self, child: str) -> str:
        plain = child.encode() + b"\x01"
        plain += bytes(-len(plain) % _BLOCK)
        return urlsafe_b64encode(self._cipher.encrypt(plain, _FOR)).rstrip(b"=").decode()

    def child(self, token: str) -> str | None:
        """The child that a token stands for; None where it is none of ours."""
        try:
            given = token.encode("ascii")
            plain = self._cipher.decrypt(urlsafe_b64decode(given + b"=" * (-len(given) % 4)), _FOR)
        except (InvalidTag, Error, ValueError):
            return None
        child = plain.rstrip(b"\0").removesuffix(b"\x01").decode()
        return child if self.of(child) == token else None
