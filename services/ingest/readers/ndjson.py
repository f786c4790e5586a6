"""NDJSON: one event a line, UTF-8. Read as a stream: no more than a line is held.

A line that is not an event is left to `accept`, which quarantines it. The whole file is refused where its
text cannot be trusted: empty, not UTF-8, a line that does not end within MAX_LINE, or cut off in the middle
of a record.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from services.ingest.readers import Unreadable

MAX_LINE = 1024 * 1024  # bytes, without the line end; an event is about 300
_UTF8_MARK = b"\xef\xbb\xbf"
_OTHER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_ARCHIVE = b"PK\x03\x04"
_AS_UTF8 = "save it as UTF-8 and import it again"


class Ndjson:
    """A file of events, one a line. Positions are line numbers from 1. `size` and `done` are bytes."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.done = 0
        self.size: int | None = None
        if self.path.is_file():
            self.size = os.path.getsize(self.path)

    def place(self, position: int) -> str:
        return f"{self.path.name} line {position}"

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        self.done = 0
        try:
            with self.path.open("rb") as file:
                yield from self._events(file)
        except OSError as error:
            raise Unreadable(f"{self.path}: cannot be read ({error.strerror})") from error

    def _events(self, file: BinaryIO) -> Iterator[tuple[int, bytes]]:
        number = found = 0
        while line := file.readline(MAX_LINE + 2):
            number += 1
            self.done += len(line)
            text = line[:-1] if _plain(line) and number > 1 else self._text(number, line)
            if not text:
                continue
            if not found and (what := _what(text)):
                raise self._refusal(number, f"this is {what}; write one event a line, as JSON")
            if not found and text[:1] == b"[" and text[1:].lstrip()[:1] in (b"", b"{"):
                raise self._refusal(number, "this is one JSON list; write one event a line, without brackets")
            if not line.endswith(b"\n") and not _is_json(text):
                raise self._refusal(number, "the file ends in the middle of a record; export or copy it again, whole")
            found += 1
            yield number, text
        if not found:
            raise Unreadable(f"{self.path}: holds no events; it is empty. Check the export that made it")

    def _text(self, number: int, line: bytes) -> bytes:
        """The line without its end and, on the first, without the mark. Raises Unreadable if it is not UTF-8 text."""
        if number == 1:
            if line.startswith(_ARCHIVE):
                raise self._refusal(1, f"this is {_what(line)}; write one event a line, as JSON")
            for mark, encoding in _OTHER_MARKS:
                if line.startswith(mark):
                    raise self._refusal(1, f"this is {encoding}; {_AS_UTF8}")
            line = line.removeprefix(_UTF8_MARK)
        if b"\0" in line:
            raise self._refusal(number, f"it has a NUL byte, so it is not UTF-8 text (UTF-16?); {_AS_UTF8}")
        text = line.strip()
        if len(text) > MAX_LINE or (len(line) > MAX_LINE and not line.endswith(b"\n")):
            raise self._refusal(
                number, f"longer than {MAX_LINE:,} bytes; an event is one line of about 300: write one event a line"
            )
        if not text.isascii():
            try:
                text.decode()
            except UnicodeDecodeError as error:
                bad = f"byte 0x{text[error.start]:02X} after {error.start:,} others"
                raise self._refusal(number, f"this is not UTF-8 ({bad}; Windows or Latin-1?); {_AS_UTF8}") from None
        return text

    def _refusal(self, number: int, what: str) -> Unreadable:
        return Unreadable(f"{self.path}, line {number}: {what}")


def _what(text: bytes) -> str:
    """Names what a first line shows a file to be, where that is a table or a workbook and no NDJSON; else nothing."""
    if text.startswith(_ARCHIVE):
        return "an Excel workbook or another archive"
    if not text.startswith((b"{", b"[")) and max(text.count(mark) for mark in (b",", b";", b"\t")) > 0:
        return "a row of a table (CSV?); of tables, only a folder that holds an SSDA903's episodes.csv is read"
    return ""


def _plain(line: bytes) -> bool:
    """Whether a line is beyond doubt: ASCII, within MAX_LINE, and an object from the first byte to the line end."""
    return line.isascii() and line[:1] == b"{" and line[-2:] == b"}\n" and b"\0" not in line and len(line) <= MAX_LINE


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (ValueError, RecursionError):
        return False
    return True
