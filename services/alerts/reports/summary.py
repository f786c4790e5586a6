"""Says what managers were told, counted by step of the ladder, and the newest messages."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from schemas.store.engine import table_of
from schemas.store.tables import Alert, Notice

_ALERT, _NOTICE = table_of(Alert), table_of(Notice)


class StepCounts(NamedTuple):
    """A step of the ladder, in words, and how many were told of it."""

    what: str
    number: int


class SentMessage(NamedTuple):
    """A notice that went out. `to`: the person, or the team where there are no routes."""

    to: str
    text: str
    created_at: datetime


_STEPS = (
    ("due_soon", "due soon"),
    ("missed", "overdue"),
    ("still_missed", "still overdue, told again"),
    ("cleared", "no longer overdue"),
    ("withdrawn", "its start withdrawn"),
    ("booked_late", "booked for after the due day"),
    ("promise_broken", "promise broken"),
    ("handed_over", "came overdue to a new team"),
    ("monthly", "still overdue, counted monthly"),
)


def told_by_step(connection: Connection) -> list[StepCounts]:
    """Returns what was told, by step of the ladder, in the order of the ladder."""
    query = select(_ALERT.c.rung, func.count()).where(_ALERT.c.skipped.is_(False)).group_by(_ALERT.c.rung)
    counts: Counter[str] = Counter()
    for rung, count in connection.execute(query):
        counts[_step(rung)] += count
    return [StepCounts(words, counts[words]) for _, words in _STEPS if counts[words]]


def _step(rung: str) -> str:
    return next((words for name, words in _STEPS if re.match(rf"{name}(_\d|$)", rung)), rung)


def newest_messages(connection: Connection, most: int) -> list[SentMessage]:
    to = func.coalesce(func.nullif(_NOTICE.c.recipient, ""), _NOTICE.c.team)
    query = select(to, _NOTICE.c.text, _NOTICE.c.created_at).order_by(_NOTICE.c.created_at.desc(), _NOTICE.c.id)
    return [SentMessage(*row) for row in connection.execute(query.limit(most))]
