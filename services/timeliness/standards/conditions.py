"""Conditions of a standard, compiled once into plain tests on an event's fields."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import product
from operator import attrgetter
from typing import Any, Generic, TypeVar

from schemas.events.vocabulary import KINDS, Field
from schemas.nearest import meant, nearest

Test = Callable[[Any], bool]
T = TypeVar("T")
LocalCodes = Mapping[str, Collection[str]]  # the codes that a register declares, by field: "plan.made.goal"
NO_CODES: LocalCodes = {}
CODES = "codes.yaml"  # the file of a register that declares them


def compiled(event: str, where: Mapping[str, Any], unless: Mapping[str, Any]) -> Test:
    """Returns a test of an event's `data`: every field of `where` equal, no field of `unless` equal.

    A list means one of. Absent fails `where` and passes `unless`. A meeting has to be complete. Raises ValueError for
    what `faults_of_condition` finds wrong of the kind and its fields.
    """
    for fault in _names_wrong(event, [*where, *unless]):
        raise ValueError(fault)
    must = {name: _listed(wanted) for name, wanted in where.items()}
    if KINDS[event].is_meeting:
        must["complete"] = [True]
    return _both(_one_of(must), _none_of({name: _listed(wanted) for name, wanted in unless.items()}))


def faults_of_condition(
    event: str, where: Mapping[str, Any], unless: Mapping[str, Any], local: LocalCodes = NO_CODES
) -> Iterator[str]:
    """Finds everything wrong with a condition: a kind, field or code that the vocabulary does not have, and what no
    event can meet. `local`: the codes that a register declares beside those of the vocabulary."""
    wrong = list(_names_wrong(event, [*where, *unless]))
    yield from wrong
    if event not in KINDS:
        if (near := nearest(event, KINDS)) is not None:
            yield from faults_of_condition(near, where, unless, local)
        return
    fields = KINDS[event].fields
    for name, wanted in [*where.items(), *unless.items()]:
        if name in fields:
            yield from wrong_values(event, fields[name], _listed(wanted), local)
    if KINDS[event].is_meeting and True not in _listed(where.get("complete", True)):
        yield f"{event}: only a meeting that is complete counts; leave `complete` out"
    for name in where.keys() & unless.keys():
        if all(value in _listed(unless[name]) for value in _listed(where[name])):
            yield f"{event}: {name} is wanted and refused at once, so nothing can match; correct `where` or `unless`"


def _names_wrong(event: str, names: Iterable[str]) -> Iterator[str]:
    if event not in KINDS:
        near = meant(event, KINDS, "the kinds are in schemas/events/vocabulary.csv")
        yield f"there is no kind of event {event!r}; {near}"
        return
    fields = KINDS[event].fields
    for name in names:
        if name not in fields:
            yield f"{event} has no field {name!r}; {meant(name, fields)}"


class Given(Generic[T]):
    """Values that hold where certain things are known (`given`: field → value, or a list of which one)."""

    def __init__(self, cases: list[tuple[Mapping[str, Any], T]]) -> None:
        self._cases = cases
        self._fields = tuple(sorted({name for given, _ in cases for name in given}))
        self._held: dict[tuple[Any, ...], tuple[T, ...]] = {}  # by what is known of the fields: it comes again

    def holding(self, known: Mapping[str, Any]) -> tuple[T, ...]:
        """Those that hold, in the order in which they were written."""
        told = tuple(map(known.get, self._fields))
        held = self._held.get(told)
        if held is None:
            held = self._held[told] = tuple(value for given, value in self._cases if _is_known(known, given))
        return held


def _is_known(known: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    return all(known.get(name) in _listed(wanted) for name, wanted in given.items())


def any_of(tests: list[Test]) -> Test | None:
    """A test that passes where one of several does; None of none."""
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda data: any(test(data) for test in tests)


def _one_of(must: dict[str, list[Any]]) -> Test | None:
    """Every field has one of its values: the fields are fetched at one go and looked up together."""
    if not must:
        return None
    fetch = attrgetter(*must)
    if len(must) == 1:
        (values,) = must.values()
        if len(values) == 1:
            only = values[0]
            return lambda data: bool(fetch(data) == only)
        allowed = frozenset(values)
    else:
        allowed = frozenset(product(*must.values()))
    return lambda data: fetch(data) in allowed


def _none_of(must_not: dict[str, list[Any]]) -> Test | None:
    if not must_not:
        return None
    if len(must_not) == 1:
        ((name, values),) = must_not.items()
        fetch, refused = attrgetter(name), frozenset(values)
        return lambda data: fetch(data) not in refused
    pairs = [(attrgetter(name), frozenset(values)) for name, values in must_not.items()]
    return lambda data: not any(fetch(data) in refused for fetch, refused in pairs)


def _both(first: Test | None, second: Test | None) -> Test:
    if first is not None and second is not None:
        return lambda data: first(data) and second(data)
    return first or second or (lambda data: True)


def _listed(wanted: Any) -> list[Any]:
    return wanted if isinstance(wanted, list) else [wanted]


def wrong_values(event: str, field: Field, values: list[Any], local: LocalCodes = NO_CODES) -> Iterator[str]:
    """Finds the values that a field never has, each with the nearest that it may have."""
    declared = field.choices or (*field.codes, *local.get(f"{event}.{field.name}", ()))
    for value in values:
        if (field.type == "bool") != isinstance(value, bool):
            yield f"{event}: {field.name} is of type {field.type}, so {value!r} can never match"
        elif declared and value not in declared:
            more = "" if field.choices else f"; a code of your own is declared in {CODES}"
            said = meant(value, declared, f"it is one of {', '.join(declared)}")
            yield f"{event}: {field.name} is never {value!r}; {said}{more}"
