"""Answering an alert, and the list of alerts.

An acknowledgement says why and by which day it will be done. Until that day has ended the escalations of its
clock are silent; overdue then, it is told as a promise broken. The reason is a manager's own words: it is
kept, and put in no message and no log.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select

from schemas.errors import CaseclockError
from schemas.rungs import CLEARED, WITHDRAWN
from schemas.store.aliases import told_too
from schemas.store.engine import reader, table_of
from schemas.store.tables import Acknowledgement, Alert
from schemas.time.days import london_day

_ALERT, _ACK = table_of(Alert), table_of(Acknowledgement)
_NEWEST_LAST = (_ALERT.c.told_at, _ALERT.c.due_on, _ALERT.c.standard, _ALERT.c.id)


class NotAcknowledged(CaseclockError):
    """An acknowledgement that cannot be taken. The message says what to do instead."""


Also = Callable[[Connection], None]
Latest = Callable[[str, date], date]  # of a standard and the day a promise is given: the last day it may be for


def acknowledge(
    engine: Engine,
    alert: str,
    reason: str,
    by: date,
    now: datetime,
    latest: Latest | None = None,
    person: str | None = None,
    also: Also | None = None,
) -> None:
    """Note a manager's answer: done by the end of the London day `by`. A later answer replaces an earlier one
    for the ladder; both stay on record. Raises NotAcknowledged.

    The day has to be still to come: after today, or, where the last that anybody was told lies in the past (a past day
    was swept), after that day; the answer then counts as given on it. `latest` bounds it; None: whoever answers may
    promise longer. `person`: who gives it, None where nobody signs in. `also`: what else is kept in the transaction.
    """
    if not reason.strip() or "\0" in reason:
        raise NotAcknowledged("the reason is empty or no text: say in a few words why it is late and what will be done")
    with engine.begin() as connection:
        told = connection.execute(select(_ALERT).where(_ALERT.c.id == alert, _ALERT.c.skipped.is_(False))).first()
        if told is None:
            raise NotAcknowledged(f"there is no alert {alert}: take an id from the list of alerts")
        given = min(now, _last_told(connection))
        if by <= london_day(given):
            raise NotAcknowledged(f"{by} is not after {london_day(given)}: promise a day still to come")
        if _is_over(connection, told):
            raise NotAcknowledged(f"alert {alert} is over, its clock was cleared: there is nothing to promise")
        at = now if by > london_day(now) else given
        if latest is not None and by > (last := latest(told.standard, london_day(at))):
            raise NotAcknowledged(
                f"{by} is after {last}, the last day that a team manager may promise here: promise an earlier one, or"
                " let the service manager answer (`caseclock ack --level service_manager`, or signed in to the pages)"
            )
        connection.execute(insert(_ACK).values(alert=alert, reason=reason.strip(), by_on=by, at=at, person=person))
        if also is not None:
            also(connection)


def _last_told(connection: Connection) -> datetime:
    latest = select(_ALERT.c.told_at).order_by(_ALERT.c.told_at.desc()).limit(1)
    found: datetime = connection.execute(latest).scalar_one()
    return found


def _is_over(connection: Connection, told: Row[Any]) -> bool:
    """Whether the spell the alert belongs to has ended (a `cleared` or `withdrawn` alert is its own end)."""
    end = _ALERT.alias("ended")
    ends = told_too(_ALERT, end, end.c.rung.in_((CLEARED, WITHDRAWN)), end.c.spell == told.spell)
    return connection.execute(select(_ALERT.c.id).where(_ALERT.c.id == told.id, ends)).first() is not None


def listed(engine: Engine, team: str | None = None) -> list[dict[str, Any]]:
    """Every alert told, newest last, skipped ones left out; of one team if named. Days are `date`, `told_at`
    an instant, `acknowledged_by_date` the day last promised in answer to that alert, `acknowledged_by` who
    promised it, or None."""
    query = select(_ALERT).where(_ALERT.c.skipped.is_(False)).order_by(*_NEWEST_LAST)
    if team is not None:
        query = query.where(_ALERT.c.team == team)
    with reader(engine) as connection:
        answers = connection.execute(select(_ACK.c.alert, _ACK.c.by_on, _ACK.c.person).order_by(_ACK.c.at, _ACK.c.id))
        promised = {alert: (by_on, person) for alert, by_on, person in answers}
        return [
            {
                "alert": row.id,
                "child": row.child,
                "standard": row.standard,
                "team": row.team,
                "rung": row.rung,
                "due_on": row.due_on,
                "told_at": row.told_at,
                "acknowledged_by_date": promised.get(row.id, (None, None))[0],
                "acknowledged_by": promised.get(row.id, (None, None))[1],
            }
            for row in connection.execute(query)
        ]
