"""Wrong code, planted in a copy of the tree: each must be caught, or chaos proves nothing.

A file of `planted/` begins with what it plants, which deeds are to be done, and which figures must not stay 0; then
comes the patch. It is applied to a copy; the tree itself is never touched.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from deploy.stack.places import ROOT, folder

PLANTED = Path(__file__).parent / "planted"
COPIED = ("caseclock", "services", "schemas", "deploy", "tests", "pyproject.toml")
RUN = ("--seed", "1", "--events", "1500", "--rate", "45", "--outages", "0", "--patience", "40")


class Plant(NamedTuple):
    """`caught_by`: any of these figures shows it. `more`: arguments of its own."""

    name: str
    what: str
    deeds: str
    caught_by: tuple[str, ...]
    patch: Path
    more: tuple[str, ...]


class Misfit(Exception):
    """A patch does not fit the code any more. The message says which."""


def plants() -> list[Plant]:
    """All there are, by name."""
    return [_read(file) for file in sorted(PLANTED.glob("*.patch"))]


def _read(file: Path) -> Plant:
    head: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith(("--- ", "diff ")):
            break
        name, colon, said = line.partition(": ")
        if colon:
            head[name] = said.strip()
    caught = tuple(figure.strip() for figure in head["Caught"].split(","))
    return Plant(file.stem, head["Plants"], head["Deeds"], caught, file, tuple(head.get("More", "").split()))


def apply(patch: Path, tree: Path, *, check: bool = False) -> None:
    """Raises Misfit."""
    command = ["git", "apply", "-p1", "-C1", *(["--check"] if check else []), str(patch)]
    ran = subprocess.run(
        command,
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent)},
    )
    if ran.returncode:
        raise Misfit(f"{patch.name}: {ran.stderr.strip()}. Make the same mistake in the code as it is now")


def all_planted(out: Path, names: Collection[str] = ()) -> int:
    """Runs chaos once with each, or with those named; 0 if each was caught. Writes planted.txt."""
    lines, missed = [], 0
    for plant in (one for one in plants() if not names or one.name in names):
        found = _run(plant)
        caught = [f"{name} {found[name]:,}" for name in plant.caught_by if found.get(name)]
        others = [f"{name} {n:,}" for name, n in found.items() if n and name not in plant.caught_by]
        missed += not caught
        lines.append(f"{plant.name}: {plant.what}")
        lines.append(f"  deeds: {plant.deeds}")
        lines.append(f"  {'caught: ' + ', '.join(caught) if caught else 'NOT CAUGHT'}{_besides(others)}")
        print("\n".join(lines[-3:]), flush=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / "planted.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return int(missed > 0)


def _besides(others: list[str]) -> str:
    return f"; besides: {', '.join(others)}" if others else ""


def _run(plant: Plant) -> dict[str, int]:
    """The figures of a run with it."""
    place = Path(tempfile.mkdtemp(prefix="caseclock-planted-"))
    try:
        tree = place / "tree"
        for name in COPIED:
            source = ROOT / name
            shutil.copytree(source, tree / name) if source.is_dir() else shutil.copy(source, tree / name)
        (tree / ".venv").symlink_to(ROOT / ".venv")
        apply(plant.patch, tree)
        command = [sys.executable, "-m", "tests.chaos", *RUN, *plant.more, "--only", plant.deeds, "--out", str(place)]
        environ = {**os.environ, "PYTHONPATH": str(tree), "CASECLOCK_STACK": str(folder())}
        ran = subprocess.run(command, cwd=tree, env=environ, capture_output=True, text=True, check=False)
        report = place / "chaos-1.json"
        if not report.is_file():
            raise RuntimeError(f"{plant.name}: no report. {ran.stderr[-2000:]}")
        plain = json.loads(report.read_text())
        return {**plain["must_be_0"], "never quiet": int(not plain["became_quiet"])}
    finally:
        shutil.rmtree(place, ignore_errors=True)
