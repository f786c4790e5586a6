"""How codes are spelt: ids, sources and tokens. A code has no spaces, and so no names and no free text.

To check each code of an event as it is decoded takes longer than all the rest of decoding, so the classes events
are decoded into only bound a code's length, and `well_spelt` looks at all codes of an event at once. The types `Id`,
`Source` and `Token` say the whole rule, for the published schema and to say where an event breaks it.

    >>> is_id("carefirst/2024#17"), is_id("Ann Smith"), is_token("in_person")
    (True, False, True)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any

import msgspec

from schemas.vocabulary import Kind

_ID = r"[A-Za-z0-9][A-Za-z0-9._:/#+-]*"
_SOURCE = r"[A-Za-z0-9/][A-Za-z0-9._:/#+-]*"
_TOKEN = r"[A-Za-z0-9][A-Za-z0-9._-]*"  # noqa: S105  (not a secret)

Code = Annotated[str, msgspec.Meta(max_length=128)]
Word = Annotated[str, msgspec.Meta(max_length=40)]
# \Z and not $, which would let a line end through
Id = Annotated[str, msgspec.Meta(pattern=rf"^{_ID}\Z", max_length=128)]
Source = Annotated[str, msgspec.Meta(pattern=rf"^{_SOURCE}\Z", max_length=128)]
Token = Annotated[str, msgspec.Meta(pattern=rf"^{_TOKEN}\Z", max_length=40)]

_ids = re.compile(rf"{_ID}(?:\n{_ID})*").fullmatch
_source, _token = re.compile(_SOURCE).fullmatch, re.compile(_TOKEN).fullmatch


def is_id(*codes: str) -> bool:
    """Whether all of some codes, at least one, are spelt as ids."""
    joined = "\n".join(codes)
    return _ids(joined) is not None and joined.count("\n") == len(codes) - 1


@lru_cache(4096)  # there are few, and they come again
def is_source(code: str) -> bool:
    return _source(code) is not None


@lru_cache(4096)
def is_token(code: str) -> bool:
    return _token(code) is not None


_NAMING = attrgetter("team", "worker", "replaces", "retracts")


def well_spelt(event: Any) -> bool:
    """Whether every code of a decoded event is spelt as one."""
    ids = [event.id, event.subject]
    ids += [code for code in _NAMING(event) if code is not None]
    tokens: list[str] = []
    for read, into, many in event.codes:
        if (value := read(event.data)) is not None:
            into_list = ids if into == "id" else tokens
            into_list += value if many else (value,)
    return is_id(*ids) and is_source(event.source) and all(map(is_token, tokens))


def codes(kind: Kind) -> tuple[tuple[Callable[[Any], Any], str, bool], ...]:
    """Where the codes of a kind's data are: how to read the field, `id` or `token`, and whether it is a list. A field
    with choices needs no look: only its choices decode."""
    return tuple(
        (attrgetter(field.name), "id" if "id" in field.type else "token", field.type.startswith("["))
        for field in kind.fields.values()
        if not field.choices and field.type in ("id", "enum", "[id]", "[enum]", "[agency]")
    )
