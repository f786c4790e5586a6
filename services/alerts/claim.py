"""Claiming: alert rows and the notices that tell of them, in one transaction.

An alert's id is a hash of its key, a notice's id a hash of the alerts it tells of, so the same decision made
twice gives the same rows, and the second is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from schemas.store import batches, table_of
from schemas.tables import Alert, Notice, Quarantined
from services.alerts.digest import Item, message
from services.alerts.look import Known
from services.alerts.told import LEVELS, Reason
from services.alerts.write import insert_new

_ALERT, _NOTICE, _QUARANTINE = table_of(Alert), table_of(Notice), table_of(Quarantined)


class Telling(NamedTuple):
    """One reason to tell, and the clock it is about."""

    known: Known
    reason: Reason

    @property
    def alert_id(self) -> str:
        return alert_id(self.known.id, self.reason, self.reason.rung)


class Claimed(NamedTuple):
    """How many rungs were told and skipped, in how many notices."""

    told: int
    skipped: int
    notices: int


def alert_id(clock: str, reason: Reason, rung: str) -> str:
    """The id of the claim of one rung: 16 hex digits, the same whoever works it out."""
    return _hashed((clock, reason.due_on.isoformat(), rung, str(reason.spell)))


def claim(
    connection: Connection, tellings: Sequence[Telling], now: datetime, titles: Mapping[str, str]
) -> Claimed:
    """Write what nobody claimed before, and one notice for each team and level that has news of it."""
    groups: dict[tuple[str, str], list[Telling]] = {}
    for telling in tellings:
        groups.setdefault((telling.reason.team, LEVELS[telling.reason.level]), []).append(telling)
    notice_ids = {key: _hashed((*key, *sorted(t.alert_id for t in some))) for key, some in groups.items()}
    rows = [row for key, some in groups.items() for t in some for row in _rows(t, notice_ids[key], now)]
    ours = insert_new(connection, _ALERT, sorted(rows, key=lambda row: row["id"]))  # one order: no deadlock
    new = {key: kept for key, some in groups.items() if (kept := [t for t in some if t.alert_id in ours])}
    waiting = _in_quarantine(connection, {t.known.child for some in new.values() for t in some})
    notices = [
        {"id": notice_ids[team, level], "team": team, "level": level, "created_at": now,
         "text": message(team, level, [_item(t, waiting) for t in some], titles)}
        for (team, level), some in sorted(new.items())
    ]  # fmt: skip
    insert_new(connection, _NOTICE, notices)
    told = sum(len(some) for some in new.values())
    return Claimed(told, len(ours) - told, len(notices))


def _rows(telling: Telling, notice: str, now: datetime) -> list[dict[str, Any]]:
    known, reason = telling

    def row(rung: str, skipped: bool) -> dict[str, Any]:
        return {
            "id": alert_id(known.id, reason, rung), "clock": known.id, "due_on": reason.due_on, "rung": rung,
            "spell": reason.spell, "skipped": skipped, "child": known.child, "standard": known.standard,
            "team": reason.team, "told_at": now, "notice": None if skipped else notice,
        }  # fmt: skip

    return [*(row(rung, True) for rung in reason.skipped), row(reason.rung, False)]


def _item(telling: Telling, waiting: set[str]) -> Item:
    reason, child = telling.reason, telling.known.child
    return Item(telling.known.standard, reason.rung, reason.due_on, reason.already, child in waiting)


def _in_quarantine(connection: Connection, children: Iterable[str]) -> set[str]:
    """Those of the children about whom something lies in quarantine."""
    found: set[str] = set()
    for some in batches(sorted(children), 500):
        query = select(_QUARANTINE.c.subject).where(_QUARANTINE.c.subject.in_(some)).distinct()
        found.update(connection.execute(query).scalars())
    return found


def _hashed(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
