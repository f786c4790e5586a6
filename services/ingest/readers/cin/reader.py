"""A children-in-need census file (XML) as events. `docs/feeds.md` says what becomes of each element.

The census gives days only and no time of recording, and not every kind: it ends with a statement of what it
covers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from services.ingest.readers import Unreadable
from services.ingest.readers.cin.facts import KINDS, facts_of
from services.ingest.readers.cin.xml import Node, elements
from services.ingest.readers.returns import Covers, Statement, events_of


class CinCensus:
    """A reader of one census file; a position is a line.

    `covers` (first and last day, inclusive): what the file is said to cover, in place of the first to the
    last day of what happens in it. `size` and `done` are bytes.
    `revises`: a fact that changed since an earlier file replaces what that
    one said.
    """

    revises = True

    def __init__(self, path: Path, covers: Covers = None) -> None:
        self.path, self.covers = Path(path), covers
        self.size: int | None = self.path.stat().st_size if self.path.is_file() else None
        self.done = 0

    def place(self, position: int) -> str:
        return f"{self.path.name} line {position}"

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Each event with the line of its module. Raises Unreadable if the file is refused whole."""
        statement: Statement | None = None
        line = 0
        for node in elements(self.path, self._read_to):
            if node.tag == "Header":
                statement = Statement(self._source(node), KINDS, self.covers)
                continue
            if statement is None:
                raise self._refused(node.line, "a <Child> before any <Header>: whose census is it?")
            for fact in facts_of(node):
                if fact.kind != "child.registered":
                    statement.span.take(fact.on)
                for raw in events_of(fact, statement.source):
                    yield fact.line, raw
            line = node.line
        if statement is None or line == 0:
            raise self._refused(1, "holds no <Child>")
        if (covered := statement.event()) is not None:
            yield line, covered

    def _read_to(self, done: int) -> None:
        self.done = done

    def _source(self, header: Node) -> str:
        """`cin-census/` and the number of the authority."""
        collection = header.get("CollectionDetails", "Collection") or "CIN"
        if collection != "CIN":
            raise self._refused(header.line, f"is a {collection[:20]!r} collection, not CIN")
        authorities = {node.text for node in header.all("Source", "LEA")}
        if len(authorities) != 1 or not re.fullmatch(r"\d{3}", found := authorities.pop()):
            raise self._refused(header.line, "the header must name one authority: <LEA> of three digits")
        return f"cin-census/{found}"

    def _refused(self, line: int, why: str) -> Unreadable:
        return Unreadable(f"{self.place(line)}: {why}; export the census again")
