"""The register as it is written: which event a trigger means, which limit is in force. The files are only data here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

import services.timeliness.standards as standards
from schemas.events.vocabulary import KINDS
from tests.laws.plain.days import due
from tests.laws.plain.facts import Fact

REGISTER = Path(standards.__file__).parent / "registers" / "england"
BY_HAND = {"pathway-assessment-16y3m"}  # begun by a named function and by no event: it has its scenarios
RULES: dict[str, Any] = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(REGISTER.glob("*.yaml"))}
STATES: dict[str, Any] = RULES.pop("states")
for _name in BY_HAND:
    del RULES[_name]


def some(said: Any) -> list[Any]:
    """One or a list, as a list."""
    return [] if said is None else said if isinstance(said, list) else [said]


def fits(trigger: dict[str, Any], fact: Fact, facts: Iterable[Fact]) -> bool:
    """Whether an event is the one a trigger means, states apart. A meeting has to be complete."""
    if fact.kind != trigger["event"] or fact.get("complete") is False:
        return False
    if not trigger.get("from", fact.day) <= fact.day <= trigger.get("to", fact.day):
        return False
    return _says(trigger, fact) and ("linked" not in trigger or _linked(trigger["linked"], fact, facts))


def _says(condition: dict[str, Any], fact: Fact) -> bool:
    """Absent fails `where` and passes `unless`."""
    wanted = all(fact.get(name) in some(value) for name, value in condition.get("where", {}).items())
    refused = any(fact.get(name) in some(value) for name, value in condition.get("unless", {}).items())
    return wanted and not refused


def partner(link: dict[str, Any], fact: Fact, facts: Iterable[Fact]) -> list[Fact]:
    """The other events that a link means, whatever their days."""
    name = fact.get(link["by"])
    return [f for f in facts if f.kind == link["event"] and name is not None and f.get(link["by"]) == name]


def _linked(link: dict[str, Any], fact: Fact, facts: Iterable[Fact]) -> bool:
    """Of several the last told is asked; where nobody told of it nothing speaks against."""
    found = partner(link, fact, facts)
    if link.get("absent"):
        return not any(_says(link, other) for other in found if other.get("complete") is not False)
    return not found or _says(link, found[-1])


def limit(rule: dict[str, Any], day: date, terms: dict[str, Any], since: date | None) -> dict[str, Any] | None:
    """The limit in force on day 0: of those for what is known of the placement, the last."""
    found = None
    for one in sorted(rule["limits"], key=lambda one: one["from"]):
        known = all(terms.get(name) in some(value) for name, value in one.get("given", {}).items())
        grown = "after" not in one or (since is not None and day >= (due(since, one["after"]) or date.max))
        if one["from"] <= day and known and grown:
            found = one
    return None if found is None or found.get("within") == "none" else found


def own_id(kind: str) -> str:
    """The id of what an event itself is of: care, a placement, a referral, a meeting."""
    return next((f.name for f in KINDS[kind].fields.values() if f.type == "id" and not f.optional), "")


def named(fact: Fact, name: str) -> list[str]:
    """The ids by which it names something: one, several (`enquiry_ids`) or none."""
    return some(fact.get(name)) or some(fact.get(f"{name}s"))
