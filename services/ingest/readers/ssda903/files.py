"""The CSV files of an SSDA903 folder, read safely: columns by name, lines and files of bounded size.

A file is refused whole, naming file, line and what to do, if it is empty, lacks a column that is read, is not
UTF-8, or has a row with more or fewer fields than its heading (it was cut short, or a comma is not quoted).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.ingest.readers import Unreadable

MAX_LINE = 64 * 1024  # bytes; the longest line of a return has some 200
MAX_ROWS = 300_000  # of a folder; a return of 10,000 children has some 60,000
MAX_TEXT = 64 * 1024 * 1024  # characters in the columns that are read, of a folder; that return has some 3 million


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands and what its columns say, trimmed; a column the file lacks says nothing."""

    file: str
    line: int
    fields: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.fields.get(column, "")


# The columns without which a file cannot be read; others are details.
NEEDED = {
    "episodes.csv": ("CHILD", "DECOM", "RNE", "LS", "PLACE", "DEC", "REC"),
    "header.csv": ("CHILD", "DOB"),
    "reviews.csv": ("CHILD", "REVIEW"),
    "missing.csv": ("CHILD", "MISSING", "MIS_START", "MIS_END"),
    "uasc.csv": ("CHILD",),
    "placed_for_adoption.csv": ("CHILD", "DATE_PLACED", "DATE_PLACED_CEASED", "REASON_PLACED_CEASED"),
    "ad1.csv": ("CHILD", "DATE_MATCH", "FOSTER_CARE"),
}
READ = (
    *dict.fromkeys(column for columns in NEEDED.values() for column in columns),
    "SEX",
    "DOB",
    "CIN",
    "PLACE_PROVIDER",
    "REASON_PLACE_CHANGE",
    "PL_POST",
    "URN",
    "REVIEW_CODE",
)


def present(folder: Path) -> dict[str, Path]:
    """The files of the folder that are read, by name (in any case). Raises Unreadable without episodes."""
    try:
        found = {path.name.lower(): path for path in sorted(folder.iterdir())}
    except OSError as no:
        raise Unreadable(f"{folder.name}: cannot be read ({no.strerror}); check the path and the rights") from no
    if "episodes.csv" not in found:
        raise Unreadable(f"{folder.name}: has no episodes.csv; give the folder that holds the return's CSV files")
    return {name: found[name] for name in NEEDED if name in found}


def unread(folder: Path) -> list[str]:
    """Returns a line for the CSV files of the folder that are not read, with the number of lines below the heading, and
    one for the columns of those that are, with the number of rows that say something in each."""
    read = present(folder)
    tables = [path for path in sorted(folder.iterdir()) if path.suffix.lower() == ".csv"]
    files = [f"{path.name} ({max(0, _length(path) - 1):,})" for path in tables if path not in read.values()]
    columns = [line for path in read.values() for line in _unread_columns(path)]
    named = (("files", files), ("columns", columns))
    return [f"{what} not read: {', '.join(found)}" for what, found in named if found]


def _length(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(1 for _ in file)
    except OSError:
        return 0


def _unread_columns(path: Path) -> Iterator[str]:
    lines = csv.reader(_lines(path))
    named = {at: column.strip() for at, column in enumerate(next(lines, [])) if column.strip().upper() not in READ}
    filled: Counter[int] = Counter()
    for fields in lines:
        filled.update(at for at in named if at < len(fields) and fields[at].strip())
    for at, column in named.items():
        yield f"{column} of {path.name} ({filled[at]:,})"


def rows(name: str, path: Path) -> Iterator[Row]:
    """The rows of a file with the columns that are read. Rows with nothing in them are passed over."""
    lines = csv.reader(_lines(path), strict=True)
    try:
        columns = [column.strip().upper() for column in next(lines)]
        _check_columns(name, path, columns)
        at = [(index, column) for index, column in enumerate(columns) if column in READ]
        for fields in lines:
            if not any(fields):
                continue
            if len(fields) != len(columns):
                found = f"{len(fields)} fields where the heading has {len(columns)}"
                why = f"{found}: cut short, or a comma not quoted; export it again"
                raise Unreadable(f"{path.name} line {lines.line_num}: {why}")
            yield Row(name, lines.line_num, {column: fields[index].strip() for index, column in at})
    except StopIteration:
        raise Unreadable(f"{path.name}: is empty; export it again, with its heading") from None
    except csv.Error as bad:
        raise Unreadable(f"{path.name} line {lines.line_num}: not CSV ({bad}); export it again") from None


def _check_columns(name: str, path: Path, columns: list[str]) -> None:
    for column in NEEDED[name]:
        if columns.count(column) != 1:
            lacks = "has no column" if column not in columns else "has more than one column"
            remedy = "export it again with the return's own headings, separated by commas"
            raise Unreadable(f"{path.name} line 1: {lacks} {column}; {remedy}")


def _lines(path: Path) -> Iterator[str]:
    """The lines as text, with their ends. A mark at the beginning of the file is passed over."""
    number = 0
    try:
        with path.open("rb") as file:
            while raw := file.readline(MAX_LINE + 1):
                number += 1
                if len(raw) > MAX_LINE:
                    why = f"has more than {MAX_LINE} bytes: not a return, or damaged; export it again"
                    raise Unreadable(f"{path.name} line {number}: {why}")
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
                if "\0" in text:
                    raise UnicodeError("a NUL")
                yield text
    except UnicodeError as other:
        why = "not UTF-8 text; save it as CSV UTF-8 and import again"
        raise Unreadable(f"{path.name} line {number}: {why}") from other
    except OSError as no:
        why = f"cannot be read ({no.strerror}); check the path and the rights"
        raise Unreadable(f"{path.name}: {why}") from no
