"""Why a record was refused, for a person: the field, what is wrong with its value, what to do. Pure.

No value is repeated: it may be a name, or free text about a child.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches

from schemas.events.event import MOST
from schemas.events.vocabulary import KINDS

CONFLICT = (
    "`id`: the log already holds an event of this source and id with other content;"
    " to correct it, send the new content under an id of its own with `replaces`"
)
WRONG_SUBJECT = (
    "`{attribute}` names an event of another child; a correction stays with the child. For an event entered under"
    " the wrong child: retract it under that child, then send a new event under the right one"
)
MERGE_CYCLE = (
    "`into`: that child is itself merged, directly or through others, into this one;"
    " retract the merge that is wrong, then send this one again under a new id"
)
TWICE = "`{key}` is there twice in one object; send each key once"
NO_OBJECT = "this is not a JSON object"
_NOT_JSON = NO_OBJECT + " ({what}); send one event as one JSON object in UTF-8"

_WORDS = {
    "str": "text in quotes",
    "bool": "true or false, without quotes",
    "int": "a whole number, without quotes",
    "float": "a number, without quotes",
    "array": "a list in [ ]",
    "object": "an object in { }",
    "null": "null",
    "datetime": "an instant as text (2024-03-05T09:30:00Z)",
    "date": "a day as text (2024-03-05)",
}


def reason(error: Exception, raw: bytes, kind: str | None) -> str:
    """The reason in a person's words. `error`: what `schemas.events.event.decode` raised; `kind`: as the record has
    it."""
    message, _, path = str(error).partition(" - at `$")
    path = path.rstrip("`").lstrip(".")
    if isinstance(error, RecursionError):
        return _NOT_JSON.format(what="it is nested without end")
    if isinstance(error, UnicodeDecodeError) or "invalid utf-8" in message.lower():
        return _NOT_JSON.format(what="its text is not UTF-8")
    if not path and ("malformed" in message or "truncated" in message or message.startswith("Expected `object`")):
        return _NOT_JSON.format(what=_fault(message, raw))
    for pattern, say in _SAYINGS:
        if found := pattern.match(message):
            return say(found, path, kind)
    return message if not path else f"{_field(path)}: {message}"


def _fault(message: str, raw: bytes) -> str:
    if "truncated" in message:
        return "it is empty" if not raw.strip() else "it ends in the middle"
    if message.startswith("Expected"):
        return "it is another JSON value"
    return message.removeprefix("JSON is malformed: ")


def _field(path: str) -> str:
    """`data.attended[0]` → "`attended`, item 1"."""
    name, _, item = path.removeprefix("data.").partition("[")
    return f"`{name}`, item {int(item.rstrip(']')) + 1}" if item.rstrip("]").isdigit() else f"`{name}`"


def name_of(key: str) -> str:
    """Returns a key as it may be repeated: one that is no plain word may be anything."""
    return key if re.fullmatch(r"[A-Za-z0-9_]{1,40}", key) else "…"


def _unknown(found: re.Match[str], path: str, kind: str | None) -> str:
    name = name_of(found[1])
    if path == "data" and kind in KINDS:
        may = ", ".join(KINDS[kind].fields)
        return f"`{name}` is not a field of {kind}; leave it out (it may carry: {may})"
    return f"`{name}` is not an attribute of an event; leave it out, or put it in `data` if the kind has such a field"


def _missing(found: re.Match[str], path: str, kind: str | None) -> str:
    where = f" in `data`, where {kind or 'this kind'} needs it" if path == "data" else ", which every event needs"
    if found[1] == "data":
        where = f", which {kind or 'this kind'} needs"
    return f"`{found[1]}` is missing; add it{where}"


def _no_kind(_: re.Match[str], path: str, kind: str | None) -> str:
    near = get_close_matches(kind or "", KINDS, n=1)
    meant = f"did you mean {near[0]}?" if near else "the kinds are listed in schemas/events/vocabulary.csv"
    return f"`{path}` is not a kind of event; {meant}"


def _choice(_: re.Match[str], path: str, kind: str | None) -> str:
    if path == "specversion":
        return '`specversion` is not "1.0"; events are CloudEvents 1.0'
    name = path.removeprefix("data.")
    field = KINDS[kind].fields.get(name) if kind in KINDS else None
    known = f"; use one of: {', '.join(field.choices)}" if field else ""
    return f"{_field(path)} is not one of its codes{known}"


def _free_text(_: re.Match[str], path: str, __: str | None) -> str:
    return (
        f"{_field(path)} is not a code: letters, digits and . _ - only, beginning with a letter or digit"
        " (an id may have : / # + too); spaces, names and free text are not kept: send the code"
    )


def _too_long(found: re.Match[str], path: str, _: str | None) -> str:
    return f"{_field(path)} is longer than {found[1]} characters; send the code, not free text"


def _out_of_range(_: re.Match[str], path: str, kind: str | None) -> str:
    if path.startswith("data."):
        return f"{_field(path)} is not a number from 0 to {MOST:,}; send the number itself"
    return f"{_field(path)} is a number; it must be text in quotes"


def _no_zone(_: re.Match[str], path: str, __: str | None) -> str:
    return f"{_field(path)} has no time zone; add one (2024-03-05T09:30:00Z), or send the day alone as `occurredon`"


def _no_date(found: re.Match[str], path: str, _: str | None) -> str:
    right = "2024-03-05T09:30:00Z" if found[1] == "datetime" else "2024-03-05"
    return f"{_field(path)} is not a {'time' if found[1] == 'datetime' else 'day'} that exists; write it as {right}"


def _wrong_type(found: re.Match[str], path: str, _: str | None) -> str:
    expected, got = found[1].removesuffix(" | null"), found[2]
    if got == "null":
        return f"{_field(path)} is null; send its value, or leave the field out if it may be absent"
    return f"{_field(path)} is {_WORDS.get(got, got)}; it must be {_WORDS.get(expected, expected)}"


_SAYINGS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str, str | None], str]], ...] = (
    (re.compile(r"Object contains unknown field `(.*)`", re.DOTALL), _unknown),
    (re.compile(r"Object missing required field `(.*)`"), _missing),
    (re.compile(r"Invalid value "), _no_kind),
    (re.compile(r"Invalid enum value "), _choice),
    (re.compile(r"Expected `str` matching regex "), _free_text),
    (re.compile(r"Expected `(?:int|float)` [<>]=|(?:Number|Integer value) out of range"), _out_of_range),
    (re.compile(r"Expected `str` of length <= (\d+)"), _too_long),
    (re.compile(r"Expected `datetime(?: \| null)?` with a timezone"), _no_zone),
    (re.compile(r"Invalid RFC3339 encoded (datetime|date)"), _no_date),
    (re.compile(r"Expected `([^`]*)`, got `([^`]*)`"), _wrong_type),
)
