"""An SSDA903 folder (CSV) as events. `docs/feeds.md` says what becomes of each column.

The return gives days only and no time of recording, and not every kind: it ends with a statement of what it
covers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from schemas.events.chains import EARLIEST
from schemas.events.sources import SSDA903
from schemas.time.days import end_of_day
from services.ingest.readers.returns import Covers, Statement, events_of
from services.ingest.readers.ssda903.facts import CARRIED, facts_of
from services.ingest.readers.ssda903.files import NEEDED, Row, present, rows, unread
from services.ingest.readers.ssda903.year import year_of

SOURCE = SSDA903  # the files name no authority
_FILES = tuple(NEEDED)
_SHIFT = 100_000_000  # more lines than a file may have


class Ssda903:
    """A reader of one folder; a position is a file and a line.

    `covers` (first and last day, inclusive): what the folder is said to cover, in place of the year that most of its
    episodes ended in. `notes`: what to look at, once it was read.
    """

    def __init__(self, path: Path, covers: Covers = None) -> None:
        self.path, self.covers = Path(path), covers
        self.size: int | None = None
        self.notes: list[str] = []

    def place(self, position: int) -> str:
        file, line = divmod(position, _SHIFT)
        return f"{self.path.name}/{_FILES[file]} line {line}"

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Each event, child by child, with its row. Raises Unreadable if the folder is refused whole."""
        children, files = self._children()
        carried = sorted({kind for file in files for kind in CARRIED.get(file, ())} | {"child.registered"})
        covers = self.covers or year_of(row for rows in children.values() for row in rows.get("episodes.csv", ()))
        statement = Statement(SOURCE, carried, end_of_day(covers[1]) if covers else EARLIEST, covers)
        for child in sorted(children):
            for file, fact in facts_of(child, children[child]):
                statement.take(fact)
                at = _FILES.index(file) * _SHIFT + fact.line
                for raw in events_of(fact, statement):
                    yield at, raw
        self.notes += [*statement.notes(), *unread(self.path)]
        if (covered := statement.event()) is not None:
            yield 1, covered

    def _children(self) -> tuple[dict[str, dict[str, list[Row]]], list[str]]:
        """The rows of each child by file, and the files read. The whole return is held in memory."""
        children: dict[str, dict[str, list[Row]]] = {}
        found = present(self.path)
        for name, path in found.items():
            for row in rows(name, path):
                children.setdefault(row["CHILD"], {}).setdefault(name, []).append(row)
        return children, list(found)
