"""A team's children: every open case by days since the child was last seen, across all plans."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, or_, select

from schemas.store.engine import among, reader, table_of
from schemas.store.tables import OpenCase
from schemas.time.days import london_day
from services.timeliness.figures.questions import live_generation

_CASE = table_of(OpenCase)
PLAN_WORDS = {"cp_plan": "Child protection plan", "looked_after": "Looked after", "cin_plan": "Child in need plan"}


class Held(NamedTuple):
    """Who holds a child now: the team, and the worker where events tell."""

    team: str
    worker: str | None
    role: str | None


class OpenChild(NamedTuple):
    """An open case. `days`: since the child was last seen in person; None: never, or not yet born."""

    child: str
    held: Held
    plans: list[str]
    opened_on: date | None
    seen_on: date | None
    days: int | None
    unborn: bool


def open_on(connection: Connection, today: date) -> ColumnElement[bool]:
    """Cases of the live generation that are open on a day: until the eve of the 18th birthday at most."""
    lasts_to = _CASE.c.lasts_to
    return and_(_CASE.c.generation == live_generation(connection), or_(lasts_to.is_(None), lasts_to >= today))


def open_children(engine: Engine, team: str, at: datetime) -> list[OpenChild]:
    """Every child of a team with an open case: never seen first, then the longest unseen; those not yet born last."""
    today = london_day(at)
    with reader(engine) as connection:
        rows = connection.execute(select(_CASE).where(open_on(connection, today), _CASE.c.team == team)).all()
    return sorted((_open_child(row, today) for row in rows), key=_unseen_longest)


def _open_child(row: Row[Any], today: date) -> OpenChild:
    days = None if row.seen_on is None else max(0, (today - row.seen_on).days)
    plans = [PLAN_WORDS[name] for name in row.plans.split()]
    held = Held(row.team, row.worker, row.role)
    return OpenChild(row.child, held, plans, row.opened_on, row.seen_on, days, row.unborn)


def _unseen_longest(one: OpenChild) -> tuple[object, ...]:
    return one.unborn, one.seen_on is not None, one.seen_on or one.opened_on or date.min, one.child


def held_by(connection: Connection, children: set[str], today: date) -> dict[str, Held]:
    """Who holds each of some children, of those whose case is open."""
    theirs = among(connection, _CASE.c.child, sorted(children))
    columns = _CASE.c.child, _CASE.c.team, _CASE.c.worker, _CASE.c.role
    query = select(*columns).where(open_on(connection, today), theirs)
    return {child: Held(*held) for child, *held in connection.execute(query)}


def case_of(connection: Connection, child: str, today: date) -> OpenChild | None:
    """One child's open case."""
    query = select(_CASE).where(open_on(connection, today), _CASE.c.child == child)
    row = connection.execute(query).first()
    return None if row is None else _open_child(row, today)
