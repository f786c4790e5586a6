"""The tables. Each has one writing service, named in its docstring; the others may read.

Days are DATE, instants are UTC with their zone (`Instant`). SQLModel's `table=True` validates nothing: what
goes in was checked before (`schemas.events.event`), and the database holds the keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy import DateTime as SqlDateTime
from sqlalchemy.dialects import postgresql
from sqlmodel import AutoString, Field, SQLModel

from schemas.time.days import iso


class Instant(TypeDecorator[datetime]):
    """An instant with its zone: timestamptz where the database has it, else ISO text in UTC that sorts so."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(SqlDateTime(timezone=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value if dialect.name == "postgresql" else iso(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value.astimezone(UTC) if value else None
        return datetime.fromisoformat(value)


def _instant(**more: Any) -> Any:
    return Column(Instant, **more)


# The few events that bear on other children than their own: looked up at every fold, so found without a search.
_OF_ALL = text(
    "type = 'child.merged' OR type = 'feed.covered' OR type = 'order.made' OR type = 'worker.left'"
    " OR type = 'worker.allocated'"
)


class LoggedEvent(SQLModel, table=True):
    """The truth: every accepted event, in commit order, for ever. Writer: ingest.

    `hash` = SHA-256(salt + payload); `chain` = SHA-256(previous chain + seq + hash + known_at + source).
    Erasure blanks type, subject, days, times, salt and payload, leaves source, known_at, hash and chain, and puts a
    keyed digest of the identity in place of the id (`schemas.store.erased`).
    `future`: when it became known it had not happened yet. `shard`: the child's (`schemas.kafka.shards`);
    -1 where the row was erased, as a shard says something of the child.
    """

    __tablename__ = "event_log"
    __table_args__ = (
        UniqueConstraint("id", "source", name="event_identity"),
        Index("event_log_child", "subject", "seq"),
        Index("event_log_shard", "shard", "seq"),
        Index("event_log_of_all", "type", sqlite_where=_OF_ALL, postgresql_where=_OF_ALL),
    )
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    source: str
    id: str
    type: str | None
    subject: str | None
    occurred_on: date | None = Field(sa_column=Column(Date))
    recorded_at: datetime | None = Field(sa_column=_instant())
    known_at: datetime = Field(sa_column=_instant(nullable=False))
    future: bool
    salt: bytes | None = Field(sa_column=Column(LargeBinary))
    payload: bytes | None = Field(sa_column=Column(LargeBinary))
    hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    chain: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    shard: int = Field(sa_column=Column(SmallInteger, nullable=False, server_default="0"))


