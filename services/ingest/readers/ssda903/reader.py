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
from services.ingest.readers import Unreadable
from services.ingest.readers.returns import Covers, Statement, events_of
from services.ingest.readers.ssda903.facts import CARRIED, facts_of
from services.ingest.readers.ssda903.files import MAX_ROWS, MAX_TEXT, NEEDED, Row, present, rows, unread
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
        """The rows of each child by file, and the files read. The whole return is held in memory, and no more than one:
        it is refused where it has more rows, or more in them, than any return."""
        children: dict[str, dict[str, list[Row]]] = {}
        found = present(self.path)
        count = size = 0
        for name, path in found.items():
            for row in rows(name, path):
                count, size = count + 1, size + sum(map(len, row.fields.values()))
                if count > MAX_ROWS or size > MAX_TEXT:
                    most = f"{MAX_ROWS:,} rows or {MAX_TEXT:,} characters in the columns that are read"
                    raise Unreadable(
                        f"{path.name} line {row.line}: by here there are more than {most}; is it a return?"
                    )
                children.setdefault(row["CHILD"], {}).setdefault(name, []).append(row)
        return children, list(found)
