"""Python looks for objects that only hold each other after every 700 new ones. Records by the thousand are all looked
at and never are such objects, which takes a tenth of the time of passing them through."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 100_000  # new objects between two looks


@contextmanager
def collected_seldom() -> Iterator[None]:
    """While many records pass through, garbage is looked for seldom."""
    before = gc.get_threshold()
    gc.set_threshold(SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
