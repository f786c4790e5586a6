"""The digest of the software: by what code a figure was worked out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

PACKAGES = ("caseclock", "schemas", "services")
_COMPILED = (".pyc", ".pyo", ".so", ".pyd")


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Returns the SHA-256 over the package's modules and data files, their names and what is in them: not over its
    version number, nor what is compiled of them."""
    return digest_of(Path(__file__).parents[2])


def digest_of(folder: Path) -> str:
    """The digest of the packages in a folder."""
    total = hashlib.sha256()
    for name, path in _files(folder):
        content = path.read_bytes()
        total.update(f"{name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """By name, wherever the folder is."""
    found = (path for package in PACKAGES for path in (folder / package).rglob("*") if path.is_file())
    named = ((path.relative_to(folder).as_posix(), path) for path in found)
    for name, path in sorted(named):
        if path.suffix not in _COMPILED and "__pycache__" not in path.parts:
            yield name, path
