"""Processor time of a process and of all that it started, on Linux."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of(pid: int) -> float:
    """User and system time, of those that have ended as well; 0 for no such process."""
    fields = _fields(pid)
    if fields is None:
        return 0.0
    own = sum(int(field) for field in fields[11:15]) / _TICKS  # utime, stime, and of children that have ended
    return own + sum(seconds_of(child) for child in _children(pid))


def _fields(pid: int) -> list[str] | None:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, tasks.read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
