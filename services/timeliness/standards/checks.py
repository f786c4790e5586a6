"""Says what is refused of a standard when it is read: whatever cannot be meant, can never run, or would be passed
over in silence. Each refusal names the key and says what to do; all of a file are said at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from schemas.events.vocabulary import KINDS, Field
from schemas.nearest import meant
from services.timeliness.standards.conditions import NO_CODES, LocalCodes, wrong_values
from services.timeliness.standards.eligibility import FUNCTIONS
from services.timeliness.standards.limits import Length
from services.timeliness.standards.never_runs import listed, never_runs, wrong_conditions
from services.timeliness.standards.standard import LimitEntry, Linked, StandardFile, Trigger
from services.timeliness.standards.states import State

ENDINGS = ("stops", "excused", "instead", "cancels", "voids", "faults", "booked")
_NOT_WHERE_IT_MUST_HOLD = ("starts", "match", "repeats", "recurring", "from_birth", "unmeasured", *ENDINGS)


def states_named(file: StandardFile) -> set[str]:
    """The states that the conditions of a standard ask about."""
    triggers = [t for name in ("starts", *ENDINGS) for t in listed(getattr(file, name))]
    return {name for t in triggers for name in (t.when, t.when_not) if name}


def check(file: StandardFile, states: Mapping[str, State], local: LocalCodes = NO_CODES) -> None:
    """Raises ValueError with everything that is wrong, one line each. `local`: the codes that the register declares."""
    if found := list(dict.fromkeys(_faults(file, states, local))):
        raise ValueError("\n".join(found))


def _faults(file: StandardFile, states: Mapping[str, State], local: LocalCodes) -> Iterator[str]:
    for name in sorted({*listed(file.while_), *listed(file.holds), *states_named(file)} - states.keys()):
        near = meant(name, states, f"states.yaml has {', '.join(sorted(states))}")
        yield f"there is no state {name!r}; {near}"
    yield from (_check_must_hold if file.measure == "must_hold" else _check_duty)(file)
    for name in ENDINGS:
        for trigger in listed(getattr(file, name)):
            yield from _check_ending(name, trigger)
            yield from wrong_conditions(trigger, local)
    for trigger in listed(file.starts):
        yield from _check_start(trigger, file)
        if trigger.event:
            yield from wrong_conditions(trigger, local)
    yield from never_runs(file)
    for name in listed(file.match):
        yield from _check_match(name, file)
    yield from _wrong_limits(file, states, local)
    yield from _check_ladder(file)
    yield from _check_targets(file)


def _check_must_hold(file: StandardFile) -> Iterator[str]:
    if not (file.holds and file.while_) or file.starts or file.stops:
        yield "a must_hold standard has `holds` and `while`, and neither `starts` nor `stops`"
    for entry in file.limits:
        if entry.within not in ("0 days", "none"):
            yield (
                f"limits from {entry.from_on}: a gap is due on the day it opens and is given no grace, so"
                f" {entry.within or entry.before} would say nothing; write `within: 0 days`"
            )
    for name in _NOT_WHERE_IT_MUST_HOLD:
        if getattr(file, name):
            yield f"{name}: a must_hold standard has none; its states say what begins and ends a gap"
    if file.rate:
        yield "rate: only what must not happen again is counted as a rate; leave it out"
    if file.scope != "clock":
        yield "scope: the snapshot of what must hold is always of the spell; leave it out"


def _check_duty(file: StandardFile) -> Iterator[str]:
    if not (file.starts and file.stops):
        yield "`starts` and `stops` are needed: which events begin the clock and which stop it"
    if file.holds:
        yield "holds: only what must hold has it; write `measure: must_hold` or leave it out"
    if len(listed(file.while_)) > 1:
        yield "while: one state, unless it is what must hold; define one that covers them all"
    for name in ("excused", "instead"):
        if getattr(file, name) and file.measure == "must_not_happen":
            yield f"{name}: what must not happen is no duty to be excused from; leave it out"
    if file.rate and file.measure != "must_not_happen":
        yield "rate: only what must not happen again is counted as a rate; leave it out"
    if file.rate and file.targets:
        yield "targets: per cents in time, and a rate says nothing of time; leave them out"
    if file.scope == "spell" and not (file.while_ and (file.recurring or file.repeats)):
        yield "scope: `spell` is for a recurring duty within a state: name it in `while`, or leave it out"


# -- triggers ----------------------------------------------------------------------------------------------------------


def _check_ending(name: str, trigger: Trigger) -> Iterator[str]:
    if not trigger.event:
        yield f"{name}: a trigger needs `event`; only a start may name a `function`"
    for key in ("nth", "counted_from", "again"):
        if getattr(trigger, key):
            yield f"{name}: `{key}` is for starts; leave it out"
    if trigger.on_a_later_day and name != "stops":
        yield f"{name}: `on_a_later_day` is for stops; leave it out"
    if name in ("faults", "instead") and not trigger.says:
        yield f"{name}: `says` is needed, in words: what is wrong, or what was done instead"
    yield from _check_days(name, trigger)
    yield from _check_linked(trigger)


def _check_days(name: str, trigger: Trigger) -> Iterator[str]:
    if trigger.from_on is not None and trigger.to_on is not None and trigger.to_on < trigger.from_on:
        yield f"{name}: `to` {trigger.to_on} is before `from` {trigger.from_on}; set them right"


def _check_start(trigger: Trigger, file: StandardFile) -> Iterator[str]:
    if bool(trigger.event) == bool(trigger.function):
        yield "a start needs `event` or `function`, one of them"
    if trigger.function and trigger.function not in FUNCTIONS:
        yield f"there is no function {trigger.function!r}; {meant(trigger.function, FUNCTIONS)}"
    if trigger.function and trigger != Trigger(function=trigger.function):
        yield "function: a start by function takes no other key; the function says it all"
    if trigger.on_a_later_day:
        yield "starts: `on_a_later_day` is for stops; leave it out"
    if trigger.counted_from and trigger.counted_from not in KINDS:
        near = meant(trigger.counted_from, KINDS, "the kinds are in schemas/events/vocabulary.csv")
        yield f"counted_from: there is no kind of event {trigger.counted_from!r}; {near}"
    nth = str(trigger.nth)
    if nth and not (nth.removesuffix("+").isdigit() and int(nth.removesuffix("+")) > 0):
        yield f"nth: {nth!r} is neither a number such as 1 nor an open one such as 2+"
    if nth and not file.while_:
        yield "nth counts within a spell: name the state in `while`"
    yield from _check_days("starts", trigger)
    yield from _check_linked(trigger)


def _check_linked(trigger: Trigger) -> Iterator[str]:
    link: Linked | None = trigger.linked
    for event in (trigger.event, link.event) if link is not None else ():
        if link is not None and event in KINDS and link.by not in KINDS[event].fields:
            yield f"linked: {event} has no field {link.by!r}; `by` is a field that both kinds have"


def _check_match(name: str, file: StandardFile) -> Iterator[str]:
    for what, triggers in (("stop", file.stops), ("start", file.starts)):
        kinds = [t.event for t in listed(triggers) if t.event in KINDS]
        if kinds and not any(name in KINDS[k].fields or f"{name}s" in KINDS[k].fields for k in kinds):
            fields = {field.removesuffix("s") for kind in kinds for field in KINDS[kind].fields}
            names = {field for field in fields if field.endswith("_id")}
            yield f"match: no {what} carries {name!r}; {meant(name, names)}"


# -- limits, the ladder, targets ---------------------------------------------------------------------------------------


def _wrong_limits(file: StandardFile, states: Mapping[str, State], local: LocalCodes) -> Iterator[str]:
    yield from _check_limits(file)
    scope = [states[name] for name in listed(file.while_) if name in states]
    known = _known_of(scope)
    for entry in file.limits:
        yield from _check_limit(entry, file)
        if scope or not file.while_:
            yield from _wrong_given(f"limits from {entry.from_on}", entry.given, known, local)
    for unmeasured in file.unmeasured:
        if not file.while_:
            yield "unmeasured: `given` is of a spell: name the state in `while`"
        elif scope:
            yield from _wrong_given("unmeasured", unmeasured.given, known, local)


def _check_limits(file: StandardFile) -> Iterator[str]:
    if not file.limits:
        yield "limits: there is none; a standard without a limit has no clocks"
        return
    if all(entry.given or entry.after for entry in file.limits):
        yield "limits: each has a condition; one without is needed, for where nothing is known"
    if all(entry.within == "none" for entry in file.limits):
        yield "limits: each is `none`, so no clock ever runs; give the limit that was in force before"
    seen: set[tuple[Any, ...]] = set()
    for entry in file.limits:
        key = (entry.from_on, str(sorted(entry.given.items())), entry.after)
        if key in seen:
            yield f"limits: two entries from {entry.from_on}; add a later one, never a second"
        seen.add(key)


def _check_limit(entry: LimitEntry, file: StandardFile) -> Iterator[str]:
    where = f"limits from {entry.from_on}"
    if (entry.within is None) == (entry.before is None):
        yield f"{where}: give one of `within` and `before`"
    if not entry.source.strip():
        yield f"{where}: `source` is empty; name the text the limit comes from"
    if (entry.given or entry.after) and not file.while_:
        yield f"{where}: `given` and `after` are of a spell: name the state in `while`"
    texts = [text for text in (entry.within, entry.before, entry.after) if text and text != "none"]
    yield from _parsed(where, texts, [])


def _parsed(where: str, texts: Iterable[str], found: list[Length]) -> Iterator[str]:
    """Reads lengths into `found`, and says which are none."""
    for text in texts:
        try:
            found.append(Length.parse(text))
        except ValueError as wrong:
            yield f"{where}: {wrong}"


def _wrong_given(
    where: str, given: Mapping[str, Any], known: Mapping[str, tuple[str, Field]], local: LocalCodes
) -> Iterator[str]:
    for name, wanted in given.items():
        if name not in known:
            yield f"{where}: nothing tells {name!r} of the state; {meant(name, known)}"
        else:
            kind, field = known[name]
            yield from wrong_values(kind, field, wanted if isinstance(wanted, list) else [wanted], local)


def _known_of(scope: list[State]) -> dict[str, tuple[str, Field]]:
    """Returns what becomes known of the spells of states, with a kind of event that tells it."""
    known: dict[str, tuple[str, Field]] = {}
    for state in scope:
        for kind, moves in state.moves.items():
            for name in (name for _, fields in moves.takes for name in fields):
                field = KINDS[kind].fields[name]
                if name not in known or field.choices:  # one that lists its codes says more
                    known[name] = (kind, field)
    return known


def _check_ladder(file: StandardFile) -> Iterator[str]:
    lengths: list[Length] = []
    warnings: list[Length] = []
    steps: list[Length] = []
    list(_parsed("", [each for e in file.limits if (each := e.before or e.within) and each != "none"], lengths))
    yield from _parsed("warn", file.warn, warnings)
    yield from _parsed("escalate", file.escalate, steps)
    in_hours = {length.unit == "hours" for length in lengths}
    for warning in warnings:
        if lengths and warning.rough_hours > min(length.rough_hours for length in lengths):
            yield f"warn: {warning} is longer than the limit itself; shorten it"
        if in_hours == {warning.unit != "hours"}:
            yield f"warn: {warning} for a limit in other units; warn in hours where the limit is in hours"
    ahead = [w.rough_hours for w in warnings]
    if ahead != sorted(set(ahead), reverse=True):
        yield "warn: write the earliest warning (the longest time before) first, and each once"
    after = [step.rough_hours for step in steps]
    if after != sorted(set(after)):
        yield "escalate: write the earliest step (the shortest time after) first, and each once"


def _check_targets(file: StandardFile) -> Iterator[str]:
    for target in file.targets:
        if not 0 <= target.amber <= target.green <= 100:
            yield (f"targets from {target.from_on}: per cents, amber at most green; a figure below amber is red")
