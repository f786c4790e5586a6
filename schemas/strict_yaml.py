"""YAML without surprises, for the files that people write: only `true` and `false` are booleans (not `on`, `no`), 18:00
is no number, and a key given twice is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

Place = tuple[str | int, ...]  # keys and places in lists, from the top: ("people", 0, "email")


class BadYaml(Exception):
    """A file that is not YAML of this kind. The message names file and line."""


class _Strict(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} is given twice", key.start_mark)
            seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


_LOOSE = {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:int"}
_Strict.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in them if tag not in _LOOSE]
    for first, them in _Strict.yaml_implicit_resolvers.items()
}
for _first, _word in (("t", "true"), ("f", "false")):
    _Strict.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(f"^{_word}$"), [_first])
_Strict.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9]\d*)$"), list("-+0123456789"))


def read_yaml(path: Path) -> Any:
    """The content of a file. Raises BadYaml naming file and line."""
    return read_with_lines(path)[0]


def read_with_lines(path: Path) -> tuple[Any, dict[Place, int]]:
    """The content of a file, and on which line each key or entry begins, counted from 1. Raises BadYaml."""
    try:
        loader = _Strict(path.read_text(encoding="utf-8"))
        try:
            node = loader.get_single_node()
            lines: dict[Place, int] = {(): 1}
            if node is None:
                return None, lines
            _note_lines(node, (), lines)
            return loader.construct_document(node), lines
        finally:
            loader.dispose()
    except (OSError, ValueError, yaml.YAMLError) as wrong:  # ValueError: not UTF-8, or no such day
        raise BadYaml(f"{path}: {wrong}") from wrong


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
