"""Raw records, as a source would send them, for tests of the way in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from schemas.events.event import CaseEvent, from_dict
from services.ingest.readers import Unreadable
from services.ingest.readers.given import Given

NOW = datetime(2024, 6, 3, 9, 0, tzinfo=UTC)


def plain(id: str = "e1", child: str = "C1", kind: str = "case.closed", **more: Any) -> dict[str, Any]:
    """An event as plain values: a case closed, unless said otherwise. None leaves an attribute out."""
    event = {
        "specversion": "1.0",
        "id": id,
        "source": "carefirst",
        "type": kind,
        "subject": child,
        "occurredon": "2024-03-05",
        "data": {"reason": "RC1"} if kind == "case.closed" else {},
    }
    return {name: value for name, value in {**event, **more}.items() if value is not None}


def record(id: str = "e1", child: str = "C1", kind: str = "case.closed", **more: Any) -> bytes:
    """The same, as JSON."""
    return msgspec.json.encode(plain(id, child, kind, **more))


def event(id: str = "e1", child: str = "C1", kind: str = "case.closed", **more: Any) -> CaseEvent:
    return from_dict(plain(id, child, kind, **more))


def retraction(id: str, of: str, child: str = "C1", **more: Any) -> bytes:
    return record(id, child, "event.retracted", retracts=of, **more)


def merge(id: str, child: str, into: str, **more: Any) -> bytes:
    return record(id, child, "child.merged", data={"into": into}, **more)


def given(*records: bytes) -> Given:
    return Given(records, "request")


class CutOff:
    """A source that fails after what it was given, as a file on a lost disk does."""

    size: int | None = None

    def __init__(self, *records: bytes, error: Exception | None = None) -> None:
        self._records = records
        self._error = error or Unreadable("events.ndjson, line 9: the file ends in the middle of a record")

    def place(self, position: int) -> str:
        return f"line {position}"

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        yield from enumerate(self._records, start=1)
        raise self._error
