"""Is the log whole? Walked in order, a row at a time, whatever its size.

Three answers: `whole`; `broken`, with where and what; `cannot_tell`, where nothing could be checked. A cut at the end
leaves no trace in what remains: it shows only beside a head kept elsewhere (`SEQ:HASH`, of an earlier verification).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, func, select
from sqlalchemy.exc import DBAPIError

from schemas.events.event import trusted
from schemas.kafka.shards import shard_of
from schemas.store.engine import Stored, reader, table_of
from schemas.store.erased import MARK
from schemas.store.refusals import why
from schemas.store.tables import Erasure, LoggedEvent
from services.ingest.decide.chain import BEGINNING, digest, former_link, link
from services.ingest.log.journal import ERASED, Broken, entries
from services.ingest.log.row import columns, spelt

_LOG, _ERASURE = table_of(LoggedEvent), table_of(Erasure)
_ROWS_AT_ONCE = 1000
_TOLD = ("type", "subject", "occurred_on", "recorded_at", "future")
_BLANK_WHEN_ERASED = ("subject", "occurred_on", "recorded_at", "salt")
_REWRITTEN = "it is not the row that the kept head names: the log was rewritten up to here"
_REWRITTEN_OR_OLD = (
    f"{_REWRITTEN}, or the head was kept before the store was of version 0016 and a row before it was erased since"
)
_HEAD = re.compile(r"([1-9]\d{0,18}):([0-9a-fA-F]{64})")


class Verified(NamedTuple):
    """`checked`: how many rows, from the first, are whole. `digest`: the chain at the last of them, in hex, so that
    `checked:digest` is a head to keep. `where`: the sequence number at which it broke, and `what` broke. `erased`: how
    many of the rows were blanked; `journal`: how many entries the journal has, all of them whole."""

    result: str
    checked: int
    digest: str
    where: int | None = None
    what: str | None = None
    erased: int = 0
    journal: int = 0


class Head(NamedTuple):
    """A row of the log and its chain, kept elsewhere."""

    seq: int
    chain: bytes

    @classmethod
    def parse(cls, text: str) -> Head:
        """From `SEQ:HASH`. Raises ValueError."""
        found = _HEAD.fullmatch(text.strip())
        if not found:
            raise ValueError("a head is SEQ:HASH, a number from 1 and 64 hexadecimal digits, as verify gives them")
        return cls(int(found[1]), bytes.fromhex(found[2]))


def verify(engine: Engine, head: str | None = None) -> Verified:
    """Checks every row and the chain from the first to the last. `head`: a `SEQ:HASH` kept from before; if the log no
    longer has it, it is broken. Raises ValueError for a head that is none."""
    kept = Head.parse(head) if head else None
    checked, chain = 0, BEGINNING
    former: bytes | None = BEGINNING
    try:
        with reader(engine) as connection:
            known, acts = _journal(connection)
            check = _Check(Stored.by(connection), known)
            for row in _rows(connection):
                fault = check.fault(row, checked + 1, chain)
                if fault is None and kept:
                    former = _former(former, row)
                    if row.seq == kept.seq and kept.chain not in (row.chain, former):
                        fault = _REWRITTEN if former else _REWRITTEN_OR_OLD
                if fault is not None:
                    return _broken(checked, chain, fault)
                checked, chain = row.seq, row.chain
            cut = _cut(connection, checked, kept)
    except Broken as broken:
        return Verified("broken", checked, _hex(checked, chain), None, str(broken))
    except DBAPIError as error:
        what = f"the log could not be read after row {checked}: {why(error)}"
        return Verified("cannot_tell", checked, _hex(checked, chain), checked + 1, what)
    if cut is not None:
        return _broken(checked, chain, cut)
    if not checked:
        return Verified("cannot_tell", 0, "", None, "the log is empty: nothing was checked")
    return Verified("whole", checked, _hex(checked, chain), erased=check.erased, journal=acts)


def _journal(connection: Connection) -> tuple[set[int], int]:
    """Returns which rows the journal says were erased, and how many entries it has. Raises Broken."""
    known: set[int] = set()
    acts = 0
    for entry in entries(connection):
        acts = entry.seq
        if entry.act == ERASED:
            known.update(entry.told["positions"])
    return known, acts


def _former(previous: bytes | None, row: Row[Any]) -> bytes | None:
    """The chain as heads kept before version 0016 have it; None once a row is erased, whose id it would take."""
    if previous is None or row.id.startswith(MARK):
        return None
    return former_link(previous, row.seq, row.hash, spelt(row.known_at), row.source, row.id)


def _broken(checked: int, chain: bytes, what: str) -> Verified:
    return Verified("broken", checked, _hex(checked, chain), checked + 1, what)


def _hex(checked: int, chain: bytes) -> str:
    return chain.hex() if checked else ""


def _rows(connection: Connection) -> Iterator[Row[Any]]:
    """The log in order, as the driver has it: a value that was tampered with need not be of its column's type."""
    columns = ", ".join(f"l.{column.name}" for column in _LOG.columns)
    sql = (
        f"SELECT {columns}, e.seq AS erasure FROM {_LOG.name} l"  # noqa: S608  (our own names)
        f" LEFT JOIN {_ERASURE.name} e ON e.seq = l.seq ORDER BY l.seq"
    )
    with connection.exec_driver_sql(sql, execution_options={"yield_per": _ROWS_AT_ONCE}) as rows:
        yield from rows


