"""Readers: one file for each kind of source. A reader turns its source into events, each as CloudEvents JSON,
and says where each came from. Nothing is decided here: every event of every source takes the same way,
through `accept`.

    >>> for position, event in open_reader(Path("events.ndjson")):
    ...     ...
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from schemas.errors import CaseclockError


class Unreadable(CaseclockError):
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
