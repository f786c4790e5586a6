"""A children-in-need census file (XML) as events. `docs/feeds.md` says what becomes of each element.

The census gives days only and no time of recording, and not every kind: it ends with a statement of what it covers, the
year that ends on the reference date of its header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from schemas.events.sources import CIN_CENSUS
from services.ingest.readers import Unreadable
from services.ingest.readers.cin.facts import KINDS, facts_of
from services.ingest.readers.cin.header import Header
from services.ingest.readers.cin.unread import Unread
from services.ingest.readers.cin.xml import Node, elements
from services.ingest.readers.returns import Covers, Statement, events_of


class CinCensus:
    """A reader of one census file; a position is a line.

    `covers` (first and last day, inclusive): what the file is said to cover, in place of the year to its reference
    date. `size` and `done` are bytes. `notes`: what to look at, once it was read.
    """

    def __init__(self, path: Path, covers: Covers = None) -> None:
        self.path, self.covers = Path(path), covers
        self.size: int | None = self.path.stat().st_size if self.path.is_file() else None
        self.done = 0
        self.notes: list[str] = []

    def place(self, position: int) -> str:
        return f"{self.path.name} line {position}"

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yields each event with the line of its module. Raises Unreadable if the file is refused whole."""
        statement: Statement | None = None
        unread = Unread()
        line = 0
        for node in elements(self.path, self._read_to):
            if node.tag == "Header":
                statement = self._statement(node)
                continue
            if statement is None:
                raise self._refused(node.line, "a <Child> before any <Header>: whose census is it?")
            unread.take(node)
            for fact in facts_of(node):
                statement.take(fact)
                for raw in events_of(fact, statement):
                    yield fact.line, raw
            line = node.line
        if statement is None or line == 0:
            raise self._refused(1, "holds no <Child>")
        self.notes += [*statement.notes(), *unread.notes()]
        if (covered := statement.event()) is not None:
            yield line, covered

    def _read_to(self, done: int) -> None:
        self.done = done

    def _statement(self, node: Node) -> Statement:
        header = Header.of(node)
        collection = header.collection or "CIN"
        if collection != "CIN":
            raise self._refused(node.line, f"is a {collection[:20]!r} collection, not CIN")
        if len(header.authorities) != 1 or not re.fullmatch(r"[0-9]{3}", authority := min(header.authorities)):
            raise self._refused(node.line, "the header must name one authority: <LEA> of three digits")
        if header.reference is None and self.covers is not None:
            header = header._replace(reference=self.covers[1])
        if header.reference is None:
            why = "the header must say when its year ends: <ReferenceDate>2024-03-31; or say it with --covers"
            raise self._refused(node.line, why)
        self.notes += header.notes()
        return Statement(f"{CIN_CENSUS}/{authority}", KINDS, header.made, self.covers or header.year)

    def _refused(self, line: int, why: str) -> Unreadable:
        return Unreadable(f"{self.place(line)}: {why}; export the census again")
