"""No count that a shared view leaves out can be worked out from those it shows."""

from __future__ import annotations

import random
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import Engine

from schemas.store.engine import append_rows, reader, write_rows
from schemas.store.tables import Generation
from schemas.store.view_tables import Tally
from schemas.time.calendar import england
from schemas.time.days import end_of_day
from services.alerts.sweep.today import note_today
from services.timeliness.figures.counts import (
    ALWAYS,
    COMPLETED,
    IN_TIME,
    MEASURES,
    MET,
    MISSED,
    OPENED,
    OVERDUE,
    VOIDED,
)
from services.timeliness.history.teams import load_teams
from services.timeliness.standards.register import load
from services.timeliness.table.reference import keep

BLOCKS = {"due": "met", "completed": "completed_in_time", "open": "overdue", "in_scope": "up_to_date"}
SINGLE = ("recorded_late", "cancelled", "voided", "voided_late", "not_measured")
DIVISIONS = ("North", "South", "West", "City")
FIRST, WEEKS = date(2023, 1, 2), 60


def fill(engine: Engine) -> None:
    """Counts of every size, small ones often, in divisions that add up to the county."""
    register, chance = load(), random.Random(5)
    keep(engine, register, england(), load_teams())
    rows = []
    for standard in list(register.standards)[:8]:
        for week in range(WEEKS):
            part = FIRST + timedelta(weeks=week)
            county = [0] * len(MEASURES)
            for division in DIVISIONS:
                counts = [0] * len(MEASURES)
                most = chance.choice((0, 2, 6, 30))
                for measure in (MET, MISSED, IN_TIME, VOIDED):
                    counts[measure] = chance.randint(0, chance.choice((0, 3, most)))
                counts[COMPLETED] = counts[IN_TIME] + chance.randint(0, most)
                if week == 0:
                    counts[OPENED], counts[OVERDUE] = 10 + most, chance.choice((0, 1, most))
                county = [a + b for a, b in zip(county, counts, strict=True)]
                rows.append((1, "division", standard, division, part, *counts))
            rows.append((1, "county", standard, "county", part, *county))
    with engine.begin() as connection:
        write_rows(connection, Generation, [{"id": 1, "live": 1}])
        day = str if connection.dialect.name == "sqlite" else (lambda value: value)
        append_rows(
            connection,
            Tally,
            [(*row[:4], day(row[4]), day(ALWAYS) if day is not str else ALWAYS.isoformat(), *row[5:]) for row in rows],
        )
    note_today(engine, end_of_day(FIRST + timedelta(weeks=WEEKS)))


def rows_of(engine: Engine, view: str) -> list[dict[str, Any]]:
    with reader(engine) as connection:
        found = connection.exec_driver_sql(f"SELECT * FROM {view} WHERE group_kind <> 'team'")
        return [dict(row._mapping) for row in found]


def test_what_is_left_out_cannot_be_worked_out(engine: Engine) -> None:
    fill(engine)
    full = {key(row): row for row in rows_of(engine, "figures_week")}
    shared = {key(row): row for row in rows_of(engine, "shared_figures_week")}
    assert shared.keys() == full.keys()
    left_out = 0
    for at, row in shared.items():
        for name in (*BLOCKS, *BLOCKS.values(), "missed", *SINGLE, "lead_good", "lead_of"):
            assert row[name] in (None, full[at][name])
            if full[at][name] in range(1, 6):
                assert row[name] is None, (at, name)
            left_out += row[name] is None and full[at][name] is not None
    assert left_out > 500
    for standard, week in sorted({(at[0], at[3]) for at in shared}):
        table = {at[2]: row for at, row in shared.items() if (at[0], at[3]) == (standard, week)}
        for total, part in BLOCKS.items():
            if table["county"].get(total) is not None or full[standard, "county", "county", week][total] is not None:
                assert not worked_out(equations(table, total, part)), (standard, week, total)
        for name in SINGLE:
            assert not worked_out(equations(table, name, None)), (standard, week, name)


def key(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return row["standard"], row["group_kind"], row["group_name"], row["week"]


Unknown = tuple[str, str]
Equation = dict[Unknown, int]


def equations(table: dict[str, dict[str, Any]], total: str, part: str | None) -> list[Equation]:
    """What holds between the counts that are left out: total = part + rest, county = sum of the divisions. Known counts
    only move the right side, which does not matter to whether something can be worked out."""
    names = [total, part, "rest"] if part else [total]
    unknown: set[Unknown] = set()
    for group, row in table.items():
        for name in names:
            shown = row[total] if name == total else None if row[part] is None or row[total] is None else row[part]  # type: ignore[index]
            if name == part and row[part] is not None:  # type: ignore[index]
                shown = row[part]  # type: ignore[index]
            if shown is None:
                unknown.add((group, name))
    found: list[Equation] = []
    divisions = [group for group in table if group != "county"]
    for name in names:
        terms = {("county", name): 1, **{(division, name): -1 for division in divisions}}
        found.append({at: factor for at, factor in terms.items() if at in unknown})
    if part:
        for group in table:
            terms = {(group, total): 1, (group, part): -1, (group, "rest"): -1}
            found.append({at: factor for at, factor in terms.items() if at in unknown})
    return [equation for equation in found if equation]


def worked_out(given: list[Equation]) -> list[Unknown]:
    """The unknowns that have one value only: after elimination, those that stand alone in a row."""
    unknowns = sorted({at for equation in given for at in equation})
    rows = [[Fraction(equation.get(at, 0)) for at in unknowns] for equation in given]
    reduced: list[list[Fraction]] = []
    for column in range(len(unknowns)):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        pivot = [value / pivot[column] for value in pivot]
        rows = [[a - row[column] * b for a, b in zip(row, pivot, strict=True)] for row in rows]
        reduced = [[a - row[column] * b for a, b in zip(row, pivot, strict=True)] for row in reduced] + [pivot]
    alone = [row for row in reduced if sum(1 for value in row if value) == 1]
    return [unknowns[next(n for n, value in enumerate(row) if value)] for row in alone]


def test_the_check_would_see_it() -> None:
    """One division left out of a county that is shown is the county less the others."""
    row = {"due": 20, "met": 12}
    table = {"county": row, "North": {"due": 10, "met": None}, "South": {"due": 10, "met": 9}}
    assert worked_out(equations(table, "due", "met"))
    table["South"] = {"due": 10, "met": None}
    assert not worked_out(equations(table, "due", "met"))
