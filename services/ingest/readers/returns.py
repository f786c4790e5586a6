"""What the two statutory returns share: days, yes and no, identities, events, and what a file says it covers.

A return has no event ids and no times of recording. An event's id is therefore a hash of the child, the kind
and the natural key of the fact (the day an assessment began, the day of a review): never of the file or the
row, so that next year's file, in another order, says the same fact under the same id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from schemas.events.event import YEARS, decode
from schemas.events.vocabulary import KINDS

NOT_STATED = "not_stated"  # a code the vocabulary needs and the return has no column for

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T00:00:00(?:\.0+)?)?(?:Z|[+-]\d\d:\d\d)?")
_UK = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})")
_YES_NO = {"1": True, "true": True, "0": False, "false": False}

Covers = tuple[date, date] | None


def day(text: str) -> date | None:
    """The day a text names, or None: `2024-03-31` (a midnight or a zone after it is let pass) or
    `31/03/2024`.

    A year outside `schemas.events.event.YEARS` is a slip and names no day.
    """
    if match := _ISO.fullmatch(text):
        year, month, of_month = match.groups()
    elif match := _UK.fullmatch(text):
        of_month, month, year = match.groups()
    else:
        return None
    try:
        found = date(int(year), int(month), int(of_month))
    except ValueError:
        return None
    return found if found.year in YEARS else None


def spelt(text: str) -> str:
    """A day in the one spelling that is hashed and sent (ISO); anything else as it stands, to be refused."""
    found = day(text)
    return found.isoformat() if found else text


def yes_no(text: str) -> bool | str | None:
    """`1/0` and `true/false` in any case; None for nothing said; other text as it stands, to be refused."""
    return _YES_NO.get(text.lower(), text) if text else None


def said(**fields: Any) -> dict[str, Any]:
    """The fields that say something: None and empty text are left out, because absent means unknown."""
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def identity(child: str, kind: str, *key: object) -> str:
    """The id of a fact: 128 bits of a hash over child, kind and natural key."""
    parts = [child, kind, *(str(part) for part in key)]
    return blake2b(msgspec.json.encode(parts), digest_size=16).hexdigest()


class Fact(NamedTuple):
    """One thing a return says of a child. `on` is its day as the file has it; `line` where it was read."""

    child: str
    kind: str
    on: str
    key: tuple[object, ...]
    data: dict[str, Any]
    line: int

    @property
    def id(self) -> str:
        return identity(self.child, self.kind, *self.key)


def events_of(fact: Fact, source: str) -> Iterator[bytes]:
    """The fact as an event in JSON.

    A detail that cannot be read does not take the fact along: the event goes out without it, and once more
    with it, which the accept path refuses, naming the field. A fact that cannot be read at all goes out as it
    stands, to be refused likewise.
    """
    raw = {
        "specversion": "1.0",
        "id": fact.id,
        "source": source,
        "type": fact.kind,
        "subject": fact.child,
        "occurredon": spelt(fact.on),
        "data": fact.data,
    }
    whole = msgspec.json.encode(raw)
    if not _readable(whole):
        optional = {name for name, of in KINDS[fact.kind].fields.items() if of.optional} & fact.data.keys()
        needed = {name: value for name, value in fact.data.items() if name not in optional}
        fine = {
            name
            for name in optional
            if _readable(msgspec.json.encode({**raw, "data": {**needed, name: fact.data[name]}}))
        }
        without = msgspec.json.encode({**raw, "data": {n: v for n, v in fact.data.items() if n not in optional - fine}})
        if _readable(without):
            yield without
    yield whole


def _readable(raw: bytes) -> bool:
    try:
        decode(raw)
    except ValueError:
        return False
    return True


@dataclass
class Span:
    """The first and the last day of what happens in a file."""

    first: date | None = None
    last: date | None = None

    def take(self, on: str) -> None:
        """Widen to a day; a text that names none is left out."""
        if found := day(on):
            self.first = min(self.first or found, found)
            self.last = max(self.last or found, found)


@dataclass
class Statement:
    """What a source says it carries: `kinds`, over the span of what happens in it or `covers` if given."""

    source: str
    kinds: Iterable[str]
    covers: Covers
    span: Span = field(default_factory=Span)

    def event(self) -> bytes | None:
        """The `feed.covered` event; None for a file in which nothing is dated.

        Its id is a hash of what it says, so that another span is a further statement and takes nothing back.
        It is dated on its first day, so that a question about any later day knows of it.
        """
        first, last = self.covers or (self.span.first, self.span.last)
        if first is None or last is None:
            return None
        kinds = sorted(self.kinds)
        return msgspec.json.encode(
            {
                "specversion": "1.0",
                "id": identity(self.source, "feed.covered", first, last, *kinds),
                "source": self.source,
                "type": "feed.covered",
                "subject": self.source,
                "occurredon": first,
                "data": {"kinds": kinds, "from_on": first, "to_on": last, "complete_to": last},
            }
        )
