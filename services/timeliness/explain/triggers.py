"""Says what starts or stops a clock as a person reads it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.words import day, listing
from services.timeliness.standards.standard import Trigger


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
