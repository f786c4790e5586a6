"""Writes spoilt files, takes each in, and has its plain reading look for what was lost."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from types import ModuleType
from typing import NamedTuple

from tests.fuzz import census, ndjson, ssda903
from tests.fuzz.taking import take

KINDS: dict[str, ModuleType] = {"ndjson": ndjson, "census": census, "903": ssda903}


class Found(NamedTuple):
    """A file of which something was lost, or on which the reading failed: made anew by kind and seed."""

    kind: str
    seed: int
    what: str


def one(kind: str, seed: int, path: Path) -> bool:
    """Tries one file; gives whether it was refused whole. Raises Lost, or whatever the reading fails with."""
    of = KINDS[kind]
    of.write(Random(f"{kind} {seed}"), path)
    outcome = take(path, of.FORMAT)
    of.check(path, outcome)
    return outcome.refused is not None


def many(kind: str, seeds: range, tell: Callable[[int], None] = lambda done: None) -> Iterator[Found]:
    """Tries files; yields those of which something was lost."""
    folder = Path(tempfile.mkdtemp(prefix="caseclock-fuzz-"))
    try:
        for n, seed in enumerate(seeds):
            try:
                one(kind, seed, folder / "given")
            except Exception as wrong:  # whatever it is, it is what is looked for
                yield Found(kind, seed, f"{type(wrong).__name__}: {wrong}")
            given = folder / "given"
            shutil.rmtree(given) if given.is_dir() else given.unlink()
            tell(n + 1)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
