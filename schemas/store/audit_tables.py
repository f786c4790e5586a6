"""The tables of what was reported and of our own acts. As in `schemas.store.tables`, each has one writing service."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from schemas.store.tables import Instant, alike_everywhere


class JournalEntry(SQLModel, table=True):
    """One act of ours: figures frozen, a child erased, rules first used. Append-only, chained, and naming no child.
    Writer: ingest. `told`: JSON. `chain` = SHA-256(previous chain + seq + at + act + told)."""

    __tablename__ = "journal"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
    act: str
    told: str = Field(sa_column=Column(Text, nullable=False))
    chain: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class KeptRules(SQLModel, table=True):
    """Rules by which something was reported, whole, by the SHA-256 of their text: a `register`, a `calendar`, a file of
    `teams`, a rank of `sources`. Append-only. Writer: the product."""

    __tablename__ = "kept_rules"
    digest: str = Field(primary_key=True)
    kind: str
    text: str = Field(sa_column=Column(Text, nullable=False))


class Frozen(SQLModel, table=True):
    """A published figure: which period, as of when, why, of which log, by which rules. Append-only. Writer: the
    product.

    `position`, `head`, `root`: the last row of the log, its chain and the root of the tree over the log, in hex.
    `last_known_at`: when the latest of it became known. `by_register`, `by_calendar`, `by_teams`, `by_sources`: the
    digests of what is in `kept_rules`; `by_code`: that of the package. `lines_root`: the root of the tree over the
    lines. `shapes`: JSON, which measures a standard has (`figures.lines.Shape`).
    """

    __tablename__ = "frozen"
    publication: str = Field(primary_key=True)
    name: str  # of the period
    edition: int
    from_on: date
    to_on: date
    as_of: datetime = Field(sa_column=Column(Instant, nullable=False))
    frozen_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    purpose: str
    position: int
    head: str
    root: str
    last_known_at: datetime | None = Field(sa_column=Column(Instant))
    by_register: str
    by_calendar: str
    by_teams: str
    by_sources: str
    by_code: str
    release: str
    lines: int
    lines_root: str
    supersedes: str | None
    shapes: str = Field(sa_column=Column(Text, nullable=False))


class FrozenLine(SQLModel, table=True):
    """What a child and a clock added to a published figure. Writer: the product. Append-only; when the child is erased
    `child`, `who` and `salt` are blanked and what was counted stays.

    `who`: JSON, the clock with its events and days; `who_hash` = SHA-256(salt + who). `ids`: JSON, the other ids of the
    child, where there are any. `lacks`: an event of it was erased since, so that it cannot be worked out again for
    certain. `counts`: JSON, `[[division, team, measure, n], ...]`.
    """

    __tablename__ = "frozen_line"
    __table_args__ = (Index("frozen_line_child", "child"),)
    publication: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    standard: str
    child: str | None
    who: str | None = Field(sa_column=Column(Text))
    salt: bytes | None = Field(sa_column=Column(LargeBinary))
    who_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    verdict: str | None
    team: str | None
    took: float | None
    counts: str = Field(sa_column=Column(Text, nullable=False))
    ids: str | None = Field(sa_column=Column(Text))
    lacks: bool


class Tick(SQLModel, table=True):
    """Proof that the monitor looked: what a sweep of all clocks did, also a quiet one. Append-only, chained. Writer:
    alerts.

    `as_of`: the moment it looked as of; `begun_at`, `ended_at`: by the wall clock. `head`: the log's last row;
    `folded_to`: how far all clocks were folded. `rungs`: SHA-256 over the ids of the rungs it claimed, sorted, a line
    each.
    """

    __tablename__ = "tick"
    __table_args__ = (Index("tick_as_of", "as_of"),)
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    as_of: datetime = Field(sa_column=Column(Instant, nullable=False))
    begun_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    ended_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    head: int
    folded_to: int
    looked_at: int
    told: int
    skipped: int
    held: int
    waiting: int
    failed: int
    rungs: str
    chain: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


OF_THE_AUDIT: tuple[type[SQLModel], ...] = (JournalEntry, KeptRules, Frozen, FrozenLine, Tick)
alike_everywhere(SQLModel.metadata.tables[str(model.__tablename__)] for model in OF_THE_AUDIT)
