"""Published figures as the store holds them: the publication, and its lines."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, or_, select, update

from caseclock.audit.kept import Digests
from schemas.errors import CaseclockError
from schemas.store.audit_tables import Frozen, FrozenLine
from schemas.store.engine import among, table_of, write_rows
from services.ingest.decide.tree import root_of
from services.timeliness.figures.lines import Counts, Line, Shape
from services.timeliness.figures.periods import Period

FROZEN, LINE = table_of(Frozen), table_of(FrozenLine)
_WHO = ("child", "clock", "causes", "started_on", "started_at", "due_on", "due_at", "ended_on", "ended_at")


class NoSuchPublication(CaseclockError):
    """Nothing was frozen under this name. The message says what there is."""


class Publication(msgspec.Struct, kw_only=True, rename={"from_on": "from", "to_on": "to"}):
    """A published figure, as the command shows it: see `schemas.store.audit_tables.Frozen`."""

    publication: str
    from_on: date
    to_on: date
    as_of: datetime
    frozen_at: datetime
    purpose: str
    position: int
    head: str
    root: str
    register: str
    calendar: str
    teams: str
    sources: str
    code: str
    lines: int
    lines_root: str
    supersedes: str | None


class Kept(NamedTuple):
    """A publication with what is not shown of it."""

    shown: Publication
    release: str
    last_known_at: datetime | None
    shapes: dict[str, Shape]

    @property
    def period(self) -> Period:
        return Period(self.shown.from_on, self.shown.to_on)

    @property
    def digests(self) -> Digests:
        return Digests(self.shown.register, self.shown.calendar, self.shown.teams, self.shown.sources)


class KeptLine(NamedTuple):
    """A line as it is kept: `line`, and `who` as it is hashed, are None where whom it is about was erased."""

    number: int
    standard: str
    who_hash: bytes
    salt: bytes | None
    verdict: str | None
    team: str | None
    took: float | None
    counts: str
    line: Line | None
    ids: frozenset[str]
    lacks: bool
    proven: bool
    who: str | None = None

    @property
    def added(self) -> Counts:
        return {(division, team, measure): n for division, team, measure, n in msgspec.json.decode(self.counts)}

    @property
    def leaf(self) -> bytes:
        """What the root of the lines is over, and an erasure leaves."""
        said = [self.number, self.who_hash.hex(), self.standard, self.verdict, self.team, self.took]
        return msgspec.json.encode([*said, msgspec.Raw(self.counts.encode())])


def who_of(line: Line) -> str:
    """Returns whom a line is about, its events and its days, as JSON."""
    told = {name: value for name in _WHO if (value := getattr(line, name)) not in (None, ())}
    return msgspec.json.encode(told, order="sorted").decode()


def root_of_lines(lines: Sequence[KeptLine]) -> str:
    """Returns the root of the tree over lines, in their order."""
    return root_of(line.leaf for line in lines).hex()


def publications(connection: Connection) -> list[Kept]:
    """Everything that was frozen, the oldest first."""
    query = select(FROZEN).order_by(FROZEN.c.frozen_at, FROZEN.c.name, FROZEN.c.edition)
    return [_kept(row) for row in connection.execute(query)]


def find(connection: Connection, name: str) -> Kept:
    """Returns a publication; of a period's name alone the newest edition. Raises NoSuchPublication."""
    query = select(FROZEN).where(or_(FROZEN.c.publication == name, FROZEN.c.name == name))
    row = connection.execute(query.order_by(FROZEN.c.edition.desc()).limit(1)).first()
    if row is None:
        there = connection.execute(select(FROZEN.c.publication).order_by(FROZEN.c.frozen_at.desc()).limit(5)).scalars()
        known = ", ".join(there) or "none; `caseclock freeze` makes one"
        raise NoSuchPublication(f"nothing was frozen as {name!r}; the latest are {known}")
    return _kept(row)


def _kept(row: Any) -> Kept:
    fields = row._mapping
    of = {name: fields[f"by_{name}"] for name in ("register", "calendar", "teams", "sources", "code")}
    names = set(Publication.__struct_fields__) - of.keys()
    shown = Publication(**of, **{name: fields[name] for name in names})
    return Kept(shown, row.release, row.last_known_at, msgspec.json.decode(row.shapes, type=dict[str, Shape]))


def lines_of(connection: Connection, publication: str) -> Iterator[KeptLine]:
    """The lines of a publication, in their order."""
    query = select(LINE).where(LINE.c.publication == publication).order_by(LINE.c.number)
    for row in connection.execute(query, execution_options={"yield_per": 5000}):
        yield _line(row)


def _line(row: Any) -> KeptLine:
    who_hash, salt = bytes(row.who_hash), bytes(row.salt) if row.salt is not None else None
    line, proven = None, row.who is None
    if row.who is not None:
        proven = salt is not None and hashlib.sha256(salt + row.who.encode()).digest() == who_hash
        told = msgspec.json.decode(row.who)
        told["clock"] = told.get("clock")
        rest = {"standard": row.standard, "verdict": row.verdict, "team": row.team, "took": row.took}
        line = msgspec.convert({**told, **rest, "counts": msgspec.json.decode(row.counts)}, Line)
    ids = frozenset(msgspec.json.decode(row.ids)) if row.ids else frozenset()
    return KeptLine(
        row.number,
        row.standard,
        who_hash,
        salt,
        row.verdict,
        row.team,
        row.took,
        row.counts,
        line,
        ids,
        bool(row.lacks),
        proven,
        row.who,
    )


def forget(connection: Connection, ids: Collection[str], others: Collection[str], names: Callable[[str], bool]) -> None:
    """Blanks the lines of an erased child, under all these ids, in the caller's transaction. What else was worked out
    from an erased event, of another id of the child or of `others`, is marked: it cannot be for certain any more; and
    blanked where it `names` the child."""
    blank = {"child": None, "who": None, "salt": None, "ids": None}
    connection.execute(update(LINE).where(among(connection, LINE.c.child, ids)).values(**blank))
    of_others = among(connection, LINE.c.child, others)
    connection.execute(update(LINE).where(of_others).values(lacks=True))
    for row in connection.execute(select(LINE.c.publication, LINE.c.number, LINE.c.who).where(of_others)).all():
        if names(row.who):
            this = (LINE.c.publication == row.publication, LINE.c.number == row.number)
            connection.execute(update(LINE).where(*this).values(**blank))
    joined = select(LINE.c.publication, LINE.c.number, LINE.c.ids).where(LINE.c.ids.is_not(None))
    for row in connection.execute(joined).all():
        them = msgspec.json.decode(row.ids)
        if gone := set(ids) & set(them):
            left = sorted(set(them) - gone)
            this = (LINE.c.publication == row.publication, LINE.c.number == row.number)
            said = msgspec.json.encode(left).decode() if left else None
            connection.execute(update(LINE).where(*this).values(ids=said, lacks=True))


def write(connection: Connection, publication: str, rows: Sequence[dict[str, Any]], frozen: dict[str, Any]) -> None:
    """Writes a publication after its lines, which it takes no more of then."""
    write_rows(connection, FrozenLine, [{"publication": publication, **row} for row in rows])
    write_rows(connection, Frozen, [frozen])
