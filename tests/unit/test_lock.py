"""The lock files: everything asked for is pinned, alike in each, and none names a place to fetch it from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = (
    "requirements.lock",
    "requirements-stream.lock",
    "requirements-notify.lock",
    "requirements-pack.lock",
    "requirements-dev.lock",
    "requirements-build.lock",
)
APART = "requirements-bench.lock"  # for an environment of its own: it may pin other versions
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PYPROJECT["dependency-groups"]
RUNS = PYPROJECT["project"]["dependencies"]
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
STREAMS, NOTIFIES = RUNS + EXTRAS["stream"], RUNS + EXTRAS["notify"]
ASKED = {
    "requirements.lock": RUNS,
    "requirements-stream.lock": STREAMS,
    "requirements-notify.lock": NOTIFIES,
    "requirements-pack.lock": RUNS + EXTRAS["pack"],
    "requirements-dev.lock": STREAMS + EXTRAS["notify"] + EXTRAS["pack"] + GROUPS["dev"] + GROUPS["bench"],
    "requirements-build.lock": GROUPS["build"],
    APART: STREAMS + GROUPS["bench-machines"],
}


def pins(lock: str) -> dict[str, str]:
    lines = [line for line in (ROOT / lock).read_text(encoding="utf-8").splitlines() if line[:1].strip()]
    found = {}
    for line in lines:
        if line.startswith("#"):
            continue
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.!+]+)", line)
        assert match, f"{lock}: {line!r} is not an exact pin"
        found[canonicalize_name(match[1])] = match[2]
    return found


@pytest.mark.parametrize("lock", [*LOCKS, APART])
def test_names_no_address(lock: str) -> None:
    assert pins(lock)  # every line is `name==version`: no option, no file, no link
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", [*LOCKS, APART])
def test_pins_everything_asked_for(lock: str) -> None:
    locked = pins(lock)
    for asked in map(Requirement, ASKED[lock]):
        version = locked.get(canonicalize_name(asked.name))
        assert version, f"{asked.name} is in pyproject.toml and not in {lock}"
        assert asked.specifier.contains(version), f"{lock} pins {asked.name} {version}, not {asked}"


def test_the_locks_agree() -> None:
    dev = pins("requirements-dev.lock")
    for lock in LOCKS:
        for name, version in pins(lock).items():
            assert dev.get(name, version) == version, f"{name} differs between {lock} and the dev lock"


def test_what_runs_is_a_part_of_what_is_tested() -> None:
    for lock in ("requirements.lock", "requirements-stream.lock"):
        assert pins(lock).items() <= pins("requirements-dev.lock").items()
    assert pins("requirements.lock").items() <= pins("requirements-stream.lock").items()
