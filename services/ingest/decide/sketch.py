"""Says what can still be read from a record that was refused: whom it is about, so that the child can carry "evidence
waiting", and which event it claims to be. Pure."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

_ID = re.compile(r"[A-Za-z0-9/][A-Za-z0-9._:/#+-]{0,127}")


class Sketch(NamedTuple):
    """Each None where it could not be read."""

    kind: str | None = None
    source: str | None = None
    id: str | None = None
    subject: str | None = None


class _Loose(msgspec.Struct):
    type: Any = None
    source: Any = None
    id: Any = None
    subject: Any = None


_decoder = msgspec.json.Decoder(_Loose)


def sketch(raw: bytes) -> Sketch:
    """Reads what it can; never raises."""
    try:
        loose = _decoder.decode(raw)
    except (ValueError, RecursionError):
        return Sketch()
    return Sketch(*(_name(value) for value in (loose.type, loose.source, loose.id, loose.subject)))


def _name(value: Any) -> str | None:
    """A value that can be a name. A number is taken as its digits: some sources send ids so."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and _ID.fullmatch(value) else None
