"""Days, instants, conditions and lists as a person reads them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from schemas.time.days import LONDON
from services.timeliness.standards.standard import Trigger


def day(when: date) -> str:
    """Tue 5 March 2024."""
    return f"{when:%a} {when.day} {when:%B %Y}"


def instant(when: datetime) -> str:
    """Tue 5 March 2024 at 14:30, London time; seconds only where there are any."""
    local = when.astimezone(LONDON)
    return f"{day(local.date())} at {local:%H:%M:%S}" if local.second else f"{day(local.date())} at {local:%H:%M}"


def count(number: float, noun: str) -> str:
    """1 day, 2 days, 0.5 hours."""
    return f"{number:g} {noun}" if number == 1 else f"{number:g} {noun}s"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def listing(items: Sequence[str], last: str = "and") -> str:
    """A, B and C."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""


def condition(fields: Mapping[str, Any], is_not: bool = False) -> str:
    """`conference is initial`, `method is in_person and seen is true`; a list means one of."""
    verb = "is not" if is_not else "is"
    return listing([f"{name} {verb} {_value(wanted)}" for name, wanted in fields.items()])


def _value(wanted: Any) -> str:
    if isinstance(wanted, bool):
        return str(wanted).lower()
    return listing([_value(one) for one in wanted], "or") if isinstance(wanted, list) else str(wanted)


def trigger(rule: Trigger) -> str:
    """Returns what starts or stops a clock: `conference.held where conference is initial`."""
    if rule.function:
        return f"the rule {rule.function}"
    wants = [part for part in (condition(rule.where), condition(rule.unless, is_not=True)) if part]
    if rule.nth:
        wants.append(f"it is number {rule.nth} of its kind")
    if rule.from_on is not None:
        wants.append(f"it is of {day(rule.from_on)} or later")
    if rule.to_on is not None:
        wants.append(f"it is of {day(rule.to_on)} or earlier")
    return f"{rule.event} where {listing(wants)}" if wants else rule.event


def triggers(rules: Iterable[Trigger]) -> str:
    return listing([trigger(rule) for rule in rules], "or")
