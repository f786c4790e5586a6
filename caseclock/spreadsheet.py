"""Lists as files for a spreadsheet: XLSX and CSV. The same rows give the same bytes.

What is text stays text: a cell that begins with `=`, `+`, `-` or `@` is never a formula, whoever typed it. In XLSX the
cell is marked as text; CSV knows no marks, so there an apostrophe goes before it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO, StringIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from caseclock.csv_cell import no_formula
from schemas.time.days import LONDON

Rows = Sequence[Sequence[object]]

MADE = datetime(2000, 1, 1)  # noqa: DTZ001  (a spreadsheet's dates have no zone; what the file says of its own making)
MOST_ROWS, MOST_TEXT = 1_048_576, 32_767  # what a sheet, and a cell, can hold
NARROWEST, WIDEST = 8, 60  # columns, in characters
DAY, INSTANT = "d mmm yyyy", "d mmm yyyy hh:mm"
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def xlsx(sheets: Mapping[str, Rows]) -> bytes:
    """A workbook of these sheets, in this order. The first row of each is its heading: bold, and stays in sight. Days
    are days, instants are London time, absent is empty; columns are as wide as what is in them.

    Names of sheets are mended to what a spreadsheet allows: 31 characters, unlike each other. Raises ValueError for a
    sheet of more rows than a spreadsheet can hold, and for a number that is none.
    """
    out = BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(out, {"in_memory": True, **plain}) as book:
        book.set_properties({"created": MADE})
        top = {"valign": "top", "text_wrap": True}
        looks = {
            "head": book.add_format({**top, "bold": True, "bottom": 1}),
            "text": book.add_format(top),
            "day": book.add_format({"valign": "top", "align": "left", "num_format": DAY}),
            "instant": book.add_format({"valign": "top", "align": "left", "num_format": INSTANT}),
            "number": book.add_format({"valign": "top"}),
        }
        names: set[str] = set()
        for name, rows in sheets.items():
            _sheet(book.add_worksheet(_name(name, names)), rows, looks)
    return out.getvalue()


def csv_bytes(rows: Iterable[Sequence[object]]) -> bytes:
    """The rows as CSV for a spreadsheet: UTF-8 with its mark, days as 2024-03-31, instants in London time."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([_csv_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _csv_cell(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value.astimezone(LONDON):%Y-%m-%d %H:%M}"
    return no_formula(value)


def _sheet(sheet: Worksheet, rows: Rows, looks: Mapping[str, Format]) -> None:
    if len(rows) > MOST_ROWS:
        raise ValueError(f"{len(rows):,} rows are more than a sheet can hold, {MOST_ROWS:,}: ask for less")
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            _write(sheet, number, place, value, looks, heading=number == 0)
    for place, width in enumerate(_widths(rows)):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(1, 0)
    if len(rows) > 1 and rows[0]:
        sheet.autofilter(0, 0, len(rows) - 1, len(rows[0]) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write(sheet: Worksheet, row: int, place: int, value: object, looks: Mapping[str, Format], heading: bool) -> None:
    if value is None:
        return
    if heading or not isinstance(value, date | int | float):
        sheet.write_string(row, place, _text(value), looks["head" if heading else "text"])
    elif isinstance(value, datetime):
        sheet.write_datetime(row, place, value.astimezone(LONDON).replace(tzinfo=None), looks["instant"])
    elif isinstance(value, date):
        sheet.write_datetime(row, place, value, looks["day"])
    elif isinstance(value, bool):
        sheet.write_boolean(row, place, value, looks["number"])
    else:
        sheet.write_number(row, place, value, looks["number"])


def _text(value: object) -> str:
    text = str(value)
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"


def _widths(rows: Rows) -> list[int]:
    """Returns how wide each column is to be, by its longest line."""
    widths: list[int] = []
    for row in rows:
        for place, value in enumerate(row):
            if place == len(widths):
                widths.append(NARROWEST)
            widths[place] = max(widths[place], min(_length(value) + 2, WIDEST))
    return widths


def _length(value: object) -> int:
    if isinstance(value, date):
        return len("31 Sep 2024 00:00") if isinstance(value, datetime) else len("31 Sep 2024")
    return max((len(line) for line in str(value).splitlines()), default=0) if value is not None else 0


def _name(wanted: str, taken: set[str]) -> str:
    """A name that a spreadsheet allows, like none before it."""
    clean = _NOT_IN_NAMES.sub(" ", wanted).strip("' ")[:31].strip("' ") or "Sheet"
    if clean.lower() == "history":  # kept by Excel for itself
        clean = "History list"
    name, number = clean, 2
    while name.lower() in taken:
        ending = f" {number}"
        name, number = f"{clean[: 31 - len(ending)]}{ending}", number + 1
    taken.add(name.lower())
    return name