class Quarantined(SQLModel, table=True):
    """Holds what was refused, whole, with the reason. Writer: ingest. One row for a record and reason."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("raw_hash", "reason", name="quarantine_once"),)
    id: int | None = Field(default=None, primary_key=True)
    received_at: datetime = Field(sa_column=_instant(nullable=False))
    place: str  # the file and line, or the feed it came by
    code: str  # invalid, conflict, wrong_subject, merge_cycle ...
    reason: str
    subject: str | None = Field(default=None, index=True)  # whom it may be about, where that could be read
    raw: str | None = Field(sa_column=Column(Text))
    raw_hash: str
    erased_at: datetime | None = Field(default=None, sa_column=_instant())  # then raw and subject are blank
    erasure_reason: str | None = None


class Settled(SQLModel, table=True):
    """Records that a quarantined record waits for nothing more, when and why. Append-only. Writer: ingest.

    `how`: `taken` (the event it claims to be is in the log now, sent right or taken in on another try),
    `refused_again` (for a reason that has a row of its own) or `set_aside` (somebody says, in `reason`, why it need not
    be taken in).
    """

    __tablename__ = "settled"
    quarantined: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_column=_instant(nullable=False))
    how: str
    reason: str | None = None


class Erasure(SQLModel, table=True):
    """Records that a payload was erased, when and why. Writer: ingest. The log refuses one not entered here first."""

    __tablename__ = "erasure"
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    erased_at: datetime = Field(sa_column=_instant(nullable=False))
    reason: str


class ErasureKey(SQLModel, table=True):
    """Holds a check of the key by which what was erased is known again (`schemas.store.erased`). Writer: ingest. One
    row, from the first erasure on."""

    __tablename__ = "erasure_key"
    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    digest: str


class Feed(SQLModel, table=True):
    """A source that has sent live events, and since when. Writer: ingest. From then on no history."""

    __tablename__ = "feed"
    source: str = Field(primary_key=True)
    live_since: datetime = Field(sa_column=_instant(nullable=False))


class Publication(SQLModel, table=True):
    """Holds how far the log was published to Kafka: every event up to this one was. Writer: ingest. One row."""

    __tablename__ = "publication"
    id: int = Field(default=1, primary_key=True)
    published_to: int
    published_at: datetime = Field(sa_column=_instant(nullable=False))


class Heartbeat(SQLModel, table=True):
    """Records that a worker lives. Writer: each worker its own row. `swept_at`: when it last looked for what was left
    undone."""

    __tablename__ = "heartbeat"
    service: str = Field(primary_key=True)
    worker: str = Field(primary_key=True)
    started_at: datetime = Field(sa_column=_instant(nullable=False))
    seen_at: datetime = Field(sa_column=_instant(nullable=False))
    swept_at: datetime | None = Field(default=None, sa_column=_instant())


class Generation(SQLModel, table=True):
    """Which build of the clock table is live. Writer: timeliness. One row."""

    __tablename__ = "generation"
    id: int = Field(default=1, primary_key=True)
    live: int


class Progress(SQLModel, table=True):
    """Holds how far a generation has folded a shard: every event of the shard up to this position of the log, by
    these rules. Writer: timeliness. A generation later than the live one is being built."""

    __tablename__ = "progress"
    generation: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    shard: int = Field(sa_column=Column(SmallInteger, primary_key=True, autoincrement=False))
    folded_to: int
    register_version: str
    calendar_version: str


_OPEN = text("NOT settled AND NOT prohibits AND unmeasured IS NULL")
_AT_A_MEETING = text("meeting IS NOT NULL AND unmeasured IS NULL AND NOT prohibits")


class ClockRow(SQLModel, table=True):
    """A clock as `schemas.clock.Clock`, in a generation. Writer: timeliness.

    `rungs`: for a clock still running, JSON `[[rung, instant], ...]` in time order: when each step of the
    alert ladder comes, if nothing happens before. `first_rung_at` is the earliest of them. `division`: the team's on
    the day it counts for. `settled`: it has ended, and not on a day that lay ahead when the child was last heard of.
    """

    __tablename__ = "clock"
    __table_args__ = (
        Index("clock_child", "generation", "child"),
        Index("clock_rung", "generation", "first_rung_at"),
        Index("clock_team", "generation", "team_now", "ended_on"),
        Index("clock_open", "generation", "due_on", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("clock_meeting", "generation", "due_on", sqlite_where=_AT_A_MEETING, postgresql_where=_AT_A_MEETING),
    )
    generation: int = Field(primary_key=True)
    id: str = Field(primary_key=True)
    standard: str
    child: str
    started_on: date
    due_on: date | None
    cause: str
    team: str
    started_at: datetime | None = Field(sa_column=_instant())
    due_at: datetime | None = Field(sa_column=_instant())
    warn_on: date | None
    warn_at: datetime | None = Field(sa_column=_instant())
    ended: str | None
    ended_on: date | None
    ended_at: datetime | None = Field(sa_column=_instant())
    stop_cause: str | None
    lasts_to: date | None
    recorded_late: bool
    took: float | None
    unmeasured: str | None
    day_precision: bool
    prohibits: bool
    broken: bool
    booked_on: date | None
    faults: str | None
    team_now: str
    rungs: str | None = Field(sa_column=Column(Text))
    first_rung_at: datetime | None = Field(sa_column=_instant())
    meeting: str | None
    division: str
    settled: bool
    after_excuse: bool
    instead: str | None
    begun_again: bool | None
    aliases: str | None
    teams: str | None


class ClockAlias(SQLModel, table=True):
    """Another id of a clock, so that what was told, promised or linked under it is found. Writer: timeliness."""

    __tablename__ = "clock_alias"
    __table_args__ = (Index("clock_alias_child", "generation", "child"), Index("clock_alias_of", "generation", "clock"))
    generation: int = Field(primary_key=True)
    alias: str = Field(primary_key=True)
    clock: str
    child: str


class Unannounced(SQLModel, table=True):
    """Clocks that a fold changed and that clock-changes does not say yet; gone once the broker has them. Writer:
    timeliness. `clocks`: their ids, `shards`: of their children, both with spaces between."""

    __tablename__ = "unannounced"
    id: int | None = Field(default=None, primary_key=True)
    shards: str
    clocks: str
    seq: int


class ScopeRow(SQLModel, table=True):
    """A spell during which a must-hold standard applied to a child, or in which a recurring duty was never done yet
    (`undone`), split where the team changed. Writer: timeliness."""

    __tablename__ = "scope"
    __table_args__ = (Index("scope_child", "generation", "child"),)
    id: int | None = Field(default=None, primary_key=True)
    generation: int
    standard: str
    child: str
    team: str
    from_on: date
    to_on: date | None  # last day, inclusive; None while it lasts
    undone: bool


class FaultRow(SQLModel, table=True):
    """A fault in a child's data that the fold saw and did not hide. Writer: timeliness."""

    __tablename__ = "fault"
    __table_args__ = (Index("fault_child", "generation", "child"),)
    id: int | None = Field(default=None, primary_key=True)
    generation: int
    standard: str
    child: str
    event: str
    what: str


