"""Erasing a child: what the log and quarantine hold about the child is blanked, and that it was is entered.

Identity, known_at, hash and chain stay, so that the log still verifies and the same event sent again is a duplicate.
Only the id given is erased: not the ids merged into it or that it was merged into, which are erased each by itself.
What other services made of the events goes when they next fold the log; backups are for whoever keeps them.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Engine, func, insert, literal, or_, select, update

from schemas.store.engine import hold, table_of
from schemas.store.tables import Erasure, Instant, LoggedEvent, Quarantined

_LOG, _ERASURE, _QUARANTINE = table_of(LoggedEvent), table_of(Erasure), table_of(Quarantined)


class Erased(NamedTuple):
    """Holds how many rows were blanked."""

    events: int
    quarantined: int


def erase(engine: Engine, child: str, reason: str, now: datetime) -> Erased:
    """Blanks a child's events, and what is in quarantine about the child or names the child. In one transaction.

    `reason` is kept, and must say whose decision it was rather than who the child is. Raises ValueError without one.
    Doing it again does nothing.
    """
    if not reason.strip():
        raise ValueError("an erasure needs a reason: who decided it, and when")
    if child in reason:
        raise ValueError("the reason names the child; it is kept for ever, so leave the id out")
    theirs = (_LOG.c.subject == child, _LOG.c.payload.is_not(None))
    entries = select(_LOG.c.seq, literal(now, Instant), literal(reason)).where(*theirs).order_by(_LOG.c.seq)
    with engine.begin() as connection:
        hold(connection, "log")  # else more of the child could come between entering and blanking
        connection.execute(insert(_ERASURE).from_select(["seq", "erased_at", "reason"], entries))
        events = connection.execute(
            update(_LOG)
            .where(*theirs)
            .values(type=None, subject=None, occurred_on=None, recorded_at=None, salt=None, payload=None)
        )
        quarantined = connection.execute(
            update(_QUARANTINE)
            .where(_about(child))
            .values(subject=None, raw=None, erased_at=now, erasure_reason=reason)
        )
    return Erased(events.rowcount, quarantined.rowcount)


def _about(child: str) -> ColumnElement[bool]:
    """Quarantined as about the child, or with the child's id as a value anywhere in it."""
    named = msgspec.json.encode(child).decode()
    return or_(_QUARANTINE.c.subject == child, func.replace(_QUARANTINE.c.raw, named, "") != _QUARANTINE.c.raw)
