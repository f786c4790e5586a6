"""Moves a store to another database: from SQLite to PostgreSQL when one machine is outgrown, or back.

What is true goes as it is: the log with its numbers, hashes, chain and known_at, what was refused and erased, which
sources are live, what managers were told and answered. The clocks are folded from the log at the other end, and must
come out the same; the copied log is verified there, up to the same head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Boolean, Column, Connection, Date, Engine, LargeBinary, Table, func, select
from sqlmodel import SQLModel

from caseclock.access_log import beside as looks_beside
from schemas.errors import CaseclockError
from schemas.store.audit_tables import Frozen, FrozenLine, JournalEntry, KeptRules, Tick
from schemas.store.engine import Stored, append_rows, hold, reader, table_of, write_rows
from schemas.store.erased import carry_key
from schemas.store.postgres import next_numbers
from schemas.store.tables import (
    Acknowledgement,
    Alert,
    Attempt,
    ChildAccess,
    ClockAlias,
    ClockRow,
    Delivery,
    DigestDay,
    Erasure,
    ErasureKey,
    FaultRow,
    Feed,
    Generation,
    GoLive,
    Heartbeat,
    Instant,
    LoggedEvent,
    Notice,
    OpenCase,
    Progress,
    Publication,
    Quarantined,
    RulesTold,
    ScopeRow,
    Settled,
    Telling,
    Unannounced,
    WithdrawnClock,
)
from schemas.store.view_tables import Arrival, DayRow, StandardRow, Tally, TargetRow, TeamRow, Today, TookTally
from schemas.time.calendar import Calendar
from services.ingest.log.verify import Verified, verify
from services.timeliness.standards.register import Register
from services.timeliness.table import progress
from services.timeliness.table.catch_up import catch_up, digest

# Facts, in an order in which the guards let them in: an erasure is entered for a row that is there.
COPIED: tuple[type[SQLModel], ...] = (
    LoggedEvent,
    JournalEntry,
    Erasure,
    ErasureKey,
    KeptRules,
    FrozenLine,  # which a published figure takes no more of
    Frozen,
    Tick,
    Feed,
    Quarantined,
    Settled,
    Publication,
    Arrival,
    Alert,
    Acknowledgement,
    Notice,
    Telling,
    DigestDay,
    RulesTold,
    Attempt,
    Delivery,
    GoLive,
    ChildAccess,
    Today,
    StandardRow,
    TargetRow,
    TeamRow,
    DayRow,
)
FOLDED: tuple[type[SQLModel], ...] = (
    Generation,
    Progress,
    ClockRow,
    ScopeRow,
    FaultRow,
    OpenCase,
    WithdrawnClock,
    ClockAlias,
    Tally,
    TookTally,
)
OF_THE_MACHINES: tuple[type[SQLModel], ...] = (Heartbeat, Unannounced)  # stays behind

_ROWS_AT_ONCE = 5000


class NotCopied(CaseclockError):
    """A store that cannot be moved, or not there. The message says what to do; nothing was copied unless it says so."""


class Copied(NamedTuple):
    """`rows`: how many, by table. `head`: of the log, as `verify` takes it, empty for an empty log. `digest`: of the
    clocks, at both ends."""

    rows: dict[str, int]
    head: str
    digest: str


def copy(
    source: Engine,
    target: Engine,
    register: Register,
    calendar: Calendar,
    watch: Callable[[int, int], None] = lambda done, of: None,
) -> Copied:
    """Copy a store into an empty one. All rows or none; then the clocks are folded and both are compared. `watch` is
    told how many rows are copied, and of how many. Raises NotCopied."""
    _check_empty(target)
    found = verify(source)
    if found.result == "broken":
        raise NotCopied(f"the log to copy is not whole: row {found.where}: {found.what}; nothing was copied")
    catch_up(source, register, calendar)
    with reader(source) as reading:
        clocks = _settled(reading, found)
        with target.begin() as writing:
            hold(writing, "log")
            carry_key(reading, writing)
            rows = _Copying(reading, writing, watch).all()
            rows["child_access"] += _looks_beside(source, writing)
    catch_up(target, register, calendar)
    there = verify(target, _head(found) or None) if found.checked else verify(target)
    with reader(target) as reading:
        copied = digest(reading, progress.live_of(reading) or 0)
    if there != found or copied != clocks:
        what = "clocks" if there == found else "log"
        raise NotCopied(f"everything was copied and the {what} of the copy is not the same: do not use the copy")
    return Copied(rows, _head(found), copied)


def _looks_beside(source: Engine, writing: Connection) -> int:
    """Enters the looks that are in a file of their own beside the store; gives how many."""
    beside = looks_beside(source)
    if beside is None:
        return 0
    table = table_of(ChildAccess)
    with reader(beside) as reading:
        found = [dict(row._mapping) for row in reading.execute(select(table).order_by(table.c.id))]
    write_rows(writing, ChildAccess, [{name: value for name, value in row.items() if name != "id"} for row in found])
    return len(found)


def _head(found: Verified) -> str:
    return f"{found.checked}:{found.digest}" if found.checked else ""


def _check_empty(target: Engine) -> None:
    with reader(target) as connection:
        full = [table for model in (*COPIED, *FOLDED) if _count(connection, table := table_of(model))]
    if full:
        raise NotCopied(
            f"the store to copy to is not empty ({', '.join(table.name for table in full)}): name a new one;"
            " nothing was copied"
        )


def _settled(connection: Connection, found: Verified) -> str:
    """The digest of the clocks, which must have all the log in them."""
    behind = any(state.behind for state in progress.states(connection))
    if behind or progress.head_of(connection) != found.checked:
        raise NotCopied("the store to copy is being written to: stop what writes, and copy again; nothing was copied")
    return digest(connection, progress.live_of(connection) or 0)


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


class _Copying:
    """The rows of one store, on their way into another."""

    def __init__(self, reading: Connection, writing: Connection, watch: Callable[[int, int], None]) -> None:
        self._reading, self._writing, self._watch = reading, writing, watch
        self._stored = Stored.by(writing)
        self._rows = {model: _count(reading, table_of(model)) for model in COPIED}
        self._done = 0

    def all(self) -> dict[str, int]:
        """Every table; gives how many rows each has."""
        for model in COPIED:
            self._table(model)
        return {table_of(model).name: rows for model, rows in self._rows.items()}

    def _table(self, model: type[SQLModel]) -> None:
        table = table_of(model)
        spellings = [self._spelling(column) for column in table.columns]
        for some in self._read(table):
            append_rows(self._writing, model, [_spelt(row, spellings) for row in some])
            self._done += len(some)
            self._watch(self._done, sum(self._rows.values()))
        if self._writing.dialect.name == "postgresql":
            next_numbers(self._writing, table)

    def _read(self, table: Table) -> Iterator[Sequence[Any]]:
        query = select(table).order_by(*table.primary_key.columns)
        with self._reading.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE}) as rows:
            yield from rows.partitions()

    def _spelling(self, column: Column[Any]) -> Callable[[Any], Any] | None:
        """Returns how the driver likes the values of a column; None: as they are."""
        for kind, spelling in (
            (Instant, self._stored.instant),
            (Date, self._stored.day),
            (LargeBinary, self._stored.blob),
            (Boolean, self._stored.flag),
        ):
            if isinstance(column.type, kind):
                return spelling
        return None


def _spelt(row: Sequence[Any], spellings: Sequence[Callable[[Any], Any] | None]) -> tuple[Any, ...]:
    return tuple(
        value if spelling is None or value is None else spelling(value)
        for value, spelling in zip(row, spellings, strict=True)
    )
