"""A 903, spoilt; and its plain reading: every row is a record, or says nothing that another row of the child does not; and
every day of it is in the log or in quarantine."""

from __future__ import annotations

import csv
import shutil
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

from tests.fuzz import spoiling
from tests.fuzz.days import spellings
from tests.fuzz.taking import Lost, Outcome

FORMAT = "ssda903"
# The columns that are read, the first of them whose row it is; those that hold a day.
COLUMNS = {
    "episodes.csv": "CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE PL_POST URN",
    "header.csv": "CHILD SEX DOB",
    "reviews.csv": "CHILD DOB REVIEW REVIEW_CODE",
    "missing.csv": "CHILD DOB MISSING MIS_START MIS_END",
    "uasc.csv": "CHILD SEX DOB",
    "placed_for_adoption.csv": "CHILD DOB DATE_PLACED DATE_PLACED_CEASED REASON_PLACED_CEASED",
    "ad1.csv": "CHILD DOB DATE_MATCH FOSTER_CARE",
}
DAYS = ("DECOM", "DEC", "DOB", "REVIEW", "MIS_START", "MIS_END", "DATE_PLACED", "DATE_PLACED_CEASED", "DATE_MATCH")
CODES = {
    "RNE": ("S", "P", "L", "T", "U", "B"),
    "LS": ("C1", "C2", "V2", "E1", "V4"),
    "CIN": ("N1", "N5"),
    "PLACE": ("U1", "U6", "K2", "A3", "T0", "P1", "R1"),
    "PLACE_PROVIDER": ("PR1", "PR4"),
    "REC": ("X1", "X1", "E4A", "E11"),
    "REASON_PLACE_CHANGE": ("CARPL", "PLANN"),
    "PL_POST": ("AB1 2CD", ""),
    "URN": ("SC123456", ""),
    "SEX": ("1", "2"),
    "REVIEW_CODE": ("PN1", "PN3", "PN7"),
    "MISSING": ("M", "A"),
    "REASON_PLACED_CEASED": ("RD1", "RD2"),
    "FOSTER_CARE": ("0", "1"),
}
PERSON = ("header.csv", "uasc.csv")  # rows of these say one thing together: who the child is


