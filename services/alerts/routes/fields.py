"""Reading a file that a person wrote, noting everything wrong with it and not only the first. Pure.

Each reading gives a value that can be gone on with, whatever was written; what was wrong is in the list of faults.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Any, NamedTuple

Place = tuple[str | int, ...]  # keys and places in lists, from the top: ("people", 0, "email")

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_EMAIL = re.compile(r"[^\s@<>,;\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class RouteFault(NamedTuple):
    """Holds what is wrong, on which line, of which field (`people[2].email`), and what to do, in one sentence."""

    line: int
    field: str
    what: str


class Fields:
    """A mapping of the file. Ask for each field it may have, then `end`: what was not asked for is refused."""

    def __init__(self, raw: Any, place: Place, lines: Mapping[Place, int], faults: list[RouteFault]) -> None:
        self._place, self._lines, self._faults = place, lines, faults
        self._asked: set[str] = set()
        if not isinstance(raw, dict):
            if raw is not None:
                self.wrong((), f"is {raw!r}; write fields under it, each on a line as `name: value`")
            raw = {}
        self._raw: dict[Any, Any] = raw

    def wrong(self, at: Place, what: str) -> None:
        """Note a fault of a field of this mapping, or of the mapping itself (no place)."""
        place = (*self._place, *at)
        line = next(self._lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in self._lines)
        self._faults.append(RouteFault(line, _spelt(place), what))

    def has(self, name: str) -> bool:
        return self._raw.get(name) is not None

    def text(self, name: str, *, needed: bool = False) -> str | None:
        """Words on one line."""
        value = self._get(name, needed)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            self.wrong((name,), f"is {value!r}; write a name (in quotes if it is a number or a date)")
            return None
        return value.strip()

    def email(self, name: str) -> str | None:
        value = self.text(name, needed=True)
        if value is not None and not _EMAIL.fullmatch(value):
            self.wrong((name,), f"is {value!r}; write an e-mail address, as name@council.gov.uk")
            return None
        return value

    def day(self, name: str) -> date | None:
        value = self._get(name, True)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.wrong((name,), f"is {value!r}; write a day, as 2024-03-31")
        return None

    def time(self, name: str, default: time) -> time:
        value = self._get(name, False)
        if value is None:
            return default
        if isinstance(value, str) and _TIME.fullmatch(value):
            return time.fromisoformat(value)
        self.wrong((name,), f"is {value!r}; write a London time, as 08:30")
        return default

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        value = self._get(name, False)
        if value is None or value in choices:
            return value or default
        self.wrong((name,), f"is {value!r}; write {_any_of(str(value), choices)}")
        return default

    def several(self, name: str, choices: Collection[str] | None = None) -> list[str]:
        """A list of words, each once; each one of `choices` where they are given."""
        found: list[str] = []
        for number, value in enumerate(self._list(name)):
            if not isinstance(value, str) or not value.strip():
                self.wrong((name, number), f"is {value!r}; write a word")
            elif value in found:
                self.wrong((name, number), f"{value!r} is there twice; take one away")
            elif choices is not None and value not in choices:
                self.wrong((name, number), f"is {value!r}; write {_any_of(value, choices)}")
            else:
                found.append(value)
        return found

    def part(self, name: str) -> Fields:
        """A mapping within this one; an empty one if it is not there."""
        return self._fields(self._get(name, False), (name,))

    def parts(self, name: str) -> list[Fields]:
        """A list of mappings."""
        return [self._fields(value, (name, number)) for number, value in enumerate(self._list(name))]

    def end(self) -> None:
        """Refuse what nobody asked for."""
        for key in self._raw:
            if key not in self._asked:
                self.wrong((key,), f"is no field here; {_meant(str(key), self._asked)}")

    def _get(self, name: str, needed: bool) -> Any:
        self._asked.add(name)
        value = self._raw.get(name)
        if value is None and needed:
            self.wrong((name,), "is needed; write it, or take the whole entry away")
        return value

    def _list(self, name: str) -> list[Any]:
        value = self._get(name, False)
        if value is None or isinstance(value, list):
            return value or []
        self.wrong((name,), f"is {value!r}; write a list, each entry on a line after `- `")
        return []

    def _fields(self, raw: Any, at: Place) -> Fields:
        return Fields(raw, (*self._place, *at), self._lines, self._faults)


def _any_of(value: str, choices: Collection[str]) -> str:
    near = get_close_matches(value, choices, n=1)
    return f"{near[0]}?" if near else f"one of {', '.join(sorted(choices))}"


def _meant(key: str, asked: Collection[str]) -> str:
    near = get_close_matches(key, asked, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(asked))}"


def _spelt(place: Place) -> str:
    """people[2].email, counted from 1 as a reader counts."""
    said = ""
    for step in place:
        said += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if said else str(step)
    return said or "the file"
