"""Kinds of source: a statutory return says a whole year over again, a live feed says things as they happen."""

from __future__ import annotations

CIN_CENSUS, SSDA903 = "cin-census", "ssda903"
RETURNS = (CIN_CENSUS, SSDA903)


def is_return(source: str) -> bool:
    """Tells whether a source is a statutory return. Its `recordedtime` is when the return was made, so it cannot tell
    when a worker recorded anything."""
    return source.partition("/")[0] in RETURNS
