"""What the product makes of a scenario, and how that differs from what the scenario says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from schemas.clock import Clock
from schemas.time.calendar import england
from schemas.time.days import london_day, parse_moment
from services.timeliness.explain.explain import explain
from services.timeliness.fold.child import fold_child
from services.timeliness.history.coverage import Coverage
from services.timeliness.history.facts import Fact, fact_of
from services.timeliness.history.history import History, history, in_effect
from services.timeliness.history.merged import ever_joined, members, one_of, survivors
from services.timeliness.history.workers import LEFT, leavings, no_longer_held
from services.timeliness.standards.register import Register, load
from tests.scenarios.events import Given
from tests.scenarios.language import Scenario

SCENARIOS = Path(__file__).parent
FILES = sorted(SCENARIOS.glob("*.yaml"))
AFTER_ALL = parse_moment("2028-12-01")  # when everything is explained: later than any scenario's events
FIELDS = {
    "started": "started_on",
    "due": "due_on",
    "recorded_late": "recorded_late",
    "team": "team",
    "took": "took",
    "day_precision": "day_precision",
    "ended": "ended",
    "lasts_to": "lasts_to",
    "cause": "cause",
    "stop_cause": "stop_cause",
    "due_at": "due_at",
    "fault": "faults",
    "reason": "unmeasured",
    "instead": "instead",
    "begun_again": "begun_again",
}


@lru_cache(maxsize=1)
def register() -> Register:
    return load()


def told(scenario: Scenario, given: Sequence[Given], as_of: datetime | None = None) -> tuple[list[Clock], list[str]]:
    """What the product makes of these events: the clocks in order of start, and the faults it tells.

    What occurred after `as_of` is ignored."""
    life = life_of(scenario, given, as_of)
    made = fold_child([register().standards[scenario.standard]], life, england())
    made.clocks.sort(key=lambda clock: (clock.started_on, str(clock.started_at)))
    return made.clocks, sorted(fault for _, _, what in made.faults for fault in what.split("; "))


def life_of(scenario: Scenario, given: Sequence[Given], as_of: datetime | None = None) -> History:
    """Returns the history of the scenario's child, under the id that speaks for it."""
    facts = [fact_of(g.event, g.known_at) for g in given if as_of is None or not later(g, as_of)]
    merged = [f for f in facts if f.kind in ("child.merged", "event.retracted")]
    orders = in_effect(facts, one_of(ever_joined(facts)))
    adopted = {f.event.subject for f in orders if f.kind == "order.made" and f.data.order == "adoption"}
    survivor_of = survivors(merged, frozenset(adopted))
    survivor = survivor_of.get(scenario.child, scenario.child)
    ids = members(survivor_of).get(survivor, [survivor])
    own = [f for f in facts if f.event.subject in ids and f.event.about == "child"]
    left = leavings([f for f in facts if f.kind in (LEFT, "event.retracted")])
    return history(survivor, own, coverage_of(facts), beside=partial(no_longer_held, left=left))


def later(given: Given, as_of: datetime) -> bool:
    """Whether something occurred after an instant (what has only a day: on a later day). A feed's word is no event."""
    event = given.event
    if event.about == "feed":
        return False
    return event.time > as_of if event.time is not None else event.day > london_day(as_of)


def coverage_of(facts: list[Fact]) -> dict[str, Coverage]:
    stated = [f.event for f in facts if f.kind == "feed.covered"]
    return {
        source: Coverage.stated([event for event in stated if event.source == source])
        for source in {event.source for event in stated}
    }


def field_of(clock: Clock, key: str, as_of: datetime | None) -> Any:
    if key == "status":
        assert as_of is not None
        return clock.status(as_of) or "not_begun"
    if key == "stopped":
        return clock.ended_on if clock.ended == "stopped" else None
    return getattr(clock, FIELDS[key])


def agrees(key: str, wanted: Any, got: Any) -> bool:
    if key in ("fault", "reason", "instead"):
        return got is None if wanted is None else wanted in (got or "")
    return bool(got in ("running", "due_soon") if wanted == "open" else got == wanted)


def differences(scenario: Scenario, made: list[Clock], faults: list[str]) -> list[str]:
    """What is not as the scenario says, a line each; none where all is well."""
    lines: list[str] = []
    if scenario.then is not None:
        if len(made) != len(scenario.then):
            lines.append(f"wanted {len(scenario.then)} clocks, got {len(made)}")
        for number, (clock, then) in enumerate(zip(made, scenario.then, strict=False), 1):
            for key, wanted in then.items():
                got = field_of(clock, key, scenario.as_of)
                if not agrees(key, wanted, got):
                    lines.append(f"clock {number}: {key} wanted {wanted}, got {got}")
    if scenario.faults is not None and not _said(scenario.faults, faults):
        lines.append(f"faults wanted {list(scenario.faults)}, got {faults}")
    for label, as_of, wanted in scenario.then_as_of:
        by_then, _ = told(scenario, scenario.known_by_then(), as_of)
        said = [field_of(clock, "status", as_of) for clock in by_then] or ["not_begun"]
        if len(said) != 1 or not agrees("status", wanted, said[0]):
            lines.append(f"as of {label}: wanted {wanted}, got {', '.join(said)}")
    return lines


def _said(wanted: tuple[str, ...], told: list[str]) -> bool:
    """Whether each is told in some words, and nothing where nothing is wanted."""
    return bool(wanted) == bool(told) and all(any(part in fault for fault in told) for part in wanted)


def miscounted(scenario: Scenario) -> list[str]:
    """Returns where the explanation's own count, day by day, does not come to the clock's due day, a line each."""
    life = life_of(scenario, scenario.given)
    story = explain(register().standards[scenario.standard], life, england(), AFTER_ALL, [life.child])
    lines = [] if story.clocks or story.why_none else ["explained: neither a clock nor why there is none"]
    for number, one in enumerate(story.clocks, 1):
        if not one.status or not one.sum:
            lines.append(f"explained: clock {number} lacks its status or its sum")
        if not one.days or one.clock.broken:
            continue
        numbers = [day.number for day in one.days if day.number is not None]
        if one.days[-1].day != one.clock.due_on or numbers != list(range(1, len(numbers) + 1)):
            lines.append(f"explained: clock {number} is due on {one.clock.due_on}, counted to {one.days[-1].day}")
        if not all(bool(day.why) != bool(day.number) for day in one.days):
            lines.append(f"explained: clock {number} has a day neither counted nor skipped, or both")
    return lines


def summary(clock: Clock) -> str:
    return " ".join(f"{name}={value}" for name in clock.__struct_fields__ if (value := getattr(clock, name)))


def problems(scenario: Scenario) -> list[str]:
    """What is wrong, to be read by a person, and what was got instead; empty where all is as the scenario says.

    Events are taken forwards and backwards, for the order in which they arrive is no matter; and each due day is explained."""
    given = scenario.known_by_then()
    made, faults = told(scenario, given, scenario.as_of)
    lines = differences(scenario, made, faults)
    if told(scenario, given[::-1], scenario.as_of) != (made, faults):
        lines.append("told backwards it is not the same")
    lines.extend(miscounted(scenario))
    if not lines:
        return []
    return [f"{scenario.file}: {scenario.name}", *lines, *(f"  got {summary(clock)}" for clock in made)]
