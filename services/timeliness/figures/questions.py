"""Answering questions: clocks of children and figures of groups, now or as known at a past moment.

Without a past moment the clock table answers. With one, the log up to it is folded again: there is no table of past
states to go stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, or_, select

from schemas.clock import Clock
from schemas.store.engine import reader, table_of
from schemas.store.tables import ClockRow, Generation, ScopeRow
from schemas.time.calendar import Calendar
from services.timeliness.figures.kpi import Figure, figures, snapshots
from services.timeliness.figures.periods import Period
from services.timeliness.figures.whole import not_whole
from services.timeliness.fold.child import ScopeSpell, fold_child
from services.timeliness.history.log_view import LogView
from services.timeliness.history.teams import Divisions
from services.timeliness.standards.register import Register

CLOCK, SCOPE, GENERATION = table_of(ClockRow), table_of(ScopeRow), table_of(Generation)
_FIELDS = Clock.__struct_fields__
_COLUMNS = [CLOCK.c[name] for name in _FIELDS]
BY = ("county", "division", "team")


class ClockAnswer(msgspec.Struct):
    """A clock and what is true of it at the instant asked about."""

    child: str
    standard: str
    started_on: date
    due_on: date | None
    due_at: datetime | None
    stopped_on: date | None
    status: str
    team: str
    cause: str
    stop_cause: str | None


class Question(msgspec.Struct, frozen=True):
    """When to answer for. `known_at`: what was known by then (None: all of the log); `as_of`: asked at this instant
    (None: `now`), ignoring what occurred later. Setting one never sets the other."""

    now: datetime
    known_at: datetime | None = None
    as_of: datetime | None = None

    @property
    def instant(self) -> datetime:
        return self.as_of or self.now

    @property
    def of_the_past(self) -> bool:
        return self.known_at is not None or self.as_of is not None


def clocks_of(
    engine: Engine, register: Register, calendar: Calendar, children: list[str], question: Question
) -> list[Clock]:
    """Every clock begun by then of some children, by child, start and standard. A merged id answers for its survivor,
    unless the known-at moment is before the merge."""
    standards = list(register.standards.values())
    with reader(engine) as connection:
        view = LogView(connection, question.known_at, question.as_of, register.sources)
        found = [c for h in view.histories(children) for c in fold_child(standards, h, calendar).clocks]
    found = [clock for clock in found if clock.status(question.instant) is not None]
    return sorted(found, key=lambda c: (c.child, c.started_on, c.standard, c.id))


def is_known(engine: Engine, child: str, question: Question) -> bool:
    """Whether anything is known of a child, under any of its ids."""
    with reader(engine) as connection:
        view = LogView(connection, question.known_at, question.as_of)
        return any(history.facts for history in view.histories([child]))


def answer(clock: Clock, at: datetime) -> ClockAnswer:
    """A clock as the command and the pages show it."""
    status = clock.status(at)
    stopped = clock.ended_on if clock.ended == "stopped" and status in ("met", "missed", "not_measured") else None
    ended = status not in ("running", "due_soon", "overdue")
    return ClockAnswer(
        clock.child,
        clock.standard,
        clock.started_on,
        clock.due_on,
        clock.due_at,
        stopped,
        status or "",
        clock.team,
        clock.cause,
        clock.stop_cause if ended else None,
    )


def figures_for(
    engine: Engine,
    register: Register,
    calendar: Calendar,
    divisions: Divisions,
    period: Period,
    question: Question,
    by: str = "county",
    standard: str | None = None,
) -> list[Figure]:
    """The figures of a period by county, division or team."""
    wanted = [s for s in register.standards.values() if standard is None or s.id == standard]
    with reader(engine) as connection:
        view = LogView(connection, question.known_at, question.as_of, register.sources)
        if question.of_the_past:
            clocks, scopes = _refolded(view, wanted, calendar)
        else:
            clocks, scopes = _stored(connection, [s.id for s in wanted], period)
        found = figures(clocks, scopes, snapshots(wanted), period, _grouping(by, divisions), question.instant)
        if view.coverage:
            others = view.has_silent_source()
            parts = {s.id: not_whole(s, view.coverage, period, calendar, others) for s in wanted}
            for figure in found:
                figure.not_whole = parts[figure.standard]
        return found


def _grouping(by: str, divisions: Divisions) -> Any:
    if by == "division":
        return divisions.of
    return (lambda team, day: team) if by == "team" else (lambda team, day: "county")


def _refolded(view: LogView, standards: list[Any], calendar: Calendar) -> tuple[list[Clock], list[ScopeSpell]]:
    clocks: list[Clock] = []
    scopes: list[ScopeSpell] = []
    for history in view.histories():
        folded = fold_child(standards, history, calendar)
        clocks += folded.clocks
        scopes += folded.scopes
    return clocks, scopes


def live_generation(connection: Connection) -> int:
    """The generation of the clock table that is live; 0 (an empty one) before anything was folded."""
    return connection.execute(select(GENERATION.c.live)).scalar_one_or_none() or 0


def stored_clocks(connection: Connection, *conditions: Any) -> Iterator[Clock]:
    """Clocks of the live generation that meet conditions on `CLOCK` columns."""
    query = select(*_COLUMNS).where(CLOCK.c.generation == live_generation(connection), *conditions)
    for row in connection.execute(query, execution_options={"yield_per": 5000}):
        yield Clock(**dict(zip(_FIELDS, row, strict=True)))


def _stored(connection: Connection, standards: list[str], period: Period) -> tuple[list[Clock], list[ScopeSpell]]:
    """Returns what a period's figures can depend on: clocks due or ended in it, or running at its end."""
    c = CLOCK.c
    touching = or_(
        c.due_on.between(period.first, period.last),
        c.ended_on.between(period.first, period.last),
        (c.started_on <= period.last) & (c.ended_on.is_(None) | (c.ended_on > period.last)),
    )
    clocks = list(stored_clocks(connection, c.standard.in_(standards), touching))
    columns = [SCOPE.c[name] for name in ScopeSpell.__struct_fields__]
    rows = connection.execute(
        select(*columns).where(SCOPE.c.generation == live_generation(connection), SCOPE.c.standard.in_(standards))
    )
    return clocks, [ScopeSpell(*row) for row in rows]
