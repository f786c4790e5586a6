"""Rungs, days and counts in words. Pure."""

from __future__ import annotations

import re
from datetime import date

_UNITS = {"wd": "working day", "d": "day", "h": "hour", "w": "week", "m": "month", "y": "year"}
_WORDS = {
    "missed": "overdue",
    "cleared": "no longer overdue",
    "booked_late": "booked for after the due day",
    "promise_broken": "still overdue after the day that was promised",
    "withdrawn": "its start was withdrawn while it was open",
    "handed_over": "already overdue when passed to this team",
}


def say(rung: str) -> str:
    """A rung in words: `still_missed_5wd` is "still overdue after 5 working days"."""
    if match := re.fullmatch(r"(due_soon|still_missed)_(\d+)([a-z]+)", rung):
        if match[2] == "0":
            return "due today"
        length = counted(int(match[2]), _UNITS.get(match[3], match[3]))
        return f"due within {length}" if match[1] == "due_soon" else f"still overdue after {length}"
    if match := re.fullmatch(r"monthly_(\d{4})-(\d\d)", rung):
        return f"still overdue in {date(int(match[1]), int(match[2]), 1):%B %Y}"
    plain = re.sub(r"_\d+$", "", rung)
    return _WORDS.get(plain, plain.replace("_", " "))


def day(when: date) -> str:
    """Tue 5 March 2024."""
    return f"{when:%a} {when.day} {when:%B %Y}"


def counted(number: int, noun: str, several: str | None = None) -> str:
    """1 day, 2 days; 3 children."""
    return f"{number} {noun if number == 1 else several or f'{noun}s'}"
