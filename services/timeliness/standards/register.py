"""A register: a named folder of standards (one YAML file each) and the states they speak of, read strictly.

A bad file is refused whole, naming file, key and remedy. YAML here knows no `on`, `yes` or `no`: only true and false.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from schemas.strict_yaml import BadYaml, read_yaml
from services.timeliness.standards.compiled import Standard, compile_standard
from services.timeliness.standards.standard import StandardFile, StateFile
from services.timeliness.standards.states import State

STATES = "states.yaml"


class BadRegister(Exception):
    """A file of the register cannot be used. The message names the file, the key and what to do."""


@dataclass(frozen=True)
class Register:
    """`standards` by id, in the order of their files' names. `version`: the register's name and a hash of its files.
    `states` by name."""

    name: str
    standards: dict[str, Standard]
    version: str
    states: dict[str, State] = field(default_factory=dict)


def england() -> Path:
    """The folder of the register that comes with the product."""
    return Path(str(files(__package__).joinpath("registers", "england")))


@lru_cache(maxsize=4)
def load(folder: Path | None = None) -> Register:
    """The register in a folder (default: `england`). Raises BadRegister."""
    folder = folder or england()
    if not folder.is_dir():
        raise BadRegister(f"{folder}: no such folder; a register is a folder with {STATES} and one file a standard")
    paths = sorted(p for p in folder.glob("*.yaml") if p.name != STATES)
    if not paths:
        raise BadRegister(f"{folder}: no standards in it; add one YAML file a standard")
    states = load_states(folder)
    standards = [load_standard(path, states) for path in paths]
    digest = hashlib.sha256(b"".join(p.read_bytes() for p in [*paths, folder / STATES] if p.exists())).hexdigest()
    return Register(folder.name, {s.id: s for s in standards}, f"{folder.name}-{digest[:12]}", states)


def load_states(folder: Path) -> dict[str, State]:
    """The named states: the register's own, or those of `england` where it has none."""
    path = folder / STATES if (folder / STATES).exists() else england() / STATES
    found = _convert(path, _read(path), dict[str, StateFile])
    try:
        return {name: State.compile(name, file) for name, file in found.items()}
    except ValueError as wrong:
        raise BadRegister(f"{path}: {wrong}") from wrong


def load_standard(path: Path, states: dict[str, State]) -> Standard:
    """One standard. Raises BadRegister."""
    file: StandardFile = _convert(path, _read(path), StandardFile)
    if file.id != path.stem:
        raise BadRegister(f"{path}: id is {file.id!r}; name the file {file.id}.yaml or correct the id")
    try:
        return compile_standard(file, states)
    except ValueError as wrong:
        raise BadRegister(f"{path}: {wrong}") from wrong


def _convert(path: Path, raw: Any, to: Any) -> Any:
    try:
        return msgspec.convert(raw, to)
    except msgspec.ValidationError as wrong:
        raise BadRegister(f"{path}: {wrong}; see docs/standards.md for the keys") from wrong


def _read(path: Path) -> Any:
    try:
        return read_yaml(path)
    except BadYaml as wrong:
        raise BadRegister(str(wrong)) from wrong
