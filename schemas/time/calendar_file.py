"""A council's own calendar: a CSV file `day,name` of bank holidays, whole years, laid over the built-in calendar.

Each year that the file speaks of is taken from the file alone; the other years stay as they are built in. So a one-off
holiday is announced by giving that year's whole list, and years past the built-in end make the calendar reach further.

    day,name
    2029-01-01,New Year's Day
    2029-03-30,Good Friday
    ...
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from schemas.errors import CaseclockError
from schemas.time.calendar import Calendar, england
from schemas.time.days import parse_day

COLUMNS = ["day", "name"]
FEWEST = 8  # England and Wales have had eight bank holidays a year or more since 1978


class BadCalendar(CaseclockError):
    """The file cannot be used. The message names file, line and remedy."""


def load_calendar(path: Path | None = None) -> Calendar:
    """Returns the built-in calendar, or the one that a file lays over it. Raises BadCalendar."""
    built_in = england()
    if path is None:
        return built_in
    days = _days(path)
    years = {day.year for day in days}
    _check_years(path, days, built_in)
    kept = {day: name for day, name in built_in.bank_holidays.items() if day.year not in years}
    last = max(built_in.last, date(max(years), 12, 31))
    digest = hashlib.sha256(repr(sorted(days.items())).encode()).hexdigest()[:12]
    return Calendar(built_in.first, last, dict(sorted({**kept, **days}.items())), f"{built_in.version}+{digest}")


def _days(path: Path) -> dict[date, str]:
    days: dict[date, str] = {}
    for line, row in _rows(path):
        day, name = _day(path, line, row[0]), row[1].strip()
        if day in days:
            raise BadCalendar(f"{path} line {line}: {day} is given twice; keep one of the two lines")
        if not name:
            raise BadCalendar(f"{path} line {line}: {day} has no name; say what holiday it is")
        if not name.isprintable():
            raise BadCalendar(
                f"{path} line {line}: the name of {day} has a character that cannot be printed; take it away"
            )
        days[day] = name
    if not days:
        raise BadCalendar(f"{path}: no days in it; give a line `day,name` for each bank holiday of a year")
    return days


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yields the lines below the heading that are not empty, with their numbers."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadCalendar(f"{path}: cannot be read as UTF-8 text ({wrong}); check path and encoding") from wrong
    rows = csv.reader(text.splitlines(), strict=True)
    try:
        heading = [cell.strip() for cell in next(rows, [])]
        if heading != COLUMNS:
            raise BadCalendar(f"{path} line 1: the heading is {','.join(heading)!r}; make it `{','.join(COLUMNS)}`")
        for row in rows:
            if len(row) not in (0, len(COLUMNS)):
                raise BadCalendar(f"{path} line {rows.line_num}: {len(row)} cells; give a day and a name")
            if row:
                yield rows.line_num, row
    except csv.Error as wrong:
        raise BadCalendar(f"{path} line {rows.line_num}: {wrong}; close the quotes") from wrong


def _day(path: Path, line: int, text: str) -> date:
    try:
        return parse_day(text.strip())
    except ValueError as wrong:
        raise BadCalendar(f"{path} line {line}: {text!r} is no day; write it as 2024-05-06") from wrong


def _check_years(path: Path, days: Iterable[date], built_in: Calendar) -> None:
    """Refuses years that are not whole, that come before the calendar, or that leave a gap after it."""
    by_year: dict[int, int] = {}
    for day in days:
        by_year[day.year] = by_year.get(day.year, 0) + 1
    for year, count in sorted(by_year.items()):
        if year < built_in.first.year:
            raise BadCalendar(f"{path}: {year} is before the calendar, which begins in {built_in.first.year}")
        if count < FEWEST:
            raise BadCalendar(
                f"{path}: {year} has {count} bank holidays; a year replaces the built-in one whole, so give all of"
                f" them ({FEWEST} or more); `caseclock calendar --format csv` prints what is in use"
            )
    missing = set(range(built_in.last.year + 1, max(by_year) + 1)) - by_year.keys()
    if missing:
        raise BadCalendar(f"{path}: {min(missing)} is left out; years past {built_in.last.year} follow one another")
