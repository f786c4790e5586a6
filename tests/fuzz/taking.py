"""Takes a file into a store of its own, and gives all that became of it, for the plain readings to look through."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from schemas.store.engine import reader, table_of
from schemas.store.tables import LoggedEvent, Quarantined
from services.ingest.intake.intake import Taken, take_in
from services.ingest.log.verify import verify
from services.ingest.readers import Reader, Unreadable
from services.ingest.readers.formats import open_reader
from tests.helpers.templates import in_memory

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
LOG, KEPT = table_of(LoggedEvent), table_of(Quarantined)


class Lost(AssertionError):
    """Something of a file is nowhere."""


class Outcome(NamedTuple):
    """What became of a file: refused whole, with the message, and nothing in the store; or the log, quarantine (raw and
    place), the counts, the notes, and the places that a record was read from."""

    refused: str | None
    log: list[dict[str, Any]]
    kept: list[tuple[str, str]]
    taken: Taken
    notes: list[str]
    places: set[str]

    def texts(self, child: str | None = None) -> str:
        """Everything that is in the log or in quarantine, of one child or of all, as text."""
        log = [one for one in self.log if child is None or one["subject"] == child]
        naming = ("",) if child is None else (json.dumps(child), json.dumps(child, ensure_ascii=False))
        kept = [raw for raw, _ in self.kept if any(one in raw for one in naming)]
        return "\n".join([*map(json.dumps, log), *kept])


class _Watched:
    """A reader that remembers where records were read from."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self.size = reader, reader.size
        self.places: set[str] = set()

    def __iter__(self) -> Any:
        for position, raw in self._reader:
            self.places.add(self._reader.place(position))
            yield position, raw

    def place(self, position: int) -> str:
        return self._reader.place(position)


def take(path: Path, format: str) -> Outcome:
    """Takes in a file. Raises Lost where the counts do not add up, or something is in the store of a file refused."""
    engine = in_memory()
    try:
        source = open_reader(path, format)
        watched = _Watched(source)
        refused, taken = None, Taken(0, 0, 0, 0)
        try:
            taken = take_in(engine, watched, history=False, now=NOW)
        except Unreadable as why:
            refused = str(why)
        with reader(engine) as connection:
            log = [json.loads(payload) for payload in connection.execute(select(LOG.c.payload)).scalars()]
            kept = [(raw, place) for raw, place in connection.execute(select(KEPT.c.raw, KEPT.c.place))]
            reasons = list(connection.execute(select(KEPT.c.reason)).scalars())
        if refused is not None and (log or kept):
            raise Lost(f"refused whole ({refused}), and something was taken")
        if taken.read != taken.accepted + taken.duplicate + taken.rejected or len(log) != taken.accepted:
            raise Lost(f"the sum is wrong: {taken}, and {len(log)} in the log")
        if len(kept) > taken.rejected or bool(kept) != bool(taken.rejected) or not all(reasons):
            raise Lost(f"{taken.rejected} refused, {len(kept)} kept")
        if log and verify(engine).result != "whole":
            raise Lost("the log is not whole")
        return Outcome(refused, log, kept, taken, getattr(source, "notes", []), watched.places)
    finally:
        engine.dispose()
