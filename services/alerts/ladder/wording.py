"""Says rungs in words. Pure."""

from __future__ import annotations

import re
from datetime import date

from schemas.rungs import (
    BOOKED_LATE,
    CLEARED,
    DUE_SOON,
    HANDED_OVER,
    MISSED,
    MONTHLY,
    PROMISE_BROKEN,
    STILL_MISSED,
    WITHDRAWN,
)
from schemas.words import count

_UNITS = {"wd": "working day", "d": "day", "h": "hour", "w": "week", "m": "month", "y": "year"}
KINDS = {  # in the order of the ladder
    DUE_SOON: "due soon",
    MISSED: "overdue",
    STILL_MISSED: "still overdue, told again",
    CLEARED: "no longer overdue",
    WITHDRAWN: "its start was withdrawn while it was open",
    BOOKED_LATE: "booked for after the due day",
    PROMISE_BROKEN: "still overdue after the day that was promised",
    HANDED_OVER: "already overdue when passed to this team",
    MONTHLY: "still overdue, counted monthly",
}


def say(rung: str) -> str:
    """A rung in words: `still_missed_5wd` is "still overdue after 5 working days"."""
    if match := re.fullmatch(r"(due_soon|still_missed)_(\d+)([a-z]+)", rung):
        if match[2] == "0":
            return "due today"
        length = count(int(match[2]), _UNITS.get(match[3], match[3]))
        return f"due within {length}" if match[1] == "due_soon" else f"still overdue after {length}"
    if match := re.fullmatch(r"monthly_(\d{4})-(\d\d)", rung):
        return f"still overdue in {date(int(match[1]), int(match[2]), 1):%B %Y}"
    plain = re.sub(r"_\d+$", "", rung)
    return KINDS.get(plain, plain.replace("_", " "))
