"""Triggers that no event can pull, and standards whose clocks can never run or never stop. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.events.vocabulary import KINDS
from services.timeliness.standards.conditions import LocalCodes, faults_of_condition
from services.timeliness.standards.standard import StandardFile, Trigger

CHILD = "child"


def listed(value: Any) -> list[Any]:
    """Returns one or a list, as a list."""
    return value if isinstance(value, list) else [value] if value else []


def wrong_conditions(trigger: Trigger, local: LocalCodes) -> Iterator[str]:
    """Finds what is wrong with a trigger's own condition, with that of the event it is linked to, and a state that is
    wanted and refused at once."""
    yield from faults_of_condition(trigger.event, trigger.where, trigger.unless, local)
    if trigger.linked is not None:
        yield from faults_of_condition(trigger.linked.event, trigger.linked.where, trigger.linked.unless, local)
    if trigger.when and trigger.when == trigger.when_not:
        yield f"{trigger.event}: {trigger.when} is in `when` and in `when_not`: nothing can match; take one away"


def never_runs(file: StandardFile) -> Iterator[str]:
    """Finds starts that no child's history has, stops that no start can meet, and a state that must hold in itself."""
    for name in ("starts", "stops", "excused", "instead", "cancels", "voids", "faults", "booked"):
        for trigger in listed(getattr(file, name)):
            yield from _about_no_child(name, trigger)
    for stop in listed(file.stops):
        if stop.when_not and stop.when_not in listed(file.while_):
            yield (
                f"stops: {stop.event} counts only outside {stop.when_not}, and the clock runs only in it: no stop can"
                " meet a start; take `when_not` away, or name another state"
            )
    if file.holds and file.holds in listed(file.while_):
        yield f"holds: {file.holds} must hold while it holds, which it always does; name another state in `while`"


def _about_no_child(name: str, trigger: Trigger) -> Iterator[str]:
    """An event about a worker or a feed is in no child's history, unless another event links the two."""
    kind = KINDS.get(trigger.event)
    if kind is None or kind.about == CHILD or trigger.linked is not None:
        return
    yield (
        f"{name}: {trigger.event} is about a {kind.about}, so it is in no child's history; use one about a child, or"
        " link it to one (`linked`, by an id that both carry)"
    )