def _cut(connection: Connection, checked: int, kept: Head | None) -> str | None:
    """Whether rows after the last must have been there."""
    if kept is not None and checked < kept.seq:
        return f"the log ends at row {checked}, and the kept head is row {kept.seq}: the end was cut off"
    erased = connection.execute(select(func.max(_ERASURE.c.seq))).scalar()
    if erased is not None and erased > checked:
        return f"the log ends at row {checked}, and row {erased} was once erased: the end was cut off"
    return None


class _Check:
    """Holds what is wrong with a row, if anything."""

    def __init__(self, stored: Stored, in_journal: Collection[int]) -> None:
        self._stored, self._in_journal = stored, in_journal
        self.erased = 0

    def fault(self, row: Row[Any], expected: int, previous: bytes) -> str | None:
        if row.seq != expected:
            return f"row {expected} is missing; the next one there is {row.seq}"
        if not isinstance(row.hash, bytes):
            return "its hash was changed"
        fault = self._blank(row) if row.payload is None else self._content(row)
        if fault is not None:
            return fault
        if link(previous, row.seq, row.hash, spelt(row.known_at), row.source) != row.chain:
            return "the chain does not hold: its known_at, source, hash or chain was changed, or its place"
        return None if row.payload is None else self._columns(row)

    def _blank(self, row: Row[Any]) -> str | None:
        if row.erasure is None:
            return "it was blanked, and no erasure is entered for it"
        if row.seq not in self._in_journal:
            return "it was blanked, and the journal knows of no erasure of it: somebody blanked it by hand"
        self.erased += 1
        left = [name for name in _BLANK_WHEN_ERASED if getattr(row, name) is not None]
        return f"it was erased, and still shows {', '.join(left)}" if left else None

    def _content(self, row: Row[Any]) -> str | None:
        if row.erasure is not None:
            return "an erasure is entered for it, and it was not blanked"
        if not isinstance(row.salt, bytes) or not isinstance(row.payload, bytes):
            return "its payload or salt was changed"
        return None if digest(row.salt, row.payload) == row.hash else "its payload, salt or hash was changed"

    def _columns(self, row: Row[Any]) -> str | None:
        """Whether the columns say what the payload says. The chain holds, so known_at is as it was written."""
        try:
            event = trusted(row.payload)
        except ValueError:
            return "its payload is no event"
        said = dict(zip(_TOLD, columns(event, self._knowing(row.known_at), self._stored), strict=True))
        said |= {"source": event.source, "id": event.id, "shard": shard_of(event.subject)}
        other = [name for name, value in said.items() if getattr(row, name) != value]
        return f"its {', '.join(other)} is not what its payload says" if other else None

    def _knowing(self, known_at: Any) -> datetime:
        return known_at if isinstance(known_at, datetime) else datetime.fromisoformat(known_at)
