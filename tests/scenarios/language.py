"""A scenario file as values: what is given, and what must then be true.

Strict: an unknown key is refused, naming the file and the scenario. The language: `docs/scenarios.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from schemas.strict_yaml import BadYaml, read_text
from tests.scenarios.events import CHILD, Given, TextOnly, Unclear, bool_of, day_of, event_of, instant_of

STATUSES = {"running", "due_soon", "overdue", "met", "missed", "excused", "cancelled", "voided", "not_measured"}
STATUSES |= {"open", "not_begun"}  # running or due_soon; the clock had not started by then


def _status(text: str) -> str:
    if text not in STATUSES:
        raise Unclear(f"{text!r} is no status; one of {', '.join(sorted(STATUSES))}")
    return text


def _ended(text: str) -> str:
    if text not in ("stopped", "excused", "cancelled", "voided"):
        raise Unclear(f"{text!r} is no way to end; one of stopped, excused, cancelled, voided")
    return text


CLOCK_KEYS: dict[str, Callable[[str], Any]] = {
    "started": day_of,
    "due": day_of,
    "due_at": instant_of,
    "stopped": day_of,
    "status": _status,
    "recorded_late": bool_of,
    "team": str,
    "took": float,
    "day_precision": bool_of,
    "fault": str,
    "reason": str,
    "ended": _ended,
    "lasts_to": day_of,
    "cause": str,
    "stop_cause": str,
    "instead": str,
    "begun_again": bool_of,
}
KEYS = {"name", "standard", "child", "born", "given", "as_of", "known_at", "then", "then_as_of", "faults"}


@dataclass(frozen=True)
class Scenario:
    """What is given to one child (`child`, whose clocks are asked) and what one standard must make of it.

    `then`: each clock of the standard, in order of start; None where `then_as_of` alone is asked.
    `then_as_of`: (label, instant, status) of the only clock. `faults`: a part of the words of each fault that
    must be told; empty: none may be; None: not asked."""

    file: str
    name: str
    standard: str
    child: str
    given: tuple[Given, ...]
    as_of: datetime | None
    known_at: datetime | None
    then: tuple[dict[str, Any], ...] | None
    then_as_of: tuple[tuple[str, datetime, str], ...]
    faults: tuple[str, ...] | None

    def known_by_then(self) -> list[Given]:
        """What is given and was known by `known_at` (all of it, where that is not set)."""
        return [g for g in self.given if self.known_at is None or g.known_at <= self.known_at]


def read(path: Path) -> list[Scenario]:
    """Every scenario of a file. Raises Unclear, naming the file and the scenario."""
    try:
        made = yaml.load(read_text(path), TextOnly)
    except (BadYaml, yaml.YAMLError, Unclear) as broken:
        raise Unclear(f"{path.name}: {broken}") from broken
    if not isinstance(made, list) or not made:
        raise Unclear(f"{path.name}: a list of scenarios is wanted")
    scenarios = [_scenario(path.name, number, raw) for number, raw in enumerate(made, 1)]
    names = [scenario.name for scenario in scenarios]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise Unclear(f"{path.name}: two scenarios are named {sorted(twice)[0]!r}")
    return scenarios


def _scenario(file: str, number: int, raw: Any) -> Scenario:
    named = isinstance(raw, dict) and isinstance(raw.get("name"), str) and raw["name"]
    try:
        if not named:
            raise Unclear("it needs a name")
        return _checked(file, raw)
    except Unclear as unclear:
        raise Unclear(f"{file}: {named or f'scenario {number}'}: {unclear}") from unclear


def _checked(file: str, raw: dict[str, Any]) -> Scenario:
    unknown = ", ".join(sorted(set(raw) - KEYS))
    if unknown:
        raise Unclear(f"unknown key {unknown}; known are {', '.join(sorted(KEYS))}")
    for key in ("name", "standard", "child", "born", "as_of", "known_at"):
        if key in raw and not isinstance(raw[key], str):
            raise Unclear(f"{key} is one value")
    if "standard" not in raw or not {"then", "then_as_of"} & set(raw):
        raise Unclear("it needs a standard and a then (or then_as_of)")
    then = _then(raw["then"]) if "then" in raw else None
    if then and "as_of" not in raw and any("status" in clock for clock in then):
        raise Unclear("a status needs an as_of")
    return Scenario(
        file=file,
        name=raw["name"],
        standard=raw["standard"],
        child=raw.get("child", CHILD),
        given=tuple(_given(raw)),
        as_of=instant_of(raw["as_of"]) if "as_of" in raw else None,
        known_at=instant_of(raw["known_at"]) if "known_at" in raw else None,
        then=then,
        then_as_of=_then_as_of(raw.get("then_as_of", {})),
        faults=_faults(raw["faults"]) if "faults" in raw else None,
    )


def _given(raw: dict[str, Any]) -> list[Given]:
    lines = raw.get("given", [])
    if isinstance(lines, str):
        lines = [line for line in lines.splitlines() if line.strip()]
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise Unclear("given is a list of lines; where one has {fields}, a block of lines (given: |)")
    made = [event_of(line, number) for number, line in enumerate(lines, 1)]
    if "born" in raw:
        born = day_of(raw["born"])
        made.insert(0, event_of(f"{born} child.registered {{born_on: {born}}}, as born", 0))
    identities = [(g.event.source, g.event.id) for g in made]
    if len(set(identities)) < len(identities):
        raise Unclear("two events have one id")
    return made


def _then(raw: Any) -> tuple[dict[str, Any], ...]:
    clocks = [] if raw == "nothing" else [raw] if isinstance(raw, dict) else raw
    if not isinstance(clocks, list) or not all(isinstance(clock, dict) and clock for clock in clocks):
        raise Unclear("then is one clock, a list of clocks in order of start, or `nothing`")
    return tuple(_clock(clock) for clock in clocks)


def _clock(raw: dict[str, Any]) -> dict[str, Any]:
    unknown = set(raw) - set(CLOCK_KEYS)
    if unknown:
        raise Unclear(f"a clock has no {', '.join(sorted(unknown))}; it has {', '.join(CLOCK_KEYS)}")
    return {key: None if value == "none" else CLOCK_KEYS[key](value) for key, value in raw.items()}


def _then_as_of(raw: Any) -> tuple[tuple[str, datetime, str], ...]:
    if not isinstance(raw, dict):
        raise Unclear("then_as_of maps a day or an instant to a status")
    return tuple((when, instant_of(when), _status(status)) for when, status in raw.items())


def _faults(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(fault, str) for fault in raw):
        raise Unclear("faults is a list: a part of each fault's words")
    return tuple(raw)
