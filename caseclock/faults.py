"""Says where a fault of ours came from, and not what it stumbled over: a child's id may be in that.

What is on a terminal ends in mails of cron, in journals and in tickets. Python's own messages repeat values
(`KeyError: 'C0012345'`), so of an exception its kind is told, and every line it came by.
"""

from __future__ import annotations

import logging
from traceback import extract_tb
from types import TracebackType

from schemas.errors import CaseclockError


def trace(wrong: BaseException) -> str:
    """Returns what there is to say of an exception, and of what caused it: a line each, the last call last. The words
    of a refusal of ours repeat no child's id, and are told."""
    lines: list[str] = []
    seen: BaseException | None = wrong
    while seen is not None:
        words = f": {seen}" if isinstance(seen, CaseclockError) else ""
        lines[:0] = [f"{type(seen).__name__}{words}", *(f"  {place}" for place in places(seen.__traceback__))]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n".join(lines)


def places(trace: TracebackType | None) -> list[str]:
    """Returns the calls that an exception came by, the last one last."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(trace)]


class Formatter(logging.Formatter):
    """Lays out what is logged, of an exception no more than `trace` tells."""

    def formatException(self, ei: object) -> str:
        wrong = ei[1] if isinstance(ei, tuple) else None
        return trace(wrong) if isinstance(wrong, BaseException) else ""
