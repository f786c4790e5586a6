"""Reading what a sweep decides on: which clocks to ask about, and what was told of them.

The SQL here only narrows, it holds no rule: a clock whose first rung is still to come is not read, nor one
that ended with nothing to take back. What is true and what to tell is the ladder's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, union

from schemas.clock import Clock
from schemas.rungs import CLEARED, DUE_SOON, WITHDRAWN
from schemas.store.aliases import by_id, current, told_too
from schemas.store.engine import batches, table_of
from schemas.store.erased import NOBODY
from schemas.store.tables import Acknowledgement, Alert, ClockRow, DigestDay, Generation, WithdrawnClock
from schemas.time.days import london_day
from services.alerts.ladder.model import LEVELS, NOTHING_TOLD, AlertHistory, PastRung, Promise, Watched, Withdrawal

_CLOCK, _ALERT, _DIGEST = table_of(ClockRow), table_of(Alert), table_of(DigestDay)
_ACK, _GENERATION, _GONE = table_of(Acknowledgement), table_of(Generation), table_of(WithdrawnClock)
_FIELDS = Clock.__struct_fields__
_rungs = msgspec.json.Decoder(tuple[tuple[str, datetime], ...])


class Candidate(NamedTuple):
    """One clock as a sweep sees it. `clock` is None where it is no longer among the clocks: its start was
    withdrawn. `withdrawal`: where that is news of its own."""

    id: str
    child: str
    standard: str
    clock: Watched | None
    told: AlertHistory
    withdrawal: Withdrawal | None = None


def live_generation_if_any(connection: Connection) -> int | None:
    """The generation of clocks that is live; None before the first fold."""
    return connection.execute(select(_GENERATION.c.live)).scalar()


def newest_digest_day(connection: Connection) -> date | None:
    """The newest day whose digests were written; None before the first."""
    return connection.execute(select(func.max(_DIGEST.c.day))).scalar()


def to_look_at(connection: Connection, generation: int, now: datetime) -> list[str]:
    """Ids of the clocks whose answer may have changed by `now`: running, with a rung that has come; running, and
    booked after the due day; or with bad news told that nothing has taken back, and no longer running past a rung;
    or gone with a start that was withdrawn, which nobody was told."""
    today = london_day(now)
    lapsed = func.coalesce(_CLOCK.c.lasts_to < today, False)
    to_end = or_(_CLOCK.c.ended.is_(None), _CLOCK.c.ended_on >= today)  # the latter when a past day is swept
    running = and_(_CLOCK.c.generation == generation, to_end, ~lapsed)
    past_a_rung = and_(running, _CLOCK.c.first_rung_at <= now)
    come = select(_CLOCK.c.id).where(past_a_rung)
    booked = select(_CLOCK.c.id).where(running, _CLOCK.c.first_rung_at > now, _CLOCK.c.booked_on > _CLOCK.c.due_on)
    return sorted(
        connection.execute(union(come, booked, _to_take_back(past_a_rung), _withdrawn_untold(generation))).scalars()
    )


def _withdrawn_untold(generation: int) -> Select[Any]:
    told = exists().where(_ALERT.c.clock == _GONE.c.clock, _ALERT.c.rung == WITHDRAWN)
    return select(_GONE.c.clock).where(_GONE.c.generation == generation, ~told)


def _to_take_back(past_a_rung: ColumnElement[bool]) -> Select[Any]:
    """Clocks with bad news told in a spell that has not ended, unless the clock is read as being past a rung."""
    over = _ALERT.alias("over")
    cleared = told_too(_ALERT, over, over.c.rung == CLEARED, over.c.spell == _ALERT.c.spell)
    still = exists().where(past_a_rung, _CLOCK.c.id == current(_ALERT.c.clock))
    return (
        select(current(_ALERT.c.clock))
        .where(
            _ALERT.c.skipped.is_(False),
            _ALERT.c.child != NOBODY,
            _ALERT.c.rung.not_in((CLEARED, WITHDRAWN)),
            _ALERT.c.rung.not_like(f"{DUE_SOON}%"),
        )
        .where(~cleared, ~still)
    )


def candidates(connection: Connection, generation: int, ids: Iterable[str]) -> Iterator[Candidate]:
    """Each clock with all that was told of it, read 500 at a time."""
    for some in batches(ids, 500):
        ids_of = by_id(connection, generation, some)
        clocks, told = _watched(connection, generation, some), _told(connection, ids_of)
        gone = _withdrawn(connection, generation, some)
        for id in some:
            clock, (child, standard, each) = clocks.get(id), told.get(id, ("", "", NOTHING_TOLD))
            if clock is not None:
                child, standard = clock.clock.child, clock.clock.standard
            withdrawal = None
            if clock is None and id in gone:
                child, standard, withdrawal = gone[id]
            yield Candidate(id, child, standard, clock, each, withdrawal)


def _watched(connection: Connection, generation: int, ids: list[str]) -> dict[str, Watched]:
    columns = (*(_CLOCK.c[name] for name in _FIELDS), _CLOCK.c.team_now, _CLOCK.c.rungs)
    query = select(*columns).where(_CLOCK.c.generation == generation, _CLOCK.c.id.in_(ids))
    out = {}
    for *fields, team_now, rungs in connection.execute(query):
        clock = Clock(**dict(zip(_FIELDS, fields, strict=True)))
        out[clock.id] = Watched(clock, team_now, _rungs.decode(rungs) if rungs else ())
    return out


def _withdrawn(connection: Connection, generation: int, ids: list[str]) -> dict[str, tuple[str, str, Withdrawal]]:
    """Returns, of each clock whose start was withdrawn: the child, the standard and what there is to tell."""
    g = _GONE.c
    query = select(g.clock, g.child, g.standard, g.due_on, g.started_on, g.team, g.withdrawn_at)
    rows = connection.execute(query.where(g.generation == generation, g.clock.in_(ids)))
    return {
        clock: (child, standard, Withdrawal(due_on or started_on, team, at))
        for clock, child, standard, due_on, started_on, team, at in rows
    }


def _told(connection: Connection, ids: dict[str, str]) -> dict[str, tuple[str, str, AlertHistory]]:
    """Returns, of each clock something was told of, under whichever of its ids: the child and standard it was told
    under, and what. `ids`: the current id by each."""
    a, promises = _ALERT.c, _promises(connection, ids)
    columns = (a.clock, a.child, a.standard, a.rung, a.due_on, a.spell, a.skipped, a.team, a.level, a.told_at)
    query = select(*columns).where(a.clock.in_(list(ids))).order_by(a.told_at, a.spell)
    rungs: dict[str, list[PastRung]] = {}
    about: dict[str, tuple[str, str]] = {}
    for clock, child, standard, rung, due_on, spell, skipped, team, level, told_at in connection.execute(query):
        height = LEVELS.index(level) if level else 0
        rungs.setdefault(ids[clock], []).append(PastRung(rung, due_on, spell, skipped, team, height, told_at))
        about[ids[clock]] = (child, standard)
    return {id: (*about[id], AlertHistory(tuple(rungs[id]), tuple(promises.get(id, ())))) for id in rungs}


def _promises(connection: Connection, ids: dict[str, str]) -> dict[str, list[Promise]]:
    query = (
        select(_ALERT.c.clock, _ACK.c.by_on, _ACK.c.at, _ALERT.c.spell)
        .join_from(_ACK, _ALERT, _ACK.c.alert == _ALERT.c.id)
        .where(_ALERT.c.clock.in_(list(ids)))
        .order_by(_ACK.c.at, _ACK.c.id)
    )
    promises: dict[str, list[Promise]] = {}
    for clock, by_on, at, spell in connection.execute(query):
        promises.setdefault(ids[clock], []).append(Promise(by_on, at, spell))
    return promises
