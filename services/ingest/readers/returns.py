"""Says what the two statutory returns share: days, yes and no, identities, events, and what a file says it covers.

A return has no event ids and no times of recording, and says the whole of a child's story each time. So a fact is named
by a hash of the child, the kind and its natural key (the day an assessment began, the day of a review): never of the
file or the row. Each return makes a statement of its own of that fact, known when the return was made: of all that
name one fact the newest holds (`schemas.events.chains`), in whatever order they are imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from schemas.events.event import YEARS, decode
from schemas.events.vocabulary import KINDS
from schemas.time.days import ONE_DAY

NOT_STATED = "not_stated"  # a code the vocabulary needs and the return has no column for

_MIDNIGHT = r"(?:[T ]00:00(?::00(?:\.0+)?)?)?"
_ISO = re.compile(rf"(\d{{4}})-(\d\d)-(\d\d){_MIDNIGHT}(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_UK = re.compile(rf"(\d\d?)/(\d\d?)/(\d{{4}}){_MIDNIGHT}", re.ASCII)
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
        """The name of the fact, by which every return states it."""
        return identity(self.child, self.kind, *self.key)


def events_of(fact: Fact, statement: Statement) -> Iterator[bytes]:
    """Yields the fact as an event in JSON, as the return states it.

    A detail that cannot be read does not take the fact along: the event goes out without it, and once more
    with it, which the accept path refuses, naming the field. A fact that cannot be read at all goes out as it
    stands, to be refused likewise.
    """
    raw = {
        "specversion": "1.0",
        "id": statement.id_of(fact),
        "source": statement.source,
        "type": fact.kind,
        "subject": fact.child,
        "occurredon": spelt(fact.on),
        "recordedtime": statement.made,
        "replaces": fact.id,
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
class Statement:
    """One return: who made it and when, what it carries (`kinds`), and for which days (`covers`, inclusive; None where
    nothing in it is dated). `slips`: how many of its facts are dated after the last of these days."""

    source: str
    kinds: Iterable[str]
    made: datetime
    covers: Covers
    slips: int = 0
    _ids: dict[str, str] = field(default_factory=dict)

    def id_of(self, fact: Fact) -> str:
        """Returns the id of the event by which this return states a fact: a hash of the fact, the making of the return
        and what it says. A return that says one fact twice, differently, says it under one id: a conflict."""
        what = msgspec.json.encode([fact.on, fact.data], order="sorted")
        return self._ids.setdefault(fact.id, identity(fact.id, self.made.isoformat(), what.decode()))

    def take(self, fact: Fact) -> None:
        """Counts a fact that is dated after what the return covers: a slip of that fact alone."""
        on = day(fact.on)
        self.slips += self.covers is not None and on is not None and on > self.covers[1]

    def notes(self) -> list[str]:
        """Returns what whoever imports the return should look at."""
        if not self.slips or self.covers is None:
            return []
        return [f"{self.slips:,} dated after {self.covers[1]}, the last day the return covers: slips, kept and shown"]

    def event(self) -> bytes | None:
        """The `feed.covered` event; None for a file in which nothing is dated.

        Its id is a hash of what it says, so that another span is a further statement and takes nothing back.
        It is dated on its first day, so that a question about any later day knows of it.
        """
        if self.covers is None:
            return None
        first, last = self.covers
        kinds = sorted(self.kinds)
        return msgspec.json.encode(
            {
                "specversion": "1.0",
                "id": identity(self.source, "feed.covered", first, last, self.made.isoformat(), *kinds),
                "source": self.source,
                "type": "feed.covered",
                "subject": self.source,
                "occurredon": first,
                "recordedtime": self.made,
                "data": {"kinds": kinds, "from_on": first, "to_on": last, "complete_to": last},
            }
        )


def year_to(last: date) -> tuple[date, date]:
    """Returns the first and the last day, inclusive, of the year that ends on a day.

    >>> year_to(date(2024, 3, 31))
    (datetime.date(2023, 4, 1), datetime.date(2024, 3, 31))
    """
    following = last + ONE_DAY
    before = following.replace(year=following.year - 1) if (following.month, following.day) != (2, 29) else None
    return before or date(following.year - 1, 3, 1), last
