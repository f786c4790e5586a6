"""Lists the standards with the limit in force on a day, and what is wrong with files of them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import msgspec

from schemas.time.days import london_day
from services.timeliness.standards.compiled import Standard
from services.timeliness.standards.register import (
    BadRegister,
    Register,
    load_codes,
    load_standard,
    load_states,
    standards_in,
)


class InForce(msgspec.Struct):
    """A standard and its plain limit on a day; `limit`, `from_on` and `source` are None where none is in force."""

    id: str
    title: str
    plan: str
    force: str
    limit: str | None
    from_on: date | None
    source: str | None


def standards_in_force(register: Register, at: datetime) -> list[InForce]:
    """Every standard of the register with the limit in force on the London day of `at`."""
    return [_in_force(standard, london_day(at)) for standard in register.standards.values()]


def _in_force(standard: Standard, on: date) -> InForce:
    file = standard.file
    limit = standard.limits.in_force(on, None, None)  # type: ignore[arg-type]  # no spell, so no calendar is asked
    if limit is None:
        return InForce(file.id, file.title, file.plan, file.force, None, None, None)
    entry = limit.entry
    length = f"before {entry.before}" if entry.before else f"within {entry.within}"
    if file.measure == "must_hold":
        length = "at all times"
    elif file.measure == "must_not_happen":
        length = f"not {length}"
    return InForce(file.id, file.title, file.plan, file.force, length, entry.from_on, entry.source)


def faults_in(path: Path) -> list[str]:
    """Returns what is wrong with a standard's file, or with the files of a folder: one line each, naming file, key
    and remedy. None: it is valid."""
    if not path.exists():
        return [f"{path}: there is no such file or folder; check the path"]
    if not path.is_dir():
        return _faults([path], path.parent)
    paths = standards_in(path)
    if not paths:
        return [f"{path}: no standards in it; add one YAML file a standard"]
    return _faults(paths, path)


def _faults(paths: list[Path], folder: Path) -> list[str]:
    try:
        codes = load_codes(folder)
        states = load_states(folder, codes)
    except BadRegister as wrong:
        return str(wrong).splitlines()
    out: list[str] = []
    for path in paths:
        try:
            load_standard(path, states, codes)
        except BadRegister as wrong:
            out += str(wrong).splitlines()
    return out
