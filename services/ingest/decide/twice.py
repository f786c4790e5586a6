"""Keys given twice in one object of a record: of two readings of it, nobody could say which was meant. Pure.

>>> key_given_twice(b'{"id":"e1","data":{"seen":true,"seen":false}}', b""), key_given_twice(b'{"id":"e1"}', b"")
('seen', None)
"""

from __future__ import annotations

import json
from typing import Any


class _Twice(Exception):
    """Names the key."""


def key_given_twice(raw: bytes, canonical: bytes) -> str | None:
    """Returns the first key that an object of a sound record has twice; None where there is none.

    `canonical`: the event's one spelling. It has each key once and no more colons than the record in any value, so
    where there are as many colons in both, nothing is there twice, which takes a hundredth of the time. (An escaped
    colon would hide one.)
    """
    if raw.count(b":") == canonical.count(b":") and b"\\" not in raw:
        return None
    try:
        json.loads(raw, object_pairs_hook=_once)
    except _Twice as found:
        return str(found)
    return None


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise _Twice(key)
        seen.add(key)