class OpenCase(SQLModel, table=True):
    """A child whose case is open as far as is known, and with whom. Writer: timeliness.

    `worker` and `role`: who holds the child (`worker.allocated`); None: nobody that is known. `opened_on`: since when;
    None: before anything was seen. `seen_on`: the last day on which a visit in person saw the child; None: never.
    `plans`: the states of the register that hold, with spaces. `unborn`: only expected. `lasts_to`: the eve of the 18th
    birthday, where the birth is known.
    """

    __tablename__ = "open_case"
    __table_args__ = (Index("open_case_team", "generation", "team"),)
    generation: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    child: str = Field(primary_key=True)
    team: str
    worker: str | None
    role: str | None
    opened_on: date | None
    seen_on: date | None
    plans: str
    unborn: bool
    lasts_to: date | None


class WithdrawnClock(SQLModel, table=True):
    """A clock that would be open still, had its start not been withdrawn: what the sweep tells the team manager once.
    Writer: timeliness. `due_on`: None where it had none; `withdrawn_at`: when the withdrawal was known."""

    __tablename__ = "withdrawn_clock"
    __table_args__ = (Index("withdrawn_clock_child", "generation", "child"),)
    generation: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    clock: str = Field(primary_key=True)
    standard: str
    child: str
    team: str
    started_on: date
    due_on: date | None
    withdrawn_at: datetime = Field(sa_column=_instant(nullable=False))


class ChildAccess(SQLModel, table=True):
    """Records that a person looked at a child, or at a list of a team's children (`child` is None). Append-only;
    when a child is erased its id is blanked. Writer: the pages. `what`: the page, or the file that was taken away."""

    __tablename__ = "child_access"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=_instant(nullable=False))
    person: str = Field(index=True)
    child: str | None = Field(default=None, index=True)
    team: str
    what: str
    erased_at: datetime | None = Field(default=None, sa_column=_instant())


