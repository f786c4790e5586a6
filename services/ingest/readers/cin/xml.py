"""Reading a census message safely: a header and one child at a time, in bounded memory, whatever the file
holds.

Refused whole, naming file, line and what to do: document types and entities, another encoding than UTF-8, a
file that is empty, cut short or not XML, and elements, texts and children larger than any census has. Text
between elements (some exports have it) belongs to no field and is passed over.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax import SAXException, SAXParseException
from xml.sax.expatreader import ExpatParser
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import defusedxml.sax
from defusedxml import DefusedXmlException

from services.ingest.readers import Unreadable

CHUNK = 64 * 1024  # bytes
MAX_TAG = 1024 * 1024  # bytes without an element or a text: no tag or comment is so long
MAX_TEXT = 10_000  # characters between two tags; the longest field of a census has some 20
MAX_DEPTH = 16  # a census has 7
MAX_ELEMENTS = 20_000  # of one child
MAX_CHILD = 2_000_000  # characters of one child, white space among them

_KEPT = {("Message", "Header"), ("Message", "Children", "Child")}


class Node:
    """An element: its name, the line it begins on, the text directly in it (trimmed) and its elements."""

    __slots__ = ("children", "line", "tag", "text")

    def __init__(self, tag: str, line: int) -> None:
        self.tag, self.line, self.text = tag, line, ""
        self.children: list[Node] = []

    def all(self, *path: str) -> list[Node]:
        """The elements at a path below this one, in the order of the file."""
        found = [self]
        for tag in path:
            found = [child for node in found for child in node.children if child.tag == tag]
        return found

    def get(self, *path: str) -> str:
        """The text of the first element at a path; empty where there is none."""
        return next((node.text for node in self.all(*path)), "")

    def spelling(self) -> str:
        """All that the element says, in one text that does not depend on where it stands in the file."""
        inner = " ".join(sorted(child.spelling() for child in self.children))
        return f"{self.tag}[{inner}]" if self.children else f"{self.tag}={self.text}"


class _TooMuch(Exception):
    pass


class _Collector(ContentHandler):
    """Keeps the header and one child at a time; counts, and refuses what is too much."""

    def __init__(self, parser: ExpatParser) -> None:
        super().__init__()
        self.line = parser.getLineNumber
        self.done: list[Node] = []
        self.path: list[str] = []
        self.open: list[Node] = []
        self.heard = self.text = self.elements = self.characters_in = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        tag = name.rpartition(":")[2][:60]
        self.path.append(tag)
        self.heard, self.text = self.heard + 1, 0
        if len(self.path) > MAX_DEPTH:
            raise _TooMuch(f"elements nested deeper than {MAX_DEPTH}")
        if self.path[0] != "Message":
            raise _TooMuch(f"<{tag}> where a children-in-need census has <Message>")
        if self.open:
            self._within(Node(tag, self.line()))
        elif tuple(self.path) in _KEPT:
            self.open, self.elements, self.characters_in = [Node(tag, self.line())], 0, 0
        elif tag == "Child" or self.path[:-1] == ["Message", "Children"]:
            raise _TooMuch(f"<{tag}> where a census has its <Child>ren: in <Message>, <Children>")
        if self.open:
            for attribute in attrs.getNames():
                self._attribute(attribute, attrs.getValue(attribute))

    def _within(self, node: Node) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS:
            raise _TooMuch(f"a child with more than {MAX_ELEMENTS} elements")
        self.open[-1].children.append(node)
        self.open.append(node)

    def _attribute(self, name: str, value: str) -> None:
        """Keeps one as an element that is not read; those of XML itself say nothing."""
        if not name.startswith(("xml", "xsi:")):
            self.characters_in += len(value)
            self.elements += 1
            self.open[-1].children.append(attribute := Node(f"@{name}"[:60], self.line()))
            attribute.text = value[:MAX_TEXT]

    def endElement(self, name: str) -> None:
        self.path.pop()
        self.heard, self.text = self.heard + 1, 0
        if self.open:
            node = self.open.pop()
            node.text = node.text.strip()
            if not self.open:
                self.done.append(node)

    def characters(self, content: str) -> None:
        self.heard, self.text = self.heard + 1, self.text + len(content)
        self.characters_in += len(content)
        if self.text > MAX_TEXT:
            raise _TooMuch(f"a text longer than {MAX_TEXT} characters")
        if self.open:
            if self.characters_in > MAX_CHILD:
                raise _TooMuch(f"a child of more than {MAX_CHILD} characters")
            self.open[-1].text += content


def elements(path: Path, tell: Callable[[int], None]) -> Iterator[Node]:
    """The `Header` and each `Child` of a census message, in the order of the file. Raises Unreadable.

    `tell` is told how many bytes have been read.
    """
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    keep = _Collector(parser)
    parser.setContentHandler(keep)
    line, silent = 1, 0
    try:
        for text in _texts(path, tell):
            heard = keep.heard
            parser.feed(text)
            line += text.count("\n")
            silent = 0 if keep.heard > heard else silent + len(text)
            if silent > MAX_TAG:
                raise _TooMuch(f"a tag or comment of more than {MAX_TAG} characters")
            yield from keep.done
            keep.done.clear()
        _close(parser, path, line)
    except DefusedXmlException as refused:
        why = "a document type or entity, which a census never has and which is not safe to read"
        raise _unreadable(path, keep, f"holds {why}; take it out") from refused
    except _TooMuch as refused:
        raise _unreadable(path, keep, f"{refused}: it is not a census, or it is damaged; export it again") from None
    except SAXParseException as bad:
        why = f"not well-formed XML ({bad.getMessage()}); export it again"
        raise Unreadable(f"{path.name} line {bad.getLineNumber()}: {why}") from None


def _close(parser, path: Path, line: int) -> None:  # type: ignore[no-untyped-def]
    try:
        parser.close()
    except SAXException as cut:
        why = "the file ends before the message does: it was cut short; export it again"
        raise Unreadable(f"{path.name} line {line}: {why}") from cut


def _unreadable(path: Path, keep: _Collector, why: str) -> Unreadable:
    return Unreadable(f"{path.name} line {keep.line()}: {why}")


def _texts(path: Path, tell: Callable[[int], None]) -> Iterator[str]:
    """The file in pieces of text. Only UTF-8, with or without a mark at its beginning."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line = 1
    try:
        with path.open("rb") as file:
            empty = True
            while chunk := file.read(CHUNK):
                empty = False
                tell(file.tell())
                text = decoder.decode(chunk)
                if "\0" in text:
                    raise UnicodeError("a NUL")
                line += text.count("\n")
                yield text
            decoder.decode(b"", final=True)
    except UnicodeError as other:
        raise Unreadable(f"{path.name} line {line}: not UTF-8 text; save it as UTF-8 and import again") from other
    except OSError as no:
        raise Unreadable(f"{path.name}: cannot be read ({no.strerror}); check the path and the rights") from no
    if empty:
        raise Unreadable(f"{path.name}: is empty; export it again")
