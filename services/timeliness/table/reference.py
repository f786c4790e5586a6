"""Says what the views need beside counts, kept in the store: the standards and their targets, the teams and their
divisions, the days. Written when it is other than what the rules say now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, update
from sqlmodel import SQLModel

from schemas.store.engine import Stored, append_rows, exclusive, reader, table_of
from schemas.store.tables import Generation, Progress
from schemas.store.view_tables import DayRow, StandardRow, TargetRow, TeamRow
from schemas.time.calendar import Calendar
from schemas.time.days import ONE_DAY, start_of_day
from services.timeliness.figures.counts import part_of
from services.timeliness.history.teams import Divisions
from services.timeliness.standards.compiled import Standard
from services.timeliness.standards.limits import Length
from services.timeliness.standards.register import Register
from services.timeliness.standards.standard import LimitEntry

_NUMBER_0 = date(1900, 1, 1)

Row = tuple[Any, ...]
Told = dict[type[SQLModel], list[Row]]


def keep(engine: Engine, register: Register, calendar: Calendar, divisions: Divisions) -> bool:
    """See that the store has it as it is now; gives whether it had not. Where teams belong to other divisions than the
    clocks were counted for, they are marked as folded by other rules: the next fold is of all."""
    told: Told = {StandardRow: _standards(register), TargetRow: _targets(register), TeamRow: _teams(divisions)}
    with reader(engine) as connection:
        if not _other(connection, told, calendar):
            return False
    with exclusive(engine, Generation) as connection:
        other = _other(connection, told, calendar)
        for model in other:
            connection.execute(delete(table_of(model)))
            rows = _days(calendar) if model is DayRow else told[model]
            append_rows(connection, model, [_spelt(connection, row) for row in rows])
        if TeamRow in other:
            connection.execute(update(table_of(Progress)).values(register_version=""))
    return True


def is_kept(connection: Connection, register: Register, calendar: Calendar, divisions: Divisions) -> bool:
    """Returns whether the store has what the rules say now."""
    told: Told = {StandardRow: _standards(register), TargetRow: _targets(register), TeamRow: _teams(divisions)}
    return not _other(connection, told, calendar)


def kept_teams(connection: Connection) -> Divisions:
    """The divisions as the store has them."""
    rows: dict[str, list[tuple[date, date, str]]] = {}
    table = table_of(TeamRow)
    columns = (table.c.team, table.c.from_on, table.c.to_on, table.c.division)
    for team, *span in connection.execute(select(*columns).order_by(table.c.team, table.c.from_on)):
        rows.setdefault(team, []).append(tuple(span))
    return Divisions(rows)


def _other(connection: Connection, told: Told, calendar: Calendar) -> list[type[SQLModel]]:
    """The tables that hold something else."""
    return [
        *(model for model, rows in told.items() if _there(connection, model) != sorted(rows)),
        *([DayRow] if _working_days(connection) != _counted(calendar) else []),
    ]


def _there(connection: Connection, model: type[SQLModel]) -> list[Row]:
    return sorted(tuple(row) for row in connection.execute(select(table_of(model))))


def _working_days(connection: Connection) -> list[int]:
    """Returns the working days counted up to each day kept: a holiday anywhere shows in it."""
    table = table_of(DayRow)
    return list(connection.execute(select(table.c.working_number).order_by(table.c.day)).scalars())


@lru_cache(maxsize=2)
def _counted(calendar: Calendar) -> list[int]:
    """Returns the same of a calendar, as `_each_day` counts."""
    return [row[2] for row in _days(calendar)]


def _spelt(connection: Connection, row: Row) -> Row:
    stored = Stored.by(connection)
    return tuple(
        stored.instant(value)
        if isinstance(value, datetime)
        else stored.day(value)
        if isinstance(value, date)
        else value
        for value in row
    )


def _standards(register: Register) -> list[Row]:
    return [
        (s.id, at, register.name, s.file.title, s.file.plan, s.file.force, s.file.owner, _lead(s), *_limit(s))
        for at, s in enumerate(register.standards.values(), start=1)
    ]


def _lead(standard: Standard) -> str:
    if standard.file.measure == "must_hold":
        return "must hold"
    if standard.file.rate:
        return "rate"
    return "recurring" if standard.recurring else "in time"


def _limit(standard: Standard) -> tuple[str, str | None, float | None]:
    """The unit in which it is told how long something took; the limit in words, and as a number of that unit."""
    if standard.file.measure == "must_hold":
        return "days", "at all times", 0.0
    entry = _plain(standard.file.limits)
    if entry is None:
        return "days", None, None
    length = Length.parse(entry.within or entry.before or "")
    words = f"before {length}" if entry.before else f"within {length}"
    if standard.file.measure == "must_not_happen":
        words = f"not {words}"
    if length.unit in ("months", "years"):
        return "days", words, None
    unit = length.unit if length.unit in ("working days", "hours") else "days"
    return unit, words, float(length.count * (7 if length.unit == "weeks" else 1))


def _plain(limits: list[LimitEntry]) -> LimitEntry | None:
    """The latest limit that has no condition, else the latest."""
    lengths = [one for one in limits if one.within != "none"]
    plain = [one for one in lengths if not one.given and not one.after]
    return max(plain or lengths, key=lambda one: one.from_on, default=None)


def _targets(register: Register) -> list[Row]:
    rows = []
    for standard in register.standards.values():
        targets = sorted(standard.file.targets, key=lambda target: target.from_on)
        lasts = [*(target.from_on - ONE_DAY for target in targets[1:]), date.max][: len(targets)]
        rows += [
            (standard.id, target.from_on, last, float(target.green), float(target.amber))
            for target, last in zip(targets, lasts, strict=True)
        ]
    return rows


def _teams(divisions: Divisions) -> list[Row]:
    return list({(team, first): (team, first, last, of) for team, first, last, of in divisions.rows()}.values())


@lru_cache(maxsize=2)
def _days(calendar: Calendar) -> list[Row]:
    return list(_each_day(calendar))


def _each_day(calendar: Calendar) -> Iterator[Row]:
    working, day = 0, calendar.first
    while day <= calendar.last:
        working += calendar.is_working_day(day)
        monday, first = day - timedelta(days=day.weekday()), day.replace(day=1)
        year, week, _ = day.isocalendar()
        yield (
            day,
            (day - _NUMBER_0).days,
            working,
            monday,
            f"{year}-W{week:02}",
            first,
            f"{first:%Y-%m}",
            part_of(day),
            start_of_day(day),
            start_of_day(day + ONE_DAY),
        )
        day += ONE_DAY
