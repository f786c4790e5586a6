"""The measures, each in a process of its own: `python -m benchmarks.measures NAME FILE` prints what it took as JSON."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine

from benchmarks.county import FOLDER, file_of, last_day
from benchmarks.timing import Measured, Stopwatch
from schemas.clock import Clock
from schemas.events.event import CaseEvent, decode
from schemas.store.engine import batches, connect, reader
from schemas.time.calendar import england
from schemas.time.days import end_of_day
from services.ingest.intake.intake import take_in
from services.ingest.readers.ndjson import Ndjson
from services.timeliness.figures import kpi
from services.timeliness.figures.periods import Period
from services.timeliness.figures.questions import CLOCK, Question, figures_for, stored_clocks
from services.timeliness.fold.child import fold_child
from services.timeliness.history.facts import fact_of
from services.timeliness.history.history import history
from services.timeliness.history.teams import load_teams
from services.timeliness.standards import register
from services.timeliness.table import catch_up as project

NOW = datetime(2026, 1, 1, tzinfo=UTC)  # when the import is made: everything is history by then
AT_ONCE = 50  # children whose histories are held decoded at a time


def decoding(path: Path) -> Measured:
    """Every line decoded into its class and checked."""
    watch, count = Stopwatch(), 0
    for lines in batches(_lines(path), 10_000):
        count += len(lines)
        with watch("decode"):
            for line in lines:
                _decoded(line)
    return watch.measured(count)


def folding(path: Path) -> Measured:
    """Histories, decoded already, folded into the clocks of every standard. Apart from it: putting them in order."""
    standards, calendar = list(register.load(None).standards.values()), england()
    of_child: dict[str, dict[str, bytes]] = {}
    count = clocks = 0
    for line in _lines(path):
        count += 1
        event = _decoded(line)
        if event is not None and event.about == "child":
            of_child.setdefault(event.subject, {}).setdefault(event.id, line)
    watch = Stopwatch()
    for children in batches(of_child.items(), AT_ONCE):
        decoded = [(child, [decode(line) for line in lines.values()]) for child, lines in children]
        with watch("put in order"):
            histories = [
                history(child, [fact_of(event, event.recordedtime or NOW) for event in events], {})
                for child, events in decoded
            ]
        with watch("fold"):
            for one in histories:
                clocks += len(fold_child(standards, one, calendar).clocks)
    return watch.measured(count, clocks=clocks)


def importing(path: Path) -> Measured:
    """A new SQLite file: validated, chained, stored; then every child folded and its clocks stored."""
    engine, rules, calendar = _store(path, new=True), register.load(None), england()
    watch = Stopwatch()
    with watch("take in"):
        taken = take_in(engine, Ndjson(path), history=True, now=NOW)
    with watch("catch up"):
        project.catch_up(engine, rules, calendar)
    return watch.measured(taken.read, taken=taken._asdict(), bytes=_db(path).stat().st_size)


def rebuilding(path: Path) -> Measured:
    """Everything folded once more beside the live clocks, compared and swapped."""
    engine, watch = _store(path), Stopwatch()
    with watch("rebuild"):
        rebuilt = project.rebuild(engine, register.load(None), england())
    assert rebuilt.equal, "the rebuild is not equal to what was live"
    return watch.measured(_count(path))


def answering(path: Path) -> Measured:
    """The figures of one month of every standard, from the clock table; then those to be compared with DuckDB's."""
    from benchmarks.duck import STANDARDS

    engine, rules, calendar, watch = _store(path), register.load(None), england(), Stopwatch()
    day = last_day(path)
    month = Period(day.replace(day=1), day)
    with watch("figures of a month"):
        figures_for(engine, rules, calendar, load_teams(), month, Question(now=end_of_day(day)))
    with reader(engine) as connection:
        clocks = list(stored_clocks(connection, CLOCK.c.standard.in_(STANDARDS)))
    return watch.measured(_count(path), figures=_as_told(_monthly(clocks, day)))


def asking_duckdb(path: Path, threads: int) -> Measured:
    from benchmarks import duck

    watch = Stopwatch()
    figures = duck.figures(path, last_day(path), threads, watch)
    return watch.measured(_count(path), figures=_as_told(figures))


MEASURES: dict[str, Callable[[Path], Measured]] = {
    "decode": decoding,
    "fold": folding,
    "import": importing,
    "rebuild": rebuilding,
    "figures": answering,
    "duckdb": lambda path: asking_duckdb(path, threads=1),
    "duckdb on every core": lambda path: asking_duckdb(path, threads=os.cpu_count() or 1),
}


def store_of(path: Path) -> Path:
    """The SQLite file that a county is imported into."""
    return _db(path)


def _db(path: Path) -> Path:
    return FOLDER / f"{path.stem}.db"


def _store(path: Path, new: bool = False) -> Engine:
    logging.disable(logging.WARNING)  # clocks past the calendar's end, which the county has
    if new:
        forget(path)
    return connect(f"sqlite:///{_db(path)}")


def forget(path: Path) -> None:
    """Takes the SQLite file away."""
    for more in ("", "-wal", "-shm"):
        Path(f"{_db(path)}{more}").unlink(missing_ok=True)


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def _count(path: Path) -> int:
    return sum(1 for _ in _lines(path))


def _decoded(line: bytes) -> CaseEvent | None:
    try:
        return decode(line)
    except ValueError:
        return None  # the county sends a few that must be refused


def _monthly(clocks: list[Clock], day: date) -> dict[tuple[str, date], tuple[int, int, int]]:
    """Due, met and missed by standard and month, of clocks, as of the end of a day."""
    by_month: dict[date, list[Clock]] = {}
    for clock in clocks:
        if clock.due_on is not None:
            by_month.setdefault(clock.due_on.replace(day=1), []).append(clock)
    found = {}
    for first, due in by_month.items():
        last = max(clock.due_on for clock in due if clock.due_on)
        for figure in kpi.figures(due, [], {}, Period(first, last), lambda team, on: "county", end_of_day(day)):
            if figure.due:
                found[figure.standard, first] = (figure.due, figure.met, figure.missed)
    return found


def _as_told(figures: dict[tuple[str, date], tuple[int, int, int]]) -> list[Any]:
    return sorted([standard, month.isoformat(), *counts] for (standard, month), counts in figures.items())


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(MEASURES[sys.argv[1]](file_of(int(sys.argv[2])))))
