"""Teams and the divisions they belong to, from a dated file: `team,division,from_on,to_on`.

`to_on` may be empty (it lasts). A team may move to another division from a day on. A team that the file does not know
counts under its own name by team, and as `unassigned` by division: shown, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import zip_longest
from pathlib import Path

from schemas.errors import CaseclockError
from schemas.time.days import ONE_DAY, parse_day
from services.timeliness.history.csv_table import BadTable, read_table
from services.timeliness.history.history import UNASSIGNED

COLUMNS = ("team", "division", "from_on", "to_on")


class BadTeams(CaseclockError):
    """The file cannot be used. The message has a line for each fault: file, line and remedy."""


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

    def steady(self, team: str) -> bool:
        """Whether its division is the same on every day."""
        rows = self._rows.get(team, ())
        return not rows or (len(rows) == 1 and rows[0][:2] == (date.min, date.max))

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
    """Returns what a file says. Raises BadTeams with all that is wrong, a line for each fault."""
    path = path or default_path()
    try:
        read = read_table(path, COLUMNS, needed=("team", "division"))
    except BadTable as wrong:
        raise BadTeams(f"{wrong}; give a CSV file with {','.join(COLUMNS)}") from wrong
    faults = list(read.faults)
    rows: dict[str, list[tuple[date, date, str]]] = {}
    lines: dict[str, list[tuple[date, date, int]]] = {}
    for number, row in read.rows:
        try:
            first, last = _span(row)
        except ValueError as wrong:
            faults.append((number, str(wrong)))
            continue
        team, spans = row["team"], lines.setdefault(row["team"], [])
        over = next((line for begins, ends, line in spans if begins <= last and first <= ends), None)
        if over is not None:
            faults.append((number, f"{team!r} is in a division already on these days, by line {over}; correct a day"))
        spans.append((first, last, number))
        rows.setdefault(team, []).append((first, last, row["division"]))
    if not rows and not faults:
        faults.append((1, "no team is in it; add a row for each team"))
    if faults:
        raise BadTeams("\n".join(f"{path}, line {number}: {what}" for number, what in sorted(faults)))
    return Divisions(rows)


def _span(row: dict[str, str]) -> tuple[date, date]:
    """The first and last day of a row. Raises ValueError."""
    first, last = _day(row, "from_on", date.min), _day(row, "to_on", date.max)
    if last < first:
        raise ValueError(f"it ends on {last}, before it begins on {first}; write the earlier day as from_on")
    return first, last


def _day(row: dict[str, str], column: str, default: date) -> date:
    try:
        return parse_day(row[column]) if row.get(column) else default
    except ValueError:
        raise ValueError(f"{column}: {row[column]!r} is no day; write days as 2024-03-31") from None
