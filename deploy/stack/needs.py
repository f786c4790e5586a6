"""Finding what must be installed: Java, Maven, PostgreSQL. What is missing is said with what installs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path


class Missing(Exception):
    """Something is not there, or is not as it must be. The message says what to do."""


def java() -> Path:
    """Java 17 or newer: Kafka 4 needs it. JAVA_HOME goes before the path."""
    return _java(_program("java", "java", "JAVA_HOME", "apt install openjdk-17-jre-headless"))


def _java(found: Path) -> Path:
    said = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', said)
    if version is None or int(version[1]) < 17:
        first = said.partition("\n")[0] or "it does not run"
        raise Missing(
            f"{found}: Kafka 4 needs Java 17 or newer, and here is: {first}. apt install openjdk-17-jre-headless"
        )
    return found


def maven() -> Path:
    return _program("mvn", "Maven (it fetches the broker's jars)", "M2_HOME", "apt install maven")


def _program(name: str, what: str, home: str, remedy: str) -> Path:
    named = os.environ.get(home)
    if named and (Path(named) / "bin" / name).is_file():
        return Path(named) / "bin" / name
    found = shutil.which(name)
    if found is None:
        raise Missing(f"{what} is not installed. Debian, Ubuntu: {remedy}")
    return Path(found)


def _number(name: str) -> int:
    return int(name) if name.isdigit() else 0


_DEBIAN = tuple(sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: -_number(place.parent.name)))
_HOMEBREW = tuple(Path(f"{where}/opt/postgresql@15/bin") for where in ("/opt/homebrew", "/usr/local"))


def postgres(installed: Sequence[Path] = (*_DEBIAN, *_HOMEBREW)) -> Path:
    """The folder of PostgreSQL's programs, 15 or newer: what CASECLOCK_POSTGRES names, or on the path, or the newest
    here. Debian keeps them off the path."""
    named = os.environ.get("CASECLOCK_POSTGRES")
    places = [Path(named)] if named else []
    places += [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    places += installed
    for place in places:
        real = (place / "initdb").resolve().parent  # what is on the path may be a link to it
        there = all((real / name).is_file() for name in ("initdb", "postgres", "pg_isready"))
        if there and _postgres_version(real) >= 15:
            return real
    raise Missing("PostgreSQL 15 or newer is not installed. Debian, Ubuntu: apt install postgresql")


def _postgres_version(place: Path) -> int:
    said = subprocess.run([place / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)", said.partition(")")[2])
    return int(found[1]) if found else 0
