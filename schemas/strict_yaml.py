"""YAML without surprises, for the files that people write: only `true` and `false` are booleans (not `on`, `no`), 18:00
is no number, and a key given twice is refused. So are anchors, tags, lists as keys and endless nesting, before anything
is built: a file cannot hang or end the process that reads it."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from schemas.errors import CaseclockError

Place = tuple[str | int, ...]  # keys and places in lists, from the top: ("people", 0, "email")

LARGEST = 1024 * 1024  # characters; what a person writes is a few thousand
DEEPEST = 20  # lists and mappings within one another
LONGEST_NUMBER = 18  # digits

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class BadYaml(CaseclockError):
    """A file that is not YAML of this kind. The message names file, line and remedy."""


class _Wrong(yaml.MarkedYAMLError):
    """Holds what is wrong, with what to do, and where (`problem`, `problem_mark`)."""

    def __init__(self, what: str, at: Any) -> None:
        super().__init__(problem=what, problem_mark=at)


class _Strict(_Loader):  # type: ignore[misc,valid-type]
    """Reads on after a word that is wrong, so that all of a file's are said at once: they are in `wrong`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.wrong: list[_Wrong] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                self.wrong.append(_Wrong(f"key {key.value!r} is given twice; take one away", key.start_mark))
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def _number(loader: Any, node: yaml.ScalarNode) -> int:
    if len(node.value) > LONGEST_NUMBER:
        loader.wrong.append(_Wrong(f"a number of {len(node.value):,} digits; write a shorter one", node.start_mark))
        return 0
    return int(node.value)


def _day(loader: Any, node: yaml.ScalarNode) -> date | datetime:
    try:
        found: date | datetime = _Loader.construct_yaml_timestamp(loader, node)
    except (ValueError, OverflowError):
        loader.wrong.append(_Wrong(f"{node.value!r} is no day that there is; write one as 2024-03-31", node.start_mark))
        return date.min
    return found


_LOOSE = {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:int"}
_Strict.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in them if tag not in _LOOSE]
    for first, them in _Strict.yaml_implicit_resolvers.items()
}
for _first, _word in (("t", "true"), ("f", "false")):
    _Strict.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(f"^{_word}$"), [_first])
_Strict.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9]*)$"), list("-+0123456789"))
_Strict.add_constructor("tag:yaml.org,2002:int", _number)
_Strict.add_constructor("tag:yaml.org,2002:timestamp", _day)


def read_yaml(path: Path) -> Any:
    """Returns the content of a file. Raises BadYaml naming file, line and remedy."""
    return read_with_lines(path)[0]


def read_with_lines(path: Path) -> tuple[Any, dict[Place, int]]:
    """Returns the content of a file, and on which line each key or entry begins, counted from 1. Raises BadYaml."""
    loader = _Strict(read_text(path))
    try:
        node = loader.get_single_node()
        lines: dict[Place, int] = {(): 1}
        if node is None:
            return None, lines
        _note_lines(node, (), lines)
        content = loader.construct_document(node)
        if loader.wrong:
            raise BadYaml("\n".join(f"{path}{_said(wrong)}" for wrong in loader.wrong))
        return content, lines
    except yaml.YAMLError as wrong:
        raise BadYaml(f"{path}{_said(wrong)}") from wrong
    finally:
        loader.dispose()


def read_text(path: Path) -> str:
    """Returns the text of a file, found safe to build by any YAML loader: UTF-8, of `LARGEST` characters at most, no
    anchor, alias, tag or list as a key in it, and nested `DEEPEST` deep at most. Raises BadYaml."""
    try:
        text = _decoded(path)
        _refuse_hostile(text)
    except yaml.YAMLError as wrong:
        raise BadYaml(f"{path}{_said(wrong)}") from wrong
    return text


def _decoded(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as wrong:
        raise BadYaml(f"{path}: {wrong.strerror}; check the path and who may read it") from wrong
    if len(raw) > 4 * LARGEST:
        raise BadYaml(f"{path}: {len(raw):,} bytes; no file of this kind is so large: check that it is the right one")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = raw.count(b"\n", 0, wrong.start) + 1
        raise BadYaml(f"{path}, line {line}: this is not UTF-8 (Windows or Latin-1?); save it as UTF-8") from wrong
    bad = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if bad is not None:
        line = text.count("\n", 0, bad.start()) + 1
        raise BadYaml(f"{path}, line {line}: the unprintable character U+{ord(bad[0]):04X}; take it away")
    return text


def _refuse_hostile(text: str) -> None:
    """Looks through a text piece by piece, building nothing. Raises YAMLError for its first fault."""
    keys: list[bool | None] = []  # of each mapping that is open: is a key next? Of a list: None
    documents = 0
    for piece in yaml.parse(text, Loader=_Loader):
        _refuse_piece(piece)
        documents += isinstance(piece, yaml.DocumentStartEvent)
        if documents > 1:
            raise _Wrong("a second document (`---`); write it into a file of its own", piece.start_mark)
        if isinstance(piece, yaml.CollectionEndEvent):
            keys.pop()
        elif isinstance(piece, yaml.NodeEvent):
            opens = isinstance(piece, yaml.CollectionStartEvent)
            if opens and keys and keys[-1]:
                raise _Wrong("a key is one word, never a list or a mapping; write `key: value`", piece.start_mark)
            if keys and keys[-1] is not None:
                keys[-1] = not keys[-1]
            if opens:
                keys.append(True if isinstance(piece, yaml.MappingStartEvent) else None)
            if len(keys) > DEEPEST:
                raise _Wrong(f"more than {DEEPEST} lists and mappings within one another; write less", piece.start_mark)


def _refuse_piece(piece: yaml.Event) -> None:
    if getattr(piece, "anchor", None):  # an alias has one too
        raise _Wrong("anchors and aliases (`&a`, `*a`) are not taken; write it out, or in quotes", piece.start_mark)
    if (tag := getattr(piece, "tag", None)) is not None:
        raise _Wrong(f"tags (`{tag}`) are not taken; leave it out", piece.start_mark)


def _said(wrong: yaml.YAMLError) -> str:
    """Returns ", line 3: what is wrong"."""
    mark = getattr(wrong, "problem_mark", None) or getattr(wrong, "context_mark", None)
    if mark is None:
        return f": {wrong}"
    if isinstance(wrong, _Wrong):
        return f", line {mark.line + 1}: {wrong.problem}"
    parts = [part for part in (getattr(wrong, "context", None), getattr(wrong, "problem", None)) if part]
    return f", line {mark.line + 1}: {' '.join(parts)}; correct it there, or just above"


def _note_lines(node: yaml.Node, place: Place, lines: dict[Place, int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*place, key.value)
            lines[here] = key.start_mark.line + 1
            _note_lines(value, here, lines)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            here = (*place, number)
            lines[here] = value.start_mark.line + 1
            _note_lines(value, here, lines)
