"""Says how codes are spelt: ids, sources and tokens. A code has no spaces, and so no names and no free text.

To check each code of an event as it is decoded takes longer than all the rest of decoding, so the classes events
are decoded into only bound a code's length, and `well_spelt` looks at all codes of an event at once. The types `Id`,
`Source` and `Token` say the whole rule, for the published schema and to say where an event breaks it.

    >>> are_ids(["carefirst/2024#17", "e1"]), are_ids(["Ann Smith"]), are_tokens(("in_person", "phone"))
    (True, False, True)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, NamedTuple

import msgspec

from schemas.events.vocabulary import Kind

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
_tokens = re.compile(rf"{_TOKEN}(?:\n{_TOKEN})*").fullmatch
_source = re.compile(_SOURCE).fullmatch
_MANY = 24
_LINES = ["\n".join(["%s"] * count) for count in range(_MANY)]  # quicker than joining, for a tuple


def are_ids(codes: Sequence[object]) -> bool:
    """Whether all of some codes, one or more, are spelt as ids. (None is: it is written `None`.)"""
    lines = _LINES[len(codes)] % codes if type(codes) is tuple and len(codes) < _MANY else "\n".join(map(str, codes))
    return _ids(lines) is not None and lines.count("\n") == len(codes) - 1


@lru_cache(65536)  # there are few, and they come again
def are_tokens(codes: Sequence[object]) -> bool:
    """Whether all of some codes are spelt as tokens."""
    lines = "\n".join(map(str, codes))
    return _tokens(lines) is not None and lines.count("\n") == len(codes) - 1


@lru_cache(65536)
def is_source(code: str) -> bool:
    return _source(code) is not None


class Codes(NamedTuple):
    """Holds how to read the codes of an event of some kind: its ids, its tokens, and each list of either. A field with
    choices needs no look: only its choices decode."""

    ids: Callable[[Any], tuple[str | None, ...]]
    tokens: Callable[[Any], tuple[str | None, ...]] | None
    lists: tuple[tuple[str, bool], ...]  # the field, and whether it is of ids

    @classmethod
    def of(cls, kind: Kind) -> Codes:
        free = [field for field in kind.fields.values() if not field.choices]
        ids = [f"data.{field.name}" for field in free if field.type == "id"]
        tokens = [f"data.{field.name}" for field in free if field.type == "enum"]
        lists = [(field.name, field.type == "[id]") for field in free if field.type.startswith("[")]
        return cls(
            attrgetter(*_NAMING, *ids),
            attrgetter(*tokens, tokens[0]) if tokens else None,  # of two names or more it makes a tuple
            tuple(lists),
        )


_NAMING = ("id", "subject", "team", "worker", "replaces", "retracts")


def well_spelt(event: Any) -> bool:
    """Whether every code of a decoded event is spelt as one."""
    codes: Codes = event.codes
    if not (are_ids(codes.ids(event)) and is_source(event.source)):
        return False
    if codes.tokens is not None and not are_tokens(codes.tokens(event)):
        return False
    for name, of_ids in codes.lists:
        listed = getattr(event.data, name)
        if listed and not (are_ids(listed) if of_ids else are_tokens(tuple(listed))):
            return False
    return True
