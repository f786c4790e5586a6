"""Says what managers were told, counted by step of the ladder, and the newest messages."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from schemas.rungs import kind_of
from schemas.store.engine import table_of
from schemas.store.tables import Alert, Notice
from services.alerts.ladder.wording import KINDS

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


def told_by_step(connection: Connection) -> list[StepCounts]:
    """Returns what was told, by step of the ladder, in the order of the ladder."""
    query = select(_ALERT.c.rung, func.count()).where(_ALERT.c.skipped.is_(False)).group_by(_ALERT.c.rung)
    counts: Counter[str] = Counter()
    for rung, count in connection.execute(query):
        counts[kind_of(rung)] += count
    return [StepCounts(words, counts[kind]) for kind, words in KINDS.items() if counts[kind]]


def newest_messages(connection: Connection, most: int) -> list[SentMessage]:
    to = func.coalesce(func.nullif(_NOTICE.c.recipient, ""), _NOTICE.c.team)
    query = select(to, _NOTICE.c.text, _NOTICE.c.created_at).order_by(_NOTICE.c.created_at.desc(), _NOTICE.c.id)
    return [SentMessage(*row) for row in connection.execute(query.limit(most))]
