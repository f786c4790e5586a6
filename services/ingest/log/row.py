"""Says what the columns of a row of the log say of its event. Pure. `log` writes it, `verify` compares it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from schemas.events.event import CaseEvent
from schemas.store.engine import Stored
from schemas.time.days import iso, london_day

Columns = tuple[str, str, Any, Any, Any]


def columns(event: CaseEvent, known_at: datetime, stored: Stored) -> Columns:
    """(type, subject, occurred_on, recorded_at, future), as the database stores them. Future: it was known before
    the instant, or for a date-only event before the day, it occurred."""
    recorded = None if event.recordedtime is None else stored.instant(event.recordedtime)
    if event.time is not None:
        return (
            event.kind,
            event.subject,
            stored.day(london_day(event.time)),
            recorded,
            stored.flag(event.time > known_at),
        )
    day: date = event.occurredon  # type: ignore[assignment]
    # London is never behind UTC, and its day is dear to work out
    future = day > known_at.astimezone(UTC).date() and day > london_day(known_at)
    return event.kind, event.subject, stored.day(day), recorded, stored.flag(future)


def spelt(instant: Any) -> str:
    """A stored instant as the chain spells it. What is no instant is spelt as it is, and will not match."""
    return iso(instant) if isinstance(instant, datetime) else str(instant)
