"""Spreadsheet files, read back as the XML they are."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from defusedxml.ElementTree import fromstring

from caseclock.spreadsheet import WIDEST, Rows, csv_bytes, xlsx

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
HEAD = ("Child", "Due", "Told", "Days")
AT = datetime(2024, 7, 1, 8, 5, tzinfo=UTC)
ROWS: Rows = [HEAD, ("C1", date(2024, 3, 25), AT, 3), ("C2", None, None, 0.5)]


def part(book: bytes, name: str):
    return fromstring(ZipFile(BytesIO(book)).read(name))


def cells(book: bytes, sheet: int = 1) -> dict[str, tuple[str | None, str]]:
    """By place: the kind of cell (`s` is text) and what is in it; a formula is `f`."""
    shared = [
        "".join(t.text or "" for t in si.iter(f"{{{NS['m']}}}t"))
        for si in part(book, "xl/sharedStrings.xml").findall("m:si", NS)
    ]
    found = {}
    for cell in part(book, f"xl/worksheets/sheet{sheet}.xml").iter(f"{{{NS['m']}}}c"):
        kind, value = cell.get("t"), cell.findtext("m:v", None, NS)
        if cell.find("m:f", NS) is not None:
            kind = "f"
        if value is not None:
            found[cell.get("r")] = (kind, shared[int(value)] if kind == "s" else value)
    return found


def names(book: bytes) -> list[str]:
    return [sheet.get("name") for sheet in part(book, "xl/workbook.xml").iter(f"{{{NS['m']}}}sheet")]


def test_the_same_rows_are_the_same_bytes() -> None:
    assert xlsx({"A": ROWS, "B": ROWS}) == xlsx({"A": list(ROWS), "B": ROWS})
    assert xlsx({"A": ROWS}) != xlsx({"A": ROWS[:-1]})


def test_days_are_days_and_instants_are_in_london_time() -> None:
    found = cells(xlsx({"A": ROWS}))
    assert found["A2"] == ("s", "C1")
    assert found["B2"] == (None, "45376")  # days from 1899-12-30: 25 March 2024
    assert float(found["C2"][1]) == pytest.approx(45474 + (9 * 60 + 5) / 1440)  # 09:05 in summer
    assert found["D2"] == (None, "3")
    assert "B3" not in found


def test_the_heading_is_bold_and_stays() -> None:
    book = xlsx({"A": ROWS})
    sheet = part(book, "xl/worksheets/sheet1.xml")
    assert sheet.find(".//m:pane", NS).attrib.items() >= {"ySplit": "1", "state": "frozen"}.items()
    style = int(sheet.find(".//m:c", NS).get("s"))
    styles = part(book, "xl/styles.xml")
    font = int(styles.findall("m:cellXfs/m:xf", NS)[style].get("fontId"))
    assert styles.findall("m:fonts/m:font", NS)[font].find("m:b", NS) is not None


def test_columns_are_as_wide_as_what_is_in_them() -> None:
    columns = part(xlsx({"A": [["x", "y"], ["long " * 5, "w" * 500]]}), "xl/worksheets/sheet1.xml").find("m:cols", NS)
    assert [round(float(c.get("width"))) for c in columns] == [28, WIDEST + 1]


HOSTILE = ("=1+1", "+44 1603", "-3", "@SUM(A1)", '=HYPERLINK("http://x")', "http://x.example", "007", "\tx", " =1+1")


def test_text_is_never_a_formula_a_link_or_a_number() -> None:
    found = cells(xlsx({"A": [["What"], *([text] for text in HOSTILE)]}))
    assert [found[f"A{n}"] for n in range(2, len(HOSTILE) + 2)] == [("s", text) for text in HOSTILE]


def test_nor_in_csv() -> None:
    text = csv_bytes([["What"], *([one] for one in HOSTILE), [-3], [None], [date(2024, 3, 1)], [AT]]).decode(
        "utf-8-sig"
    )
    got = [row[0] for row in csv.reader(StringIO(text, newline=""))]
    assert got[1:10] == [
        "'=1+1",
        "'+44 1603",
        "'-3",
        "'@SUM(A1)",
        '\'=HYPERLINK("http://x")',
        "http://x.example",
        "007",
        "'\tx",
        "' =1+1",
    ]
    assert got[10:] == ["-3", "", "2024-03-01", "2024-07-01 09:05"]


def test_names_of_sheets_are_mended() -> None:
    long = "Children on a protection plan, by team"
    book = xlsx({"a/b:c": ROWS, "A b c": ROWS, long: ROWS, long + "!": ROWS, "'": ROWS, "History": ROWS})
    assert names(book) == ["a b c", "A b c 2", long[:30], long[:29] + " 2", "Sheet", "History list"]


def test_odd_text_and_none_at_all() -> None:
    assert cells(xlsx({"A": [["H"], ["a\x0bb<&>\u2028é"], ["x" * 40_000]]}))["A3"][1].endswith("x…")
    assert names(xlsx({"A": []})) == ["A"]
    with pytest.raises(ValueError, match="rows are more than a sheet can hold"):
        xlsx({"A": range(1_048_577)})  # type: ignore[dict-item]  (only its length is looked at)
