"""`python -m benchmarks views`: how long the queries of the dashboards take on PostgreSQL, on ten years of the county.

A server is started and filled with made-up counts of that size (`made_counts`), and the queries that read counts are
asked of it. With `--events` ten years of Norfolk's size (some 2.9 million events) are taken in and folded instead,
which takes half an hour, or with `--url` the store that is there is taken; then every query is asked. `--write` puts
the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from benchmarks.made_counts import fill_made
from caseclock.demo.county import County, norfolk_children
from schemas.store.engine import open_engine, reader
from schemas.time.calendar import england
from schemas.time.days import end_of_day
from services.alerts.sweep.today import note_today
from services.ingest.intake.intake import take_in
from services.timeliness.history.teams import load_teams
from services.timeliness.standards import register
from services.timeliness.table import catch_up as project
from services.timeliness.table.reference import keep

FROM, TO, TODAY = date(2014, 1, 1), date(2023, 12, 31), date(2023, 12, 20)
BOARDS = Path("deploy/grafana/dashboards")
LIMIT = 200.0  # milliseconds
TIMES = 7
MADE, EVENTS = "views", "views --events"  # by what a table is made
_COUNTS = re.compile(r"\b(figures|took|control)_")
_AS_DEPLOYED = "ALTER ROLE caseclock SET jit = off", "ALTER ROLE caseclock SET work_mem = '32MB'"
_CHOSEN = re.compile(r"\$\{(\w+):sqlstring\}")


class Asked(NamedTuple):
    """A query of a dashboard: where it is, how many rows it gave; milliseconds, the middle of several and the most."""

    board: str
    panel: str
    rows: int
    middle: float
    most: float


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks views")
    parser.add_argument("--url", help="a store that holds the county already")
    parser.add_argument("--events", action="store_true", help="from ten years of events: half an hour")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    asked = parser.parse_args(arguments)
    made = not (asked.events or asked.url)
    server = None
    if asked.url is None:
        from tests.helpers.postgres import Server

        server = Server()
        for statement in _AS_DEPLOYED:
            server.run(statement)
    try:
        engine = open_engine(asked.url or server.store())  # type: ignore[union-attr]
        if server is not None:
            fill(engine, made)
        found = list(ask_all(engine, made))
        remark = told(engine, made)
        engine.dispose()
    finally:
        if server is not None:
            server.remove()
    show(found, remark)
    if asked.write:
        page, by = Path("docs/benchmarks.md"), MADE if made else EVENTS
        page.write_text(page_with(page.read_text(encoding="utf-8"), found, remark, by), encoding="utf-8")
    return 0 if all(one.middle < LIMIT for one in found) else 1


def fill(engine: Engine, made: bool) -> None:
    """Ten years, as of a Wednesday near their end."""
    if made:
        fill_made(engine, FROM, TODAY)
    else:
        fill_folded(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def fill_folded(engine: Engine) -> None:
    """Events, and what they come to."""
    rules, calendar = register.load(None), england()
    county = County(norfolk_children(FROM, TO), FROM, TO, 1)
    take_in(engine, county, history=True, now=datetime(2026, 1, 1, tzinfo=UTC))
    keep(engine, rules, calendar, load_teams())
    project.catch_up(engine, rules, calendar)
    note_today(engine, end_of_day(TODAY))


def ask_all(engine: Engine, made: bool) -> Iterator[Asked]:
    """Every panel (`made`: those that read counts), for the county and a division, with every standard and team
    chosen."""
    for path in sorted(BOARDS.glob("*.json")):
        board = json.loads(path.read_text(encoding="utf-8"))
        queries = [(f"choice: {v['label']}", v["query"]) for v in board["templating"].get("list", [])]
        queries += [
            (p["title"] or "freshness", t["rawSql"]) for p in board["panels"] for t in p["targets"] if "rawSql" in t
        ]
        for division in ("county", "North"):
            chosen = choices(engine, division)
            for title, sql in queries:
                if made and not _COUNTS.search(sql):
                    continue
                yield timed(engine, board["title"], f"{title} ({division})", put_in(sql, chosen))


def put_in(sql: str, chosen: dict[str, str]) -> str:
    """As Grafana does it."""
    return _CHOSEN.sub(lambda found: chosen[found[1]], sql)


def choices(engine: Engine, division: str) -> dict[str, str]:
    """What is chosen, quoted: as much as can be."""

    def quoted(sql: str) -> str:
        with reader(engine) as connection:
            return ",".join(f"'{value}'" for value in connection.exec_driver_sql(sql).scalars())

    return {
        "register": quoted("SELECT DISTINCT register FROM standards"),
        "standards": quoted("SELECT standard FROM standards"),
        "standard": "'cp-visit'",
        "division": f"'{division}'",
        "team": quoted("SELECT team FROM teams"),
        "period": quoted("SELECT week FROM weeks WHERE is_over = 1 ORDER BY week_on DESC LIMIT 1"),
    }


def timed(engine: Engine, board: str, panel: str, sql: str) -> Asked:
    took, rows = [], 0
    with reader(engine) as connection:
        for _ in range(TIMES):
            begun = perf_counter()
            rows = len(connection.exec_driver_sql(sql.replace("%", "%%")).all())
            took.append(1000 * (perf_counter() - begun))
    return Asked(board, panel, rows, median(took), max(took))


def told(engine: Engine, made: bool) -> str:
    """How much there is."""

    def count(table: str) -> Any:
        with reader(engine) as connection:
            return connection.exec_driver_sql(f"SELECT COUNT(*) FROM {table}").scalar()

    of = (
        f"made-up counts of ten years, no events behind them and {count('clock'):,} clocks at meetings alone"
        if made
        else f"{count('event_log'):,} events of ten years, {count('clock'):,} clocks"
    )
    rows = f"{count('tally'):,} rows of counts and {count('took_tally'):,} of how long it took"
    return f"PostgreSQL, {of}: {rows}; the middle of {TIMES}, milliseconds. The machine is shared."


def show(found: list[Asked], remark: str) -> None:
    table = Table(title="Every query of the dashboards", caption=remark)
    for head in ("dashboard", "panel", "rows", "middle, ms", "most, ms"):
        table.add_column(head, justify="left" if head in ("dashboard", "panel") else "right")
    for one in sorted(found, key=lambda one: -one.middle):
        table.add_row(one.board, one.panel, f"{one.rows:,}", f"{one.middle:.0f}", f"{one.most:.0f}")
    Console().print(table)


def page_with(page: str, found: list[Asked], remark: str, by: str) -> str:
    """The page with this table between its marks, or at its end."""
    slowest = sorted(found, key=lambda one: -one.middle)
    quick = sum(one.middle < LIMIT for one in found)
    lines = [
        f"{len(found)} queries, {quick} within {LIMIT:.0f} ms. {remark} The slowest:",
        "",
        "| dashboard | panel | rows | middle | most |",
        "|---|---|---:|---:|---:|",
        *(f"| {one.board} | {one.panel} | {one.rows:,} | {one.middle:.0f} | {one.most:.0f} |" for one in slowest[:15]),
    ]
    begin, end = f"<!-- {by}: begin (make bench ARGS='{by} --write') -->", f"<!-- {by}: end -->"
    section = f"{begin}\n\n" + "\n".join(lines) + f"\n\n{end}"
    if begin in page:
        before, rest = page.split(begin)
        return before + section + rest.split(end)[1]
    return f"{page.rstrip()}\n\n## The dashboards' queries\n\n{section}\n"
