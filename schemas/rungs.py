"""Names the rungs of the alert ladder, as alerts are stored: a kind, and after it a length, a month or a number."""

from __future__ import annotations

DUE_SOON, MISSED, CLEARED, BOOKED_LATE = "due_soon", "missed", "cleared", "booked_late"
PROMISE_BROKEN, HANDED_OVER = "promise_broken", "handed_over"
STILL_MISSED, MONTHLY, WITHDRAWN = "still_missed", "monthly", "withdrawn"
RUNG_KINDS = (DUE_SOON, MISSED, STILL_MISSED, MONTHLY, BOOKED_LATE, PROMISE_BROKEN, HANDED_OVER, CLEARED, WITHDRAWN)


def kind_of(rung: str) -> str:
    """Which kind of rung one is, without its length, month or number: `due_soon_5wd` is a `due_soon`."""
    return next(kind for kind in RUNG_KINDS if rung == kind or rung.startswith(f"{kind}_"))
