"""The formats that can be read, and which reader a path needs."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from pathlib import Path
from typing import cast

from services.ingest.readers import Reader, Unreadable

FORMATS = ("auto", "ndjson", "cin-census", "ssda903")
_SHOWS_ITS_KIND = 64  # bytes: more than a byte order mark and the blanks before the first `<`


def open_reader(path: Path | str, format: str = "auto", covers: tuple[date, date] | None = None) -> Reader:
    """Returns the reader for a path. `auto` goes by content: a folder with an episodes.csv is an SSDA903 return, a
    file that begins with `<` a CIN census, and anything else NDJSON.

    `covers`: first and last day the return covers, inclusive, where the file itself cannot say; NDJSON says
    it with a feed.covered event instead. Raises Unreadable; ValueError for a format that does not exist.
    """
    path = Path(path)
    if format not in FORMATS:
        raise ValueError(f"no format {format!r}: choose one of {', '.join(FORMATS)}")
    if not path.exists():
        raise Unreadable(f"{path}: there is no such file or folder; check the path")
    chosen = _by_content(path) if format == "auto" else format
    if chosen == "cin-census":
        return _returned("cin.reader", "CinCensus", path, covers)
    if chosen == "ssda903":
        return _returned("ssda903.reader", "Ssda903", path, covers)
    if covers is not None:
        raise Unreadable(f"{path}: NDJSON states its own coverage, in a feed.covered event; leave --covers out")
    from services.ingest.readers.ndjson import Ndjson

    return Ndjson(path)


def _returned(module: str, name: str, path: Path, covers: tuple[date, date] | None) -> Reader:
    """Returns the reader of a statutory return, loaded only then: parsers of XML and CSV cost start-up time."""
    return cast(Reader, getattr(import_module(f"services.ingest.readers.{module}"), name)(path, covers))


def _by_content(path: Path) -> str:
    if path.is_dir():
        if any(entry.name.lower() == "episodes.csv" for entry in path.iterdir()):
            return "ssda903"
        raise Unreadable(f"{path}: a folder is read as an SSDA903 return, and this one has no episodes.csv")
    if not path.is_file():
        return "ndjson"  # a pipe cannot be looked at twice
    try:
        with path.open("rb") as file:
            first = file.read(_SHOWS_ITS_KIND)
    except OSError as error:
        raise Unreadable(f"{path}: cannot be opened ({error.strerror}); check who may read it") from error
    # a mark and NULs stand before or around the `<` of XML in UTF-16
    shown = first.removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe\x00 \t\r\n")
    return "cin-census" if shown.startswith(b"<") else "ndjson"
