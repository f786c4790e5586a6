"""A CSV file that a person wrote, read strictly: its columns are known, its quotes closed, its cells printable."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from schemas.errors import CaseclockError
from schemas.nearest import meant

Fault = tuple[int, str]  # the line, counted from 1, and what is wrong with what to do
LARGEST = 4 * 1024 * 1024  # bytes
_QUOTE = re.compile("unexpected end of data|expected after|field larger")


class BadTable(CaseclockError):
    """Not a table that can be read. The message names the file."""


class Table(NamedTuple):
    """`rows`: the line on which each begins, and its cells by column, without spaces around them. `faults` of the
    others."""

    rows: list[tuple[int, dict[str, str]]]
    faults: list[Fault]


def read_table(path: Path, columns: Sequence[str], needed: Collection[str]) -> Table:
    """Reads a file, UTF-8 with or without a mark. `columns`: those it may have; `needed`: those it and every row must
    have. Raises BadTable where it cannot be read at all."""
    table = Table([], [])
    heading: list[str] | None = None
    for line, cells in _rows(_text(path), table.faults):
        if heading is None:
            heading = cells
            table.faults.extend((line, what) for what in _wrong_heading(heading, columns, needed))
            if table.faults:
                return table
        elif any(cells):
            wrong = list(_wrong_row(cells, heading, needed))
            table.faults.extend((line, what) for what in wrong)
            if not wrong:
                table.rows.append((line, dict(zip(heading, cells, strict=False))))
    if heading is None and not table.faults:
        raise BadTable(f"{path}: it is empty")
    return table


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise BadTable(f"{path}: no file of this kind is over {LARGEST:,} bytes")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as wrong:
        raise BadTable(f"{path}: {wrong.strerror}") from wrong
    except UnicodeDecodeError as wrong:
        line = wrong.object.count(b"\n", 0, wrong.start) + 1
        raise BadTable(f"{path}, line {line}: this is not UTF-8 (Windows or Latin-1?)") from wrong


def _rows(text: str, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Each row with its first line. A quote that is not closed is a fault, and the end."""
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as wrong:
            what = "a quote is not closed, or has text after it" if _QUOTE.search(str(wrong)) else str(wrong)
            faults.append((line, f"{what}; write each cell with a quote at both ends or at none"))
            return
        yield line, [cell.strip() for cell in cells]
        line = reader.line_num + 1


def _wrong_heading(heading: list[str], columns: Sequence[str], needed: Collection[str]) -> Iterator[str]:
    for place, name in enumerate(heading):
        if name not in columns:
            yield f"{name!r} is no column; {meant(name, columns)}"
        elif name in heading[:place]:
            yield f"the column {name!r} is there twice; take one away"
    for name in needed:
        if name not in heading:
            yield f"the column {name!r} is missing; the first line is {','.join(columns)}"


def _wrong_row(cells: list[str], heading: list[str], needed: Collection[str]) -> Iterator[str]:
    if len(cells) > len(heading):
        yield f"{len(cells)} cells under {len(heading)} columns; take away what is too much, or quote a comma"
    row = dict(zip(heading, cells, strict=False))
    missing = [name for name in needed if not row.get(name)]
    if missing:
        yield f"{' and '.join(f'`{name}`' for name in missing)} must be filled in every row"
    for name, cell in row.items():
        if not cell.isprintable():
            yield f"{name}: {cell[:20]!r} has a character that cannot be printed, or a line end; take it away"
