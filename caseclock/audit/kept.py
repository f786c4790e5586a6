"""The rules by which something was reported, kept whole in the store by their digest, so that it can be folded by them
again."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from caseclock.runtime import Rules
from schemas.errors import CaseclockError
from schemas.store.audit_tables import KeptRules
from schemas.store.engine import add_rows, table_of
from schemas.time.calendar import Calendar
from services.timeliness.history.teams import Divisions
from services.timeliness.standards.register import Register, read

_KEPT = table_of(KeptRules)
KINDS = ("register", "calendar", "teams", "sources")


class Unreadable(CaseclockError):
    """Rules of then that today's software cannot read. The message says which, and why."""


class Digests(NamedTuple):
    """The SHA-256 of each kind of rule."""

    register: str
    calendar: str
    teams: str
    sources: str


class KeptText(NamedTuple):
    """One kind of rule, as it is kept."""

    kind: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.kind}\n{self.text}".encode()).hexdigest()


def texts_of(rules: Rules) -> list[KeptText]:
    """Returns rules as they are kept, in the order of `KINDS`."""
    calendar, rows = rules.calendar, rules.divisions.rows()
    days = {day.isoformat(): name for day, name in sorted(calendar.bank_holidays.items())}
    told: Mapping[str, Any] = {
        "register": rules.register.files,
        "calendar": {"first": calendar.first, "last": calendar.last, "bank_holidays": days},
        "teams": [list(row) for row in rows],
        "sources": list(rules.register.sources),
    }
    return [KeptText(kind, msgspec.json.encode(told[kind], order="sorted").decode()) for kind in KINDS]


def digests_of(rules: Rules) -> Digests:
    """Returns the digest of each kind of rule."""
    return Digests(*(one.digest for one in texts_of(rules)))


def keep(connection: Connection, rules: Rules) -> list[KeptText]:
    """Keeps rules that are not kept yet, in the caller's transaction. Gives those that are new."""
    texts = texts_of(rules)
    query = select(_KEPT.c.digest).where(_KEPT.c.digest.in_([one.digest for one in texts]))
    there = set(connection.execute(query).scalars())
    new = [one for one in texts if one.digest not in there]
    add_rows(connection, KeptRules, [{"digest": one.digest, "kind": one.kind, "text": one.text} for one in new])
    return new


def read_back(connection: Connection, digests: Digests) -> Rules:
    """Returns the rules of these digests. Raises Unreadable."""
    rows = connection.execute(select(_KEPT.c.digest, _KEPT.c.text).where(_KEPT.c.digest.in_(list(digests))))
    texts = {row.digest: row.text for row in rows}
    found = {}
    for kind, digest in zip(KINDS, digests, strict=True):
        text = texts.get(digest)
        if text is None or KeptText(kind, text).digest != digest:
            raise Unreadable(f"the {kind} of then is not in the store as it was kept: restore it from a backup")
        try:
            found[kind] = _READERS[kind](text)
        except (CaseclockError, ValueError, KeyError, TypeError, msgspec.MsgspecError) as wrong:
            raise Unreadable(f"the {kind} of then cannot be read by this software: {wrong}") from wrong
    register: Register = found["register"]
    return Rules(register.ranking(found["sources"]), found["calendar"], found["teams"])


@lru_cache(maxsize=4)
def _register(text: str) -> Register:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in msgspec.json.decode(text).items():
            (Path(folder) / Path(name).name).write_text(content, encoding="utf-8")
        return read(Path(folder))


@lru_cache(maxsize=4)
def _calendar(text: str) -> Calendar:
    kept = msgspec.json.decode(text)
    days = {date.fromisoformat(day): name for day, name in kept["bank_holidays"].items()}
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Calendar(date.fromisoformat(kept["first"]), date.fromisoformat(kept["last"]), days, f"kept-{version}")


def _teams(text: str) -> Divisions:
    rows: dict[str, list[tuple[date, date, str]]] = {}
    for team, first, last, division in msgspec.json.decode(text):
        rows.setdefault(team, []).append((date.fromisoformat(first), date.fromisoformat(last), division))
    return Divisions(rows)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "register": _register,
    "calendar": _calendar,
    "teams": _teams,
    "sources": msgspec.json.decode,
}
