"""Prints the part of requirements.lock that is wanted: what the package needs, with the extras and groups named.

`python deploy/locked.py stream dev` prints lines for `pip install --requirement`: exact versions with their hashes,
so that one lock serves every environment; `--alone` leaves out what the package itself needs. Who needs what stands in
the lock, in its `# via` lines.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

HOME = Path(__file__).parents[1]


def locked(parts: Iterable[str], own: bool = True, home: Path = HOME) -> str:
    """Returns the lock's entries for the extras and groups named, and all that they need in turn; with `own`, for the
    package too. Raises KeyError for a part that pyproject.toml does not have."""
    asked = tomllib.loads((home / "pyproject.toml").read_text(encoding="utf-8"))
    named = asked["project"]["optional-dependencies"] | asked["dependency-groups"]
    needed = {_name(one) for part in parts for one in named[part]}
    if own:
        needed |= {_name(one) for one in asked["project"]["dependencies"]}
    entries = dict(_entries((home / "requirements.lock").read_text(encoding="utf-8")))
    users = {name: set(re.findall(r"^    #(?: via)? +([\w.-]+)$", entry, re.M)) for name, entry in entries.items()}
    while more := {name for name, by in users.items() if by & needed} - needed:
        needed |= more
    return "".join(entry for name, entry in entries.items() if name in needed)


def _entries(lock: str) -> Iterator[tuple[str, str]]:
    """Each package's name with its lines, in the lock's order."""
    for entry in re.split(r"^(?=[\w.-]+==)", lock, flags=re.M)[1:]:
        yield entry.partition("==")[0], entry


def _name(requirement: str) -> str:
    """Returns the package that a requirement asks for, spelt as the lock spells it."""
    found = re.match(r"[\w.-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.stdout.write(locked([part for part in arguments if part != "--alone"], own="--alone" not in arguments))
