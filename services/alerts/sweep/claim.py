"""Claiming: alert rows and the notices that tell of them, in one transaction.

An alert's id is a hash of its key, a notice's id a hash of whom it is for and the alerts it tells of, so the same
decision made twice gives the same rows, and the second is left out.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from schemas.rungs import CLEARED, PROMISE_BROKEN
from schemas.store import tables
from schemas.store.engine import add_rows, batches, table_of
from schemas.store.quarantine import waits
from schemas.time.days import london_day
from services.alerts.ladder.model import LEVELS, Reason, is_bad
from services.alerts.message.desk import MessageContext
from services.alerts.message.digest import Item, message
from services.alerts.sweep.candidates import Candidate

log = logging.getLogger(__name__)

_ALERT, _NOTICE, _QUARANTINE = (table_of(t) for t in (tables.Alert, tables.Notice, tables.Quarantined))
_TELLING = table_of(tables.Telling)
DIGEST, AT_ONCE = "digest", "at_once"


class NewAlert(NamedTuple):
    """One reason to tell, and the clock it is about."""

    known: Candidate
    reason: Reason

    @property
    def alert_id(self) -> str:
        return alert_id(self.known.id, self.reason, self.reason.rung)

    @property
    def level(self) -> str:
        return LEVELS[self.reason.level]


class Claimed(NamedTuple):
    """Holds how many rungs were told and skipped, in how many notices; and the ids of all those rungs."""

    told: int
    skipped: int
    notices: int
    rungs: frozenset[str] = frozenset()


def alert_id(clock: str, reason: Reason, rung: str) -> str:
    """The id of the claim of one rung: 16 hex digits, the same whoever works it out."""
    return _hashed((clock, reason.due_on.isoformat(), rung, str(reason.spell)))


class Envelope(NamedTuple):
    """Names whom a notice is for: a person, or a team and level where there is no routes file."""

    recipient: str | None
    team: str
    level: str


def claim(
    connection: Connection, tellings: Sequence[NewAlert], now: datetime, desk: MessageContext, kind: str = AT_ONCE
) -> Claimed:
    """Write what nobody claimed before, and one notice for each person, or team and level, that has news of it."""
    rows = [row for telling in tellings for row in _rows(telling, now)]
    ours = add_rows(connection, tables.Alert, sorted(rows, key=lambda row: row["id"]))  # one order: no deadlock
    new = [telling for telling in tellings if telling.alert_id in ours]
    items = _items(connection, new)
    notices = [
        _notice(envelope, some, items, desk, now, kind)
        for envelope, some in _addressed(new, desk, london_day(now)).items()
    ]
    add_rows(connection, tables.Notice, [row for row, _ in notices])
    add_rows(
        connection,
        tables.Telling,
        [{"alert": telling.alert_id, "notice": row["id"]} for row, some in notices for telling in some],
    )
    return Claimed(len(new), len(ours) - len(new), len(notices), frozenset(ours))


def _addressed(tellings: Sequence[NewAlert], desk: MessageContext, today: date) -> dict[Envelope, list[NewAlert]]:
    """Who gets what. With routes everybody on the line up to the level gets a notice, of all that is theirs."""
    if desk.routes is None:
        groups: dict[Envelope, list[NewAlert]] = {}
        for telling in tellings:
            groups.setdefault(Envelope(None, telling.reason.team, telling.level), []).append(telling)
        return dict(sorted(groups.items(), key=lambda group: group[0][1:]))
    people: dict[str, list[NewAlert]] = {}
    unmanned: dict[str, str] = {}
    for telling in tellings:
        to = desk.routes.to_tell(telling.reason.team, telling.level, today)
        if to.unmanned:
            unmanned[telling.reason.team] = to.people[0] if to.people else "nobody"
        for person in to.people or ("",):  # nobody at all: it waits in the outbox for somebody
            people.setdefault(person, []).append(telling)
    for team, instead in sorted(unmanned.items()):
        log.warning("nobody answers for team %s: %s was told; see `caseclock routes check`", team, instead)
    return {_envelope(person, some): some for person, some in sorted(people.items())}


def _envelope(person: str, tellings: Sequence[NewAlert]) -> Envelope:
    highest = max(telling.reason.level for telling in tellings)
    return Envelope(person, min(telling.reason.team for telling in tellings), LEVELS[highest])


def _notice(
    to: Envelope, tellings: list[NewAlert], items: Mapping[str, Item], desk: MessageContext, now: datetime, kind: str
) -> tuple[dict[str, Any], list[NewAlert]]:
    told = sorted(telling.alert_id for telling in tellings)
    level = to.level if to.recipient is None else None
    return {
        "id": _hashed((to.recipient or "", to.team, to.level, *told)),
        "team": to.team,
        "level": to.level,
        "text": message([items[id] for id in told], desk, level),
        "created_at": now,
        "recipient": to.recipient,
        "kind": kind,
    }, tellings


def _rows(telling: NewAlert, now: datetime) -> list[dict[str, Any]]:
    known, reason = telling

    def row(rung: str, skipped: bool) -> dict[str, Any]:
        return {
            "id": alert_id(known.id, reason, rung),
            "clock": known.id,
            "due_on": reason.due_on,
            "rung": rung,
            "spell": reason.spell,
            "skipped": skipped,
            "child": known.child,
            "standard": known.standard,
            "team": reason.team,
            "told_at": now,
            "level": telling.level,
        }

    return [*(row(rung, True) for rung in reason.skipped), row(reason.rung, False)]


def _items(connection: Connection, tellings: Sequence[NewAlert]) -> dict[str, Item]:
    """Returns what a message says of each, by the alert's id."""
    waiting = _in_quarantine(connection, {telling.known.child for telling in tellings})
    anew = {_duty(telling) for telling in tellings if telling.reason.anew and is_bad(telling.reason.rung)}
    return {telling.alert_id: _item(telling, waiting, anew) for telling in tellings}


def _duty(telling: NewAlert) -> tuple[str, str, str]:
    return telling.known.child, telling.known.standard, telling.reason.team


def _item(telling: NewAlert, waiting: set[str], anew: set[tuple[str, str, str]]) -> Item:
    known, reason = telling
    escalated = reason.level > 0 and is_bad(reason.rung)
    meeting = known.clock.clock.meeting if known.clock is not None else None
    promise = known.told.promise if escalated or reason.rung.startswith(PROMISE_BROKEN) else None
    return Item(
        known.standard,
        reason.rung,
        reason.due_on,
        reason.already,
        known.child in waiting,
        reason.team,
        meeting or "",
        escalated,
        (london_day(promise.at), promise.by_on) if promise is not None else None,
        reason.anew,
        reason.anew and reason.rung == CLEARED and _duty(telling) in anew,
    )


def _in_quarantine(connection: Connection, children: Iterable[str]) -> set[str]:
    """Those of the children about whom something waits in quarantine."""
    found: set[str] = set()
    for some in batches(sorted(children), 500):
        query = select(_QUARANTINE.c.subject).where(_QUARANTINE.c.subject.in_(some), waits()).distinct()
        found.update(connection.execute(query).scalars())
    return found


def _hashed(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
