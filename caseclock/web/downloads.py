"""Writes a list as a file to take away: CSV or XLSX, with every row and not a page of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from starlette.exceptions import HTTPException
from starlette.responses import Response

from caseclock.spreadsheet import Rows, csv_bytes, xlsx

KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def check(kind: str) -> str:
    """The kind of a file that there is. Raises a 404 for another."""
    if kind not in KINDS:
        raise HTTPException(404)
    return kind


def file(kind: str, name: str, today: date, sheets: Mapping[str, Rows]) -> Response:
    """The answer that a browser saves. `name`: of the list; no team and no child, since names of files get about. A CSV
    file has the first sheet alone."""
    body = csv_bytes(next(iter(sheets.values()))) if kind == "csv" else xlsx(sheets)
    saved = f'attachment; filename="caseclock-{name}-{today}.{kind}"'
    return Response(body, media_type=KINDS[kind], headers={"content-disposition": saved})
