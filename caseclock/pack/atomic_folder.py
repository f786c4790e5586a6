"""Putting a pack in its place: all of it or nothing. Written into a folder beside, which then takes the name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

from caseclock.pack.request import PackRefused

PREFIX, KINDS = "caseclock-", (".html", ".pdf", ".xlsx")


def place(out: Path, files: Mapping[str, bytes], force: bool) -> bool:
    """Have the folder hold these files and no others; gives whether it did not before. What is there and is not the
    same pack is left alone unless `force`, and whatever is not a pack's always. Raises PackRefused, OSError."""
    out = out.absolute()
    there = _there(out)
    if there is not None:
        if there == files:
            return False
        _check(out, there, force)
    out.parent.mkdir(parents=True, exist_ok=True)
    new = Path(mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        _write(new, files)
        _swap(new, out)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return True


def _there(out: Path) -> dict[str, bytes] | None:
    """The files of a folder; None where there is no folder."""
    if not out.exists():
        return None
    if not out.is_dir():
        raise PackRefused(f"{out} is a file: give a folder for the pack with --out")
    return {path.name: path.read_bytes() if path.is_file() else b"" for path in sorted(out.iterdir())}


def _check(out: Path, there: Mapping[str, bytes], force: bool) -> None:
    strange = sorted(name for name in there if not (name.startswith(PREFIX) and name.endswith(KINDS)))
    if strange:
        raise PackRefused(f"{out} holds {strange[0]!r}, which is no pack's: give a folder of the pack's own with --out")
    if there and not force:
        raise PackRefused(f"{out} holds another pack: give another folder with --out, or --force to replace it")


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        with (folder / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    folder.chmod(0o755)


def _swap(new: Path, out: Path) -> None:
    """`new` becomes `out`. If it is cut off between the two renames, the old one lies beside, whole."""
    if out.exists():
        old = new.with_name(f"{new.name}.old")
        out.rename(old)
        new.rename(out)
        shutil.rmtree(old)
    else:
        new.rename(out)
