"""Says how counts and standings are said in a pack."""

from __future__ import annotations

from datetime import date

from caseclock.pack.model import Stand

IN_WORDS = {
    "green": "on target",
    "amber": "near target",
    "red": "below target",
    "no target": "no target set",
    "none due": "none due",
}


def short(when: date) -> str:
    """5 Mar 2024."""
    return f"{when.day} {when:%b %Y}"


def number(count: float | None) -> str:
    """A count; a nought recedes to a dash; what is left out is said to be."""
    return "left out" if count is None else f"{count:,g}" if count else "–"


def stand(of: Stand) -> str:
    """95%: 19 of 20."""
    if of.of == 0:
        return "–"
    if of.per_cent is None:
        return f"left out, of {of.of:,}" if of.of is not None else "left out"
    return f"{of.per_cent}%: {of.good:,} of {of.of:,}"


def tone(of: Stand) -> str:
    """Returns how it stands, in words."""
    return IN_WORDS.get(of.standing, of.standing)
