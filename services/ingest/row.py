"""What the columns of a row of the log say of its event. Pure. `log` writes it, `verify` compares it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from schemas.days import iso, london_day
from schemas.events import CaseEvent
from schemas.store import Stored

Told = tuple[str, str, Any, Any, bool]


def told(event: CaseEvent, known_at: datetime, known_on: date, stored: Stored) -> Told:
    """(type, subject, occurred_on, recorded_at, future), as the database stores them. `known_on`: the London day of
    known_at. Future: it was known before the instant, or for a date-only event before the day, it occurred."""
    recorded = None if event.recordedtime is None else stored.instant(event.recordedtime)
    if event.time is not None:
        return event.kind, event.subject, stored.day(london_day(event.time)), recorded, event.time > known_at
    day: date = event.occurredon  # type: ignore[assignment]
    return event.kind, event.subject, stored.day(day), recorded, day > known_on


def spelt(instant: Any) -> str:
    """A stored instant as the chain spells it. What is no instant is spelt as it is, and will not match."""
    return iso(instant) if isinstance(instant, datetime) else str(instant)
