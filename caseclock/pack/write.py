"""A pack made and put in its place: HTML, XLSX and, where this machine can, PDF."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from caseclock.pack.atomic_folder import PREFIX, place
from caseclock.pack.build import build
from caseclock.pack.html import html
from caseclock.pack.pdf import NoPdf, pdf
from caseclock.pack.request import PackRequest
from caseclock.pack.workbook import sheets
from caseclock.runtime import Rules
from caseclock.spreadsheet import xlsx


class Made(NamedTuple):
    """Which files are there now, whether they were written, the digest; why there is no PDF, if there is none."""

    files: list[Path]
    new: bool
    digest: str
    no_pdf: str | None


def make(engine: Engine, rules: Rules, asked: PackRequest, out: Path, force: bool = False) -> Made:
    """Raises PackRefused, OSError. Without what a PDF needs, the rest is made all the same."""
    pack = build(engine, rules, asked)
    text = html(pack, rules)
    name = PREFIX + "-".join(filter(None, (asked.named, _plain(asked.division), "shared" if asked.shared else None)))
    files = {f"{name}.html": text.encode(), f"{name}.xlsx": xlsx(sheets(pack))}
    no_pdf = None
    try:
        files[f"{name}.pdf"] = pdf(text)
    except NoPdf as wrong:
        no_pdf = str(wrong)
    new = place(out, files, force)
    return Made([out / name for name in sorted(files)], new, pack.digest, no_pdf)


def _plain(division: str | None) -> str:
    """A division's name as part of a file's."""
    return "".join(c if c.isalnum() else "-" for c in division or "").strip("-").lower()