class Alert(SQLModel, table=True):
    """A rung that was told, or skipped because a later one was told instead. Append-only. Writer: alerts.

    `level`: how far up the line it was told (None for a skipped one of old). Which notices tell of it: `telling`.
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("clock", "due_on", "rung", "spell", name="told_once"),
        Index("alert_told_at", "told_at"),
        Index("alert_team", "team", "told_at"),
    )
    id: str = Field(primary_key=True)
    clock: str
    due_on: date
    rung: str
    spell: int
    skipped: bool
    child: str = Field(index=True)
    standard: str
    team: str
    told_at: datetime = Field(sa_column=_instant(nullable=False))
    level: str | None


class Acknowledgement(SQLModel, table=True):
    """A manager's answer to an alert: why, and by which day it will be done; `person`: who gave it, None where nobody
    signs in. Append-only. Writer: alerts."""

    __tablename__ = "acknowledgement"
    id: int | None = Field(default=None, primary_key=True)
    alert: str = Field(index=True)
    reason: str
    by_on: date
    at: datetime = Field(sa_column=_instant(nullable=False))
    person: str | None = None


class Notice(SQLModel, table=True):
    """A message waiting to be sent or sent: the outbox. Append-only. Writer: alerts. Names no child.

    `recipient`: the person it is for, by the routes file; None without one. `kind`: `digest`, or `at_once`. `team`: the
    only team it is of, or the first of several; `level`: the highest that anything in it was told at.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("notice_created", "created_at"),)
    id: str = Field(primary_key=True)
    team: str
    level: str
    text: str
    created_at: datetime = Field(sa_column=_instant(nullable=False))
    recipient: str | None = None
    kind: str = Field(default="at_once", sa_column_kwargs={"server_default": "at_once"})


class Telling(SQLModel, table=True):
    """Which notices tell of which alert: one for each person on the line up to its level. Append-only. Writer:
    alerts."""

    __tablename__ = "telling"
    __table_args__ = (Index("telling_of_notice", "notice"),)
    alert: str = Field(primary_key=True)
    notice: str = Field(primary_key=True)


class DigestDay(SQLModel, table=True):
    """Records that the digests of a working day were written, also where there was nothing to write: the claim of
    the day. Append-only. Writer: alerts."""

    __tablename__ = "digest_day"
    day: date = Field(primary_key=True)
    written_at: datetime = Field(sa_column=_instant(nullable=False))


class RulesTold(SQLModel, table=True):
    """Holds by which release, tables, register and calendar managers were told, and since when. Append-only. Writer:
    alerts."""

    __tablename__ = "rules_told"
    id: int | None = Field(default=None, primary_key=True)
    rules: str
    at: datetime = Field(sa_column=_instant(nullable=False))


class Attempt(SQLModel, table=True):
    """One try to get a notice to a person by a channel, numbered from 1 for each notice. Writer: alerts.

    The row is the claim of that try, written before it; what came of it is noted in it. `outcome`: `trying`, `sent`
    (taken by the channel, not yet said to be delivered), `delivered`, `later` (a temporary failure), `refused` (a
    permanent one). `next_try_at`: when to try or ask again; of a refused one, set where nobody is left to try.
    """

    __tablename__ = "attempt"
    notice: str = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    person: str
    channel: str
    at: datetime = Field(sa_column=_instant(nullable=False))
    outcome: str
    why: str = ""
    next_try_at: datetime | None = Field(default=None, sa_column=_instant())


class Delivery(SQLModel, table=True):
    """Records that a channel says a notice was delivered. Append-only. Writer: alerts."""

    __tablename__ = "delivery"
    notice: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    delivered_at: datetime = Field(sa_column=_instant(nullable=False))


class GoLive(SQLModel, table=True):
    """From when managers are told. Writer: alerts. One row; none means no bound."""

    __tablename__ = "go_live"
    id: int = Field(default=1, primary_key=True)
    at: datetime = Field(sa_column=_instant(nullable=False))


def alike_everywhere(tables: Iterable[Table]) -> None:
    """Returns what PostgreSQL would do differently: compare text by a language (in an order that a new system
    library may change under its indexes) and end numbers at 2^31."""
    for table in tables:
        for column in table.columns:
            if isinstance(column.type, Integer) and not isinstance(column.type, SmallInteger):
                column.type = Integer().with_variant(BigInteger(), "postgresql")
            elif isinstance(column.type, Text | AutoString):
                column.type = column.type.with_variant(postgresql.TEXT(collation="C"), "postgresql")


alike_everywhere(SQLModel.metadata.tables.values())
