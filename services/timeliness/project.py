"""Keeping the clock table: folding the children the log has moved on for, and rebuilding it beside itself.

Nothing here decides anything: histories go through the fold, and what comes out is written.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, delete, func, select, update

from schemas.calendar import Calendar
from schemas.clock import Clock
from schemas.days import iso
from schemas.store import Stored, append_rows, exclusive, reader, table_of, write_rows
from schemas.tables import ClockRow, FaultRow, Generation, LoggedEvent, ScopeRow
from services.timeliness.folding import Folded, fold_child
from services.timeliness.readlog import LogView
from services.timeliness.register import Register
from services.timeliness.rungs import rungs

LOG, CLOCK, SCOPE, FAULT, GENERATION = (
    table_of(t) for t in (LoggedEvent, ClockRow, ScopeRow, FaultRow, Generation)
)
log = logging.getLogger(__name__)
CHUNK = 500  # children folded between writes
_FIELDS = Clock.__struct_fields__
_DIGESTED = [CLOCK.c[name] for name in _FIELDS if name not in ("recorded_late",)]


class Rebuilt(msgspec.Struct):
    """What a rebuild found: the digest of what it built and of what was live, and whether they are equal."""

    digest: str
    live_digest: str
    equal: bool


def catch_up(engine: Engine, register: Register, calendar: Calendar) -> int:
    """Fold every child whose log is ahead of its clocks; gives how many. Safe to call at any time, by anybody: all in
    one transaction under one lock, and doing it twice changes nothing. If the rules or the calendar changed
    since the table was built, everything is folded anew."""
    with reader(engine) as looking:
        row = looking.execute(select(GENERATION)).one_or_none()
        if row is not None and _same_rules(row, register, calendar) and row.folded_to == _head(looking):
            return 0
    with exclusive(engine, Generation) as connection:
        return _catch_up(connection, register, calendar)


def _catch_up(connection: Connection, register: Register, calendar: Calendar) -> int:
    row = connection.execute(select(GENERATION)).one_or_none()
    head = _head(connection)
    live = row.live if row else 1
    view = LogView(connection)
    children = None
    if row is not None and _same_rules(row, register, calendar):
        children = _touched(connection, view, row.folded_to)
    if children is None:
        _clear(connection, live)
    count = _fold_into(connection, view, register, calendar, live, children)
    _point_to(connection, live, head, register, calendar, new=row is None)
    return count


def rebuild(engine: Engine, register: Register, calendar: Calendar) -> Rebuilt:
    """Fold everything into a new generation beside the live one, compare, and swap in one transaction. Anybody reading
    sees the old whole or the new whole. Events may be taken in meanwhile: both are of the log as it was at first."""
    with exclusive(engine, Generation) as connection:
        _catch_up(connection, register, calendar)
        row = connection.execute(select(GENERATION)).one()
        fresh = row.live + 1
        _fold_into(connection, LogView(connection), register, calendar, fresh, None)
        live_digest, new_digest = digest(connection, row.live), digest(connection, fresh)
        _point_to(connection, fresh, _head(connection), register, calendar, new=False)
        _clear(connection, row.live)
    return Rebuilt(new_digest, live_digest, new_digest == live_digest)


def digest(connection: Connection, generation: int) -> str:
    """SHA-256 over canonical JSON of the clock rows by id, without knowing and wall-clock fields."""
    total = hashlib.sha256()
    encoder = msgspec.json.Encoder()
    query = select(*_DIGESTED).where(CLOCK.c.generation == generation).order_by(CLOCK.c.id)
    for row in connection.execute(query, execution_options={"yield_per": 5000}):
        total.update(encoder.encode(tuple(row)))
        total.update(b"\n")
    return total.hexdigest()


def _same_rules(row: Any, register: Register, calendar: Calendar) -> bool:
    return bool(row.register_version == register.version and row.calendar_version == calendar.version)


def _head(connection: Connection) -> int:
    return connection.execute(select(func.coalesce(func.max(LOG.c.seq), 0))).scalar_one()


def _touched(connection: Connection, view: LogView, folded_to: int) -> set[str] | None:
    """The children of events after `folded_to`, with every id joined to them; a statement of coverage touches every
    child of its source. An erased row has no child any more: then all are folded."""
    query = select(LOG.c.subject, LOG.c.type, LOG.c.source).where(LOG.c.seq > folded_to).distinct()
    rows = connection.execute(query).all()
    if any(subject is None for subject, _, _ in rows):
        return None
    children = {one for subject, _, _ in rows for one in view.linked.get(subject, {subject})}
    for subject, type_, source in rows:
        if type_ in ("feed.covered", "event.retracted") and (source, subject) in view.stating:
            children |= set(
                connection.execute(select(LOG.c.subject).where(LOG.c.source == source).distinct()).scalars()
            )
    return children


def _fold_into(
    connection: Connection, view: LogView, register: Register, calendar: Calendar, generation: int,
    children: set[str] | None,
) -> int:  # fmt: skip
    """Fold histories and write their rows. With `children` given, their former rows go first."""
    standards = list(register.standards.values())
    row = _Row(Stored.by(connection), register, calendar, generation)
    if children is not None:
        group = {one for c in children for one in view.members.get(view.survivor_of.get(c, c), [c])}
        for table in (CLOCK, SCOPE, FAULT):
            for ids in _slices(sorted(children | group)):
                connection.execute(
                    delete(table).where(table.c.generation == generation, table.c.child.in_(ids))
                )
    count = endless = 0
    waiting: list[Folded] = []
    for one in view.histories(children):
        waiting.append(fold_child(standards, one, calendar))
        count += 1
        endless += waiting[-1].endless(one.facts[-1].day) if one.facts else 0
        if len(waiting) >= CHUNK:
            _write(connection, waiting, row, generation)
            waiting = []
    _write(connection, waiting, row, generation)
    _alarm_past_calendar(endless, calendar)
    return count


def _alarm_past_calendar(endless: int, calendar: Calendar) -> None:
    """One alarm, however many: clocks that end nowhere because the calendar does."""
    if endless:
        log.warning(
            "%d clocks have no due day: the calendar ends on %s and needs its next years",
            endless,
            calendar.last,
        )


def _slices(items: list[str]) -> Iterable[list[str]]:
    return (items[i : i + 500] for i in range(0, len(items), 500))


def _write(connection: Connection, folded: list[Folded], row: _Row, generation: int) -> None:
    append_rows(connection, ClockRow, [row.of(clock, one.team_now) for one in folded for clock in one.clocks])
    scopes = [scope for one in folded for scope in one.scopes]
    write_rows(
        connection, ScopeRow, [{"generation": generation, **msgspec.structs.asdict(s)} for s in scopes]
    )
    write_rows(connection, FaultRow, [
        {"generation": generation, "standard": standard, "child": one.child, "event": event, "what": what}
        for one in folded for standard, event, what in one.faults
    ])  # fmt: skip


class _Row:
    """A clock as the database stores it, its columns in the order of the table."""

    def __init__(self, stored: Stored, register: Register, calendar: Calendar, generation: int) -> None:
        self._day, self._instant = stored.day, stored.instant
        self._standards, self._calendar, self._generation = register.standards, calendar, generation
        self._ladders: dict[tuple[str, date | None, date | None], tuple[str | None, Any]] = {}

    def of(self, c: Clock, team_now: str) -> tuple[Any, ...]:
        day, instant = self._day, self._instant
        ladder, first_rung_at = (None, None) if c.ended_before_warning() else self._ladder(c)
        return (
            self._generation, c.id, c.standard, c.child,
            day(c.started_on), day(c.due_on) if c.due_on else None, c.cause, c.team,
            instant(c.started_at) if c.started_at else None, instant(c.due_at) if c.due_at else None,
            day(c.warn_on) if c.warn_on else None, instant(c.warn_at) if c.warn_at else None,
            c.ended, day(c.ended_on) if c.ended_on else None, instant(c.ended_at) if c.ended_at else None,
            c.stop_cause, day(c.lasts_to) if c.lasts_to else None, c.recorded_late, c.took, c.unmeasured,
            c.day_precision, c.prohibits, c.broken, day(c.booked_on) if c.booked_on else None, c.faults, team_now,
            ladder, first_rung_at,
        )  # fmt: skip

    def _ladder(self, c: Clock) -> tuple[str | None, Any]:
        """The rungs as they are stored: the same for every clock of a standard due on a day, unless a warning would
        come before its start."""
        begun_since = c.started_on if c.warn_on is not None and c.started_on > c.warn_on else None
        key = (c.standard, c.due_on, begun_since)
        if c.due_at is None and key in self._ladders:
            return self._ladders[key]
        steps = rungs(self._standards[c.standard], c, self._calendar)
        made = msgspec.json.encode([(name, iso(at)) for name, at in steps]).decode() if steps else None
        found = self._ladders[key] = (made, self._instant(steps[0][1]) if steps else None)
        return found


def _clear(connection: Connection, generation: int) -> None:
    for table in (CLOCK, SCOPE, FAULT):
        connection.execute(delete(table).where(table.c.generation == generation))


def _point_to(
    connection: Connection, live: int, head: int, register: Register, calendar: Calendar, new: bool
) -> None:
    values = {"live": live, "folded_to": head, "register_version": register.version,
              "calendar_version": calendar.version}  # fmt: skip
    if new:
        write_rows(connection, Generation, [{"id": 1, **values}])
    else:
        connection.execute(update(GENERATION).values(**values))
