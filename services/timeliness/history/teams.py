"""Teams and the divisions they belong to, from a dated file: `team,division,from_on,to_on`.

`to_on` may be empty (it lasts). A team may move to another division from a day on. A team that the file does not know
counts under its own name by team, and as `unassigned` by division: shown, never dropped.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from itertools import zip_longest
from pathlib import Path

from schemas.time.days import ONE_DAY, parse_day
from services.timeliness.history.history import UNASSIGNED


class BadTeams(Exception):
    """The file cannot be used. The message names file, line and remedy."""


class Divisions:
    """Which division a team belonged to on a day."""

    def __init__(self, rows: dict[str, list[tuple[date, date, str]]]) -> None:
        self._rows = rows

    @property
    def names(self) -> frozenset[str]:
        """Every team that the file names."""
        return frozenset(self._rows)

    def of(self, team: str, day: date) -> str:
        """The division on that day, `unassigned` where the file names none."""
        for first, last, division in self._rows.get(team, ()):
            if first <= day <= last:
                return division
        return UNASSIGNED

    def spans(self, team: str, first: date, last: date | None) -> Iterator[tuple[date, date | None, str]]:
        """From a day to a day (None: with no end), inclusive, cut where the team's division is another."""
        edges = {first}
        for begins, ends, _ in self._rows.get(team, ()):
            edges |= {day for day in (begins, ends + ONE_DAY if ends < date.max else first) if first < day}
        firsts = sorted(day for day in edges if last is None or day <= last)
        for begins, following in zip_longest(firsts, firsts[1:]):
            yield begins, following - ONE_DAY if following else last, self.of(team, begins)

    def rows(self) -> list[tuple[str, date, date, str]]:
        """Team, first and last day, division."""
        return [(team, *span) for team, spans in sorted(self._rows.items()) for span in spans]


def default_path() -> Path:
    """The teams of the believable county."""
    return Path(__file__).with_name("teams.csv")


def load_teams(path: Path | None = None) -> Divisions:
    """Raises BadTeams."""
    path = path or default_path()
    rows: dict[str, list[tuple[date, date, str]]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                team, division = (row.get("team") or "").strip(), (row.get("division") or "").strip()
                if not team or not division:
                    raise BadTeams(f"{path} line {number}: `team` and `division` are needed in every row")
                rows.setdefault(team, []).append((*_span(path, number, row), division))
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadTeams(f"{path}: {wrong}; give a CSV file with team,division,from_on,to_on") from wrong
    return Divisions(rows)


def _span(path: Path, number: int, row: dict[str, str]) -> tuple[date, date]:
    try:
        first = parse_day(row["from_on"]) if row.get("from_on") else date.min
        last = parse_day(row["to_on"]) if row.get("to_on") else date.max
    except ValueError as wrong:
        raise BadTeams(f"{path} line {number}: {wrong}; write days as 2024-03-31") from wrong
    return first, last
