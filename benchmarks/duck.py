"""The same standards by DuckDB: what an analyst would pick for figures from a file. See standards.sql."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb

from benchmarks.timing import Stopwatch
from schemas.events.vocabulary import KINDS
from schemas.time.calendar import england

STANDARDS = ("referral-decision-1wd", "assessment-45wd", "icpc-15wd", "cp-review-first-3m", "lac-review-first-20wd")
READING = "CREATE TABLE line"  # how the statement begins that reads the file

Figures = dict[tuple[str, date], tuple[int, int, int]]  # standard, first of the month → due, met, missed


def figures(path: Path, as_of: date, threads: int, watch: Stopwatch) -> Figures:
    """Due, met and missed by standard and month; the times of reading the file and of all the rest go to `watch`."""
    connection = duckdb.connect()
    connection.execute(f"SET threads = {threads}")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET VARIABLE file = ?", [str(path)])
    connection.execute("SET VARIABLE as_of = ?::DATE", [as_of])
    _tables_given(connection)
    for statement in _statements():
        with watch("read" if READING in statement else "clocks and figures"):
            connection.execute(statement)
    rows = connection.execute("SELECT standard, month, due, met, missed FROM figure").fetchall()
    return {(standard, month): (due, met, missed) for standard, month, due, met, missed in rows}


def _statements() -> Iterator[str]:
    text = Path(__file__).with_name("standards.sql").read_text(encoding="utf-8")
    plain = "\n".join(line.split("--")[0] for line in text.splitlines())
    return (statement for statement in plain.split(";") if statement.strip())


def _tables_given(connection: duckdb.DuckDBPyConnection) -> None:
    """The order of kinds of events, and the working days."""
    connection.execute("CREATE TABLE kind (name VARCHAR, rank INT)")
    connection.executemany("INSERT INTO kind VALUES (?, ?)", [(kind.name, kind.order) for kind in KINDS.values()])
    calendar, nth = england(), 0
    rows: list[str] = []
    for ordinal in range((calendar.last - calendar.first).days + 1):
        day = calendar.first + timedelta(days=ordinal)
        nth += calendar.is_working_day(day)
        rows.append(f"('{day}', {nth})")
    connection.execute("CREATE TABLE working (day DATE, nth INT)")
    connection.execute(f"INSERT INTO working VALUES {', '.join(rows)}")
