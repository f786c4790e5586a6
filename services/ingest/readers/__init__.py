"""Readers: one file for each kind of source. A reader turns its source into events, each as CloudEvents JSON,
and says where each came from. Nothing is decided here: every event of every source takes the same way,
through `accept`.

    >>> for position, event in open_reader(Path("events.ndjson")):
    ...     ...
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

FORMATS = ("auto", "ndjson", "cin-census", "ssda903")
_SHOWS_ITS_KIND = 64  # bytes: more than a byte order mark and the blanks before the first `<`


class Unreadable(Exception):
    """The source is refused whole. The message names the file, the line where there is one, and what to do."""


class Reader(Protocol):
    """A source of events.

    `size`: how much there is in all (bytes or records), None if unknown. A reader whose size is not in
    records also has `done`, how much of it has been read, so that a progress bar can be right.
    """

    size: int | None

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """(position, one event as JSON), in the source's order. Raises Unreadable."""
        ...

    def place(self, position: int) -> str:
        """The position in words a person can go to: `file.ndjson line 7`."""
        ...


def open_reader(path: Path | str, format: str = "auto", covers: tuple[date, date] | None = None) -> Reader:
    """The reader for a path. `auto` goes by content: a folder with an episodes.csv is an SSDA903 return, a
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
    """A reader of a statutory return, loaded only when one is read: XML and CSV parsers cost start-up time."""
    return cast(Reader, getattr(import_module(f"{__name__}.{module}"), name)(path, covers))


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
