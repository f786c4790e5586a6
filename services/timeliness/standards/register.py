"""A register: a named folder of standards (one YAML file each) and the states they speak of, read strictly.

A bad file is refused whole, naming file, key and remedy. YAML here knows no `on`, `yes` or `no`: only true and false.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from schemas.errors import CaseclockError
from schemas.events.vocabulary import KINDS
from schemas.nearest import meant
from schemas.strict_yaml import BadYaml, read_yaml
from services.timeliness.standards.checks import check
from services.timeliness.standards.compiled import Standard, compile_standard
from services.timeliness.standards.conditions import CODES, NO_CODES, LocalCodes, faults_of_condition
from services.timeliness.standards.never_runs import wrong_conditions
from services.timeliness.standards.shape_faults import mended, shape_faults
from services.timeliness.standards.standard import StandardFile, StateFile
from services.timeliness.standards.states import State

STATES = "states.yaml"


class BadRegister(CaseclockError):
    """A file of the register cannot be used. The message names the file, the key and what to do."""


@dataclass(frozen=True)
class Register:
    """`standards` by id, in the order of their files' names. `version`: the register's name and a hash of its files.
    `states` by name. `sources`: those whose rank is set, highest first. `files`: the text of each file by its name,
    those of England among them where the folder has none."""

    name: str
    standards: dict[str, Standard]
    version: str
    states: dict[str, State] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict)

    def ranking(self, sources: Sequence[str]) -> Register:
        """Returns the register with sources ranked, highest first; its version says so, since verdicts rest on it."""
        if not sources:
            return self
        ranked = hashlib.sha256("\n".join(sources).encode()).hexdigest()[:8]
        return replace(self, sources=tuple(sources), version=f"{self.version}+{ranked}")


def folder_of(register: str) -> Path:
    """Returns the folder of a register: a built-in one by name, else that path. Raises BadRegister."""
    built_in = Path(str(files(__package__).joinpath("registers")))
    names = sorted(path.name for path in built_in.iterdir() if path.is_dir() and not path.name.startswith("_"))
    if register in names:
        return built_in / register
    if not Path(register).is_dir():
        raise BadRegister(f"{register}: no such register; name a folder, or one of {', '.join(names)}")
    return Path(register)


def england() -> Path:
    """The folder of the register that comes with the product."""
    return Path(str(files(__package__).joinpath("registers", "england")))


@lru_cache(maxsize=4)
def load(folder: Path | None = None) -> Register:
    """The register in a folder (default: `england`). Raises BadRegister."""
    return read(folder or england())


def read(folder: Path) -> Register:
    """Returns the register in a folder, as it is now. Raises BadRegister."""
    if not folder.is_dir():
        raise BadRegister(f"{folder}: no such folder; a register is a folder with {STATES} and one file a standard")
    paths = standards_in(folder)
    if not paths:
        raise BadRegister(f"{folder}: no standards in it; add one YAML file a standard")
    codes = load_codes(folder)
    states, standards, wrong = load_states(folder, codes), [], []
    for path in paths:
        try:
            standards.append(load_standard(path, states, codes))
        except BadRegister as refused:
            wrong.append(str(refused))
    if wrong:
        raise BadRegister("\n".join(wrong))
    digest = hashlib.sha256(b"".join(p.read_bytes() for p in [*paths, folder / STATES] if p.exists())).hexdigest()
    version = f"{folder.name}-{digest[:12]}"
    return Register(folder.name, {s.id: s for s in standards}, version, states, files=_texts(folder, paths))


def _texts(folder: Path, paths: Sequence[Path]) -> dict[str, str]:
    """The text of every file that a register rests on, by its name."""
    more = [path for path in (_states_of(folder), folder / CODES) if path.exists()]
    return {path.name: path.read_text(encoding="utf-8") for path in [*paths, *more]}


def _states_of(folder: Path) -> Path:
    """The file of a register's states: its own, or England's where it has none."""
    return folder / STATES if (folder / STATES).exists() else england() / STATES


def load_codes(folder: Path) -> LocalCodes:
    """Returns the codes that a register declares beside those of the vocabulary, by field: `plan.made.goal: [...]`.
    None where it has no such file. Raises BadRegister."""
    path = folder / CODES
    if not path.exists():
        return {}
    found: dict[str, list[str]] = _convert(path, _read(path), dict[str, list[str]])
    if wrong := [f"{path}: {fault}" for name in found for fault in _wrong_codes(name)]:
        raise BadRegister("\n".join(wrong))
    return found


def _wrong_codes(name: str) -> Iterator[str]:
    kind, _, field = name.rpartition(".")
    open_fields = [f"{k.name}.{f.name}" for k in KINDS.values() for f in k.fields.values() if f.codes]
    if kind not in KINDS or field not in KINDS[kind].fields:
        yield f"{name}: there is no such field; {meant(name, open_fields, 'write kind.field, as plan.made.goal')}"
    elif name not in open_fields:
        yield f"{name}: it takes no codes but its own; leave it out (codes.csv says which take others)"


def load_states(folder: Path, local: LocalCodes = NO_CODES) -> dict[str, State]:
    """Returns the named states: the register's own, or those of `england` where it has none. Raises BadRegister."""
    path = _states_of(folder)
    found = _convert(path, _read(path), dict[str, StateFile])
    wrong = [f"{path}: {name}: {fault}" for name, file in found.items() for fault in _wrong_in_state(file, local)]
    states: dict[str, State] = {}
    for name, file in found.items() if not wrong else ():
        try:
            states[name] = State.compile(name, file)
        except ValueError as fault:
            wrong.append(f"{path}: {fault}")
    if wrong:
        raise BadRegister("\n".join(wrong))
    return states


def _wrong_in_state(file: StateFile, local: LocalCodes) -> Iterator[str]:
    for trigger in [*file.opens, *file.closes]:
        yield from wrong_conditions(trigger, local)
    for taken in file.facts:
        yield from faults_of_condition(taken.event, taken.where, {}, local)


def load_standard(path: Path, states: dict[str, State], local: LocalCodes = NO_CODES) -> Standard:
    """Returns one standard. Raises BadRegister with everything that is wrong, a line for each fault."""
    raw = _read(path)
    if wrong := list(shape_faults(raw, StandardFile)):
        wrong = [f"{fault} (docs/standards.md has the keys)" for fault in wrong]
        raise BadRegister("\n".join(f"{path}: {fault}" for fault in [*wrong, *_beside(raw, states, local)]))
    file: StandardFile = _convert(path, raw, StandardFile)
    if file.id != path.stem:
        raise BadRegister(f"{path}: id is {file.id!r}; name the file {file.id}.yaml or correct the id")
    try:
        return compile_standard(file, states, local)
    except ValueError as refused:
        raise BadRegister("\n".join(f"{path}: {fault}" for fault in str(refused).splitlines())) from refused


def _beside(raw: Any, states: dict[str, State], local: LocalCodes) -> list[str]:
    """Returns what else is wrong with a file of a wrong shape, as far as it can be read: all is said at once."""
    try:
        file: StandardFile = msgspec.convert(mended(raw, StandardFile), StandardFile)
        check(file, states, local)
    except msgspec.ValidationError:
        return []
    except ValueError as refused:
        return str(refused).splitlines()
    return []


def standards_in(folder: Path) -> list[Path]:
    """Returns the files of a register's standards, by name."""
    return sorted(path for path in folder.glob("*.yaml") if path.name not in (STATES, CODES))


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