def write(random: Random, path: Path) -> None:
    """Writes a folder of some children's files, some of whose cells are spoilt."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    born = {f"{n:06d}": _day(random, 2008, 4000) for n in range(1, random.randrange(2, 5))}
    for file, columns in COLUMNS.items():
        if file == "episodes.csv" or random.random() < 0.6:
            _write(random, path / file, columns.split(), born)


def _write(random: Random, path: Path, columns: list[str], born: dict[str, str]) -> None:
    rows = [_row(random, columns, child, dob) for child, dob in born.items() for _ in range(random.randrange(0, 5))]
    if path.name == "episodes.csv":
        _joined(random, rows)
    if rows and random.random() < 0.2:
        rows.append(dict(random.choice(rows)))
    random.shuffle(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([row[column] for column in columns] for row in rows)
    if random.random() < 0.04:
        path.write_bytes(spoiling.bytes_of(random, path.read_bytes()))


def _joined(random: Random, rows: list[dict[str, str]]) -> None:
    """Lets some episodes follow on the one before."""
    for before, row in pairwise(rows):
        if before["CHILD"] == row["CHILD"] and random.random() < 0.6:
            before["DEC"] = row["DECOM"]


def _row(random: Random, columns: list[str], child: str, dob: str) -> dict[str, str]:
    row = {"CHILD": child, "DOB": dob}
    for column in columns:
        if column in DAYS[:2] or column in DAYS[3:]:
            row[column] = _day(random, 2019, 1500) if random.random() < 0.8 else ""
        elif column in CODES:
            row[column] = random.choice(CODES[column]) if random.random() < 0.9 else ""
    for column in columns:
        if random.random() < 0.03:
            row[column] = spoiling.odd(random, column in DAYS)
    return row


def _day(random: Random, year: int, span: int) -> str:
    on = date(year, 1, 1) + timedelta(days=random.randrange(span))
    return f"{on:%d/%m/%Y}" if random.random() < 0.8 else on.isoformat()


def check(path: Path, outcome: Outcome) -> None:
    """Raises Lost where a row or a day of one is nowhere."""
    tables = {}
    for file in COLUMNS:
        if (path / file).exists():
            tables[file] = _rows(path / file)
    if outcome.refused is not None:
        if all(rows is not None for rows in tables.values()) and all(map(_has_its_heading, map(path.joinpath, tables))):
            raise Lost(f"refused whole, and each file is a table: {outcome.refused}")
        return
    for file, rows in tables.items():
        if rows is None and any(f" of {file}" in note for note in outcome.notes):
            continue  # a column under another name is one that is not read, and is named
        if rows is None:
            raise Lost(f"{file} is no table, and was taken")
        for line, row in rows:
            _check_row(path, file, line, row, tables, outcome)


def _has_its_heading(path: Path) -> bool:
    heading = path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines()[:1]
    return heading == [",".join(COLUMNS[path.name].split()).encode()]


def _rows(path: Path) -> list[tuple[int, dict[str, str]]] | None:
    """The rows with their line; None for a file that is no table of ours."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        lines = csv.reader((f"{line}\n" for line in text.removesuffix("\n").split("\n")), strict=True)
        heading = [one.strip().upper() for one in next(lines)]
        rows = [(lines.line_num, row) for row in lines if any(row)]
    except (UnicodeError, csv.Error, StopIteration):
        return None
    if not rows:
        return []  # one cut off after its heading is whole in itself
    whole = heading == COLUMNS[path.name].split() and all(len(row) == len(heading) for _, row in rows)
    if not whole or "\0" in text:
        return None
    return [(line, dict(zip(heading, map(str.strip, row), strict=True))) for line, row in rows]


def _check_row(
    path: Path,
    file: str,
    line: int,
    row: dict[str, str],
    tables: dict[str, list[tuple[int, dict[str, str]]] | None],
    outcome: Outcome,
) -> None:
    said = outcome.texts(row["CHILD"])
    if file in PERSON:
        if row["SEX"] and not any(
            one in said for one in spellings({"1": "male", "2": "female"}.get(row["SEX"], row["SEX"]))
        ):
            raise Lost(f"SEX of {file} line {line} is nowhere: {row}")
    elif f"{path.name}/{file} line {line}" not in outcome.places:
        others = [one for at, one in tables[file] or () if at != line and one["CHILD"] == row["CHILD"]]
        if not any(_says_as_much(other, row) for other in others):
            raise Lost(f"{file} line {line} left nothing: {row}")
    for column in DAYS:
        text = row.get(column, "")
        if text and not any(spelling in said for spelling in spellings(text)) and not _overtaken(row, column, tables):
            raise Lost(f"{column} of {file} line {line} is nowhere: {text!r} in {row}")


def _says_as_much(other: dict[str, str], row: dict[str, str]) -> bool:
    """Whether a row says all that another does; a day of birth is looked for by itself."""
    same = [column for column in row if column not in ("DOB", "PL_POST", "URN")]
    return all(not row[one] or _same(row[one], other[one]) for one in same)


def _same(one: str, other: str) -> bool:
    return one.upper() == other.upper() or bool({*spellings(one)} & {*spellings(other)})


def _overtaken(row: dict[str, str], column: str, tables: dict[str, list[tuple[int, dict[str, str]]] | None]) -> bool:
    """Whether a DEC is that of an episode another of the child begins before, which docs/feeds.md says ends there; or that
    of an episode in a placement that goes on."""
    if column != "DEC":
        return False
    end = spellings(row["DEC"])[-1]
    others = [one for _, one in tables["episodes.csv"] or () if one["CHILD"] == row["CHILD"]]
    return any(spellings(row["DECOM"])[-1] <= spellings(one["DECOM"])[-1] <= end for one in others if one is not row)
