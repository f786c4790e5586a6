"""How many examples a property is tried on: few on each change, more where somebody asks for a longer look."""

from __future__ import annotations

import os

EFFORT = int(os.environ.get("CASECLOCK_LAW_EFFORT") or 1)


def examples(number: int) -> int:
    """Returns the number, times CASECLOCK_LAW_EFFORT: 20 looks longer than anybody waits for on each change."""
    return number * EFFORT
