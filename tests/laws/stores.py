"""Stores for the laws: a new one in a moment, filled by the way every source takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Engine

from schemas.events.event import canonical
from schemas.time.calendar import Calendar, england
from services.ingest.intake.intake import Taken, take_in
from services.ingest.readers.given import Given as Records
from services.timeliness.standards.register import Register, load
from services.timeliness.table.catch_up import catch_up, rebuild
from tests.helpers.templates import in_memory
from tests.laws.strategies import LONG_AFTER, Given

CALENDAR: Calendar = england()


@lru_cache(maxsize=1)
def register() -> Register:
    return load()


@contextmanager
def store() -> Iterator[Engine]:
    """A new store, in memory, gone afterwards."""
    engine = in_memory()
    try:
        yield engine
    finally:
        engine.dispose()


def take(engine: Engine, given: Sequence[Given], now: datetime = LONG_AFTER, history: bool = False) -> Taken:
    """Takes events in, in this order, in one import."""
    return take_in(engine, Records([canonical(g.event) for g in given], "made"), history=history, now=now)


def take_raw(engine: Engine, records: Sequence[bytes], now: datetime = LONG_AFTER) -> Taken:
    return take_in(engine, Records(records, "made"), history=False, now=now)


def fold(engine: Engine) -> int:
    return catch_up(engine, register(), CALENDAR).folded


def digest_of(engine: Engine) -> str:
    """The digest of a store folded from nothing; the live one must be the same."""
    fold(engine)
    rebuilt = rebuild(engine, register(), CALENDAR)
    assert rebuilt.equal, "live is not rebuilt"
    return rebuilt.digest
