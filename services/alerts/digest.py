"""The words of a notice: one calm message for a team and level. Counts, standards, a link; no child, no name.

Pure. What is due soonest stands first, what is over stands last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from urllib.parse import quote


class Item(NamedTuple):
    """One clock to tell of. `already`: it was overdue before alerts began. `waiting`: an event of this child
    lies in quarantine."""

    standard: str
    rung: str
    due_on: date
    already: bool = False
    waiting: bool = False


_UNITS = {"wd": "working day", "d": "day", "h": "hour", "w": "week", "m": "month", "y": "year"}
_WORDS = {
    "missed": "overdue",
    "cleared": "no longer overdue",
    "booked_late": "booked for after the due day",
    "promise_broken": "still overdue after the day that was promised",
    "handed_over": "overdue when it came to this team",
}
_LEVELS = {
    "team_manager": "the team manager",
    "service_manager": "the service manager",
    "head_of_service": "the head of service",
    "director": "the director",
}


def message(team: str, level: str, items: Sequence[Item], titles: Mapping[str, str]) -> str:
    """The text for one team and level. `titles`: standard id → title; one without a title shows as its id."""
    counted = _count(len(items), "deadline")
    parts = [f"Team {team}: {counted} to know about. For {_LEVELS.get(level, level)}."]
    if new := [item for item in items if not item.already]:
        parts.append(_list(new, titles))
    if already := [item for item in items if item.already]:
        parts.append("Already overdue when alerts began:\n" + _list(already, titles))
    if waiting := sum(item.waiting for item in items):
        parts.append(f"Evidence waiting for {waiting} of them: something recorded could not be taken in yet.")
    parts.append(f"See /team/{quote(team, safe='')}")
    return "\n\n".join(parts)


def _list(items: Sequence[Item], titles: Mapping[str, str]) -> str:
    return "\n".join(_line(group, titles) for group in _groups(items))


def _groups(items: Sequence[Item]) -> list[list[Item]]:
    """Items of one standard and rung together; the soonest due first, what is cleared last."""
    found: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        found.setdefault((item.standard, say(item.rung)), []).append(item)
    return sorted(
        found.values(), key=lambda g: (g[0].rung == "cleared", min(i.due_on for i in g), g[0].standard)
    )


def _line(group: list[Item], titles: Mapping[str, str]) -> str:
    standard, rung = group[0].standard, group[0].rung
    first, last = min(item.due_on for item in group), max(item.due_on for item in group)
    due = day(first) if first == last else f"{day(first)} to {day(last)}"
    return f"- {len(group)} × {titles.get(standard, standard)}: {say(rung)} (due {due})"


def say(rung: str) -> str:
    """A rung in words: `still_missed_5wd` is "still overdue after 5 working days"."""
    if match := re.fullmatch(r"(due_soon|still_missed)_(\d+)([a-z]+)", rung):
        if match[2] == "0":
            return "due today"
        length = _count(int(match[2]), _UNITS.get(match[3], match[3]))
        return f"due within {length}" if match[1] == "due_soon" else f"still overdue after {length}"
    if match := re.fullmatch(r"monthly_(\d{4})-(\d\d)", rung):
        return f"still overdue in {date(int(match[1]), int(match[2]), 1):%B %Y}"
    plain = re.sub(r"_\d+$", "", rung)
    return _WORDS.get(plain, plain.replace("_", " "))


def day(when: date) -> str:
    """Tue 5 March 2024."""
    return f"{when:%a} {when.day} {when:%B %Y}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
