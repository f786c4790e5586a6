"""Says what crosses our topics, beside raw events: records of `case-events` and of `clock-changes`, as JSON.

A reader ignores fields it does not know, so fields can be added; none is renamed. An event stands in a record as the
log holds it, byte for byte.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime

import msgspec

from schemas.events.event import Instant
from schemas.kafka.shards import shard_of
from schemas.kafka.topics import RECORD_LIMIT

_AROUND = 160  # bytes of a record that are not events, at most
_BETWEEN = 90  # bytes beside each event: its number, when it was known, and punctuation


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An event of the log: its number there, since when it is known, and itself as CloudEvents JSON."""

    seq: int
    known_at: Instant
    event: msgspec.Raw


class CaseEvents(msgspec.Struct, frozen=True):
    """Events of one shard that were accepted together, in the log's order; `first` and `last` are the numbers of the
    first and the last. Between them the log may hold events of other shards, and of this one none but these."""

    shard: int
    first: int
    last: int
    events: list[Entry]


class ClockChange(msgspec.Struct, frozen=True, kw_only=True):
    """A clock as it now is, folded from the log up to `seq`. It names no child: the clock's id leads to one, for who
    may read the database. `next_rung_at`: when the alert ladder next speaks, if nothing happens before."""

    clock: str
    seq: int
    standard: str
    team: str
    started_on: date
    due_on: date | None
    due_at: Instant | None = None
    ended: str | None = None
    ended_on: date | None = None
    ended_at: Instant | None = None
    next_rung_at: Instant | None = None


_encoder = msgspec.json.Encoder()
_case_events = msgspec.json.Decoder(CaseEvents)
_clock_change = msgspec.json.Decoder(ClockChange)


def encode(record: CaseEvents | ClockChange) -> bytes:
    """A record as it is sent."""
    return _encoder.encode(record)


def read_case_events(value: bytes) -> CaseEvents:
    """Raises ValueError (msgspec's own) if this is no such record."""
    return _case_events.decode(value)


def read_clock_change(value: bytes) -> ClockChange:
    """Raises ValueError (msgspec's own) if this is no such record."""
    return _clock_change.decode(value)


def case_events(
    accepted: Iterable[tuple[str, int, datetime, bytes]], limit: int = RECORD_LIMIT
) -> Iterator[CaseEvents]:
    """The records that tell what one commit accepted: (child, seq, known_at, payload) in the log's order become one
    record for each shard, or several where one would reach `limit` bytes. A single event beyond it goes alone."""
    shards: defaultdict[int, list[Entry]] = defaultdict(list)
    for child, seq, known_at, payload in accepted:
        shards[shard_of(child)].append(Entry(seq, known_at, msgspec.Raw(payload)))
    for shard, entries in shards.items():
        for part in _split(entries, limit):
            yield CaseEvents(shard, part[0].seq, part[-1].seq, part)


def _split(entries: Iterable[Entry], limit: int) -> Iterator[list[Entry]]:
    part: list[Entry] = []
    size = _AROUND
    for entry in entries:
        more = len(bytes(entry.event)) + _BETWEEN
        if part and size + more >= limit:
            yield part
            part, size = [], _AROUND
        part.append(entry)
        size += more
    if part:
        yield part
