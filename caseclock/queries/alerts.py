"""Alerts as the pages show them: with what was promised in answer, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, func, select, true

from schemas.clock import Clock
from schemas.rungs import CLEARED, WITHDRAWN
from schemas.store.aliases import current, told_too
from schemas.store.engine import among, table_of
from schemas.store.tables import Acknowledgement, Alert
from services.alerts.reports.promises import Standing, standing
from services.timeliness.figures.questions import CLOCK, stored_clocks

_ALERT, _ACK = table_of(Alert), table_of(Acknowledgement)


class Promised(NamedTuple):
    """An answer to an alert: why, by which day, given when, how it stands, and who gave it, if they signed in."""

    reason: str
    by_on: date
    at: datetime
    standing: Standing
    person: str | None = None


class Shown(NamedTuple):
    """An alert. `status`: of its clock now; None where the clock is gone. `over`: its clock runs no more, or its bad
    news was taken back, so there is nothing to promise. `answers`: oldest first."""

    id: str
    child: str
    standard: str
    team: str
    rung: str
    due_on: date
    told_at: datetime
    status: str | None
    over: bool
    answers: list[Promised]

    @property
    def promised(self) -> Promised | None:
        """The last promise made in answer to it."""
        return self.answers[-1] if self.answers else None


def newest_alerts(
    connection: Connection, teams: Collection[str] | None, at: datetime, most: int, after: int = 0
) -> list[Shown]:
    """Returns what was told to some teams (None: all), the newest first, without the first `after`."""
    query = (
        _alerts(_of(connection, teams))
        .order_by(_ALERT.c.told_at.desc(), _ALERT.c.due_on.desc(), _ALERT.c.standard, _ALERT.c.id)
        .limit(most)
        .offset(after)
    )
    return _shown(connection, list(connection.execute(query)), at)


def count_alerts(connection: Connection, teams: Collection[str] | None) -> int:
    query = select(func.count()).select_from(_ALERT).where(_ALERT.c.skipped.is_(False), _of(connection, teams))
    return connection.execute(query).scalar_one()


def alert_shown(connection: Connection, id: str, at: datetime) -> Shown | None:
    """One alert; None where there is none of that id, or it was passed over."""
    found = list(connection.execute(_alerts(_ALERT.c.id == id)))
    return _shown(connection, found, at)[0] if found else None


def promised_for(connection: Connection, clocks: Collection[Clock], at: datetime) -> dict[str, Promised]:
    """By clock, the last promise made in answer to any of its alerts."""
    by_id = {clock.id: clock for clock in clocks}
    aliases = [alias for clock in clocks for alias in (clock.aliases or "").split()]
    query = (
        select(current(_ALERT.c.clock), _ACK.c.reason, _ACK.c.by_on, _ACK.c.at)
        .join_from(_ACK, _ALERT, _ACK.c.alert == _ALERT.c.id)
        .where(among(connection, _ALERT.c.clock, [*by_id, *aliases]))
        .order_by(_ACK.c.at, _ACK.c.id)
    )
    return {
        clock: Promised(reason, by_on, given, standing(by_id[clock], by_on, at))
        for clock, reason, by_on, given in connection.execute(query)
    }


def _of(connection: Connection, teams: Collection[str] | None) -> ColumnElement[bool]:
    return true() if teams is None else among(connection, _ALERT.c.team, sorted(teams))


def _alerts(which: ColumnElement[bool]) -> Any:
    cleared = _ALERT.alias("cleared")
    ends = cleared.c.rung.in_((CLEARED, WITHDRAWN))
    over = told_too(_ALERT, cleared, ends, cleared.c.spell == _ALERT.c.spell)
    return select(_ALERT, over.label("over"), current(_ALERT.c.clock).label("now_called")).where(
        _ALERT.c.skipped.is_(False), which
    )


def _shown(connection: Connection, rows: list[Row[Any]], at: datetime) -> list[Shown]:
    ids = {row.now_called for row in rows}
    clocks = {clock.id: clock for clock in stored_clocks(connection, among(connection, CLOCK.c.id, sorted(ids)))}
    answers = _answers(connection, rows, clocks, at)
    out = []
    for row in rows:
        clock = clocks.get(row.now_called)
        status = clock.status(at) if clock else None
        over = bool(row.over) or status not in ("overdue", "due_soon", "running")
        out.append(
            Shown(
                row.id,
                row.child,
                row.standard,
                row.team,
                row.rung,
                row.due_on,
                row.told_at,
                status,
                over,
                answers.get(row.id, []),
            )
        )
    return out


def _answers(
    connection: Connection, rows: list[Row[Any]], clocks: dict[str, Clock], at: datetime
) -> dict[str, list[Promised]]:
    of = {row.id: clocks.get(row.now_called) for row in rows}
    query = (
        select(_ACK.c.alert, _ACK.c.reason, _ACK.c.by_on, _ACK.c.at, _ACK.c.person)
        .where(among(connection, _ACK.c.alert, sorted(of)))
        .order_by(_ACK.c.at, _ACK.c.id)
    )
    out: dict[str, list[Promised]] = {}
    for alert, reason, by_on, given, person in connection.execute(query):
        stands = standing(of[alert], by_on, at)
        out.setdefault(alert, []).append(Promised(reason, by_on, given, stands, person))
    return out
