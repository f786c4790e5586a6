"""The lock files: everything asked for is pinned with its hashes, none names a place to fetch it from, and the part that an
environment is given holds what it needs."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.locked import locked

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PYPROJECT["dependency-groups"]
RUNS = PYPROJECT["project"]["dependencies"]
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
TOGETHER = ("dev", "bench", "docs", "build")
LOCK, APART = "requirements.lock", "requirements-bench.lock"  # APART is for an environment of its own
ASKED = {
    LOCK: [*RUNS, *chain.from_iterable(EXTRAS.values()), *chain.from_iterable(GROUPS[name] for name in TOGETHER)],
    APART: [*RUNS, *EXTRAS["stream"], *GROUPS["bench-machines"], *GROUPS["build"]],
}
ENTRY = re.compile(
    r"([a-z0-9.-]+)==([A-Za-z0-9.!+]+)(?: ; [^\\\n]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)"
)


def pins(lock: str) -> dict[str, str]:
    """Returns each package's version; fails on a line that is neither an exact pin with hashes nor a comment."""
    lines = [line for line in lock.splitlines(keepends=True) if not line.lstrip().startswith("#")]
    rest = ENTRY.sub("", "".join(lines))
    assert not rest, f"no exact pin with hashes: {rest[:200]!r}"
    return {canonicalize_name(name): version for name, version, _ in ENTRY.findall("".join(lines))}


@pytest.mark.parametrize("lock", ASKED)
def test_pins_everything_asked_for_and_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    found = pins(text)
    for asked in map(Requirement, ASKED[lock]):
        version = found.get(canonicalize_name(asked.name))
        assert version, f"{asked.name} is in pyproject.toml and not in {lock}: make lock"
        assert asked.specifier.contains(version), f"{lock} pins {asked.name} {version}, not {asked}: make lock"


def test_a_part_holds_what_is_asked_for_and_what_that_needs() -> None:
    runs = pins(locked([]))
    assert {canonicalize_name(Requirement(one).name) for one in RUNS} <= runs.keys()
    assert "sqlalchemy" in runs  # sqlmodel needs it
    assert not runs.keys() & {"pytest", "kafka-python", "weasyprint", "hatchling"}
    assert runs.items() <= pins(locked(["stream"])).items()
    assert {"kafka-python", "aiokafka"} <= pins(locked(["stream"])).keys() - runs.keys()


def test_a_group_alone_leaves_the_package_out() -> None:
    build = pins(locked(["build"], own=False))
    assert "hatchling" in build
    assert "msgspec" not in build


def test_every_part_together_is_the_whole() -> None:
    everything = locked([*EXTRAS, *TOGETHER])
    assert pins(everything) == pins((ROOT / LOCK).read_text(encoding="utf-8"))
