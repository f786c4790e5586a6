"""Says days, instants, counts and lists as a person reads them, alike on every page, message and document. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from schemas.time.days import LONDON


def day(when: date) -> str:
    """Tue 5 March 2024."""
    return f"{when:%a} {when.day} {when:%B %Y}"


def instant(when: datetime) -> str:
    """Tue 5 March 2024 at 14:30, London time; seconds only where there are any."""
    local = when.astimezone(LONDON)
    return f"{day(local.date())} at {local:%H:%M:%S}" if local.second else f"{day(local.date())} at {local:%H:%M}"


def count(number: float, noun: str, several: str | None = None) -> str:
    """1 day, 2 days, 0.5 hours; 3 children."""
    shown = f"{number:g}" if isinstance(number, float) else f"{number}"
    return f"{shown} {noun if number == 1 else several or f'{noun}s'}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def listing(items: Sequence[str], last: str = "and") -> str:
    """A, B and C."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""
