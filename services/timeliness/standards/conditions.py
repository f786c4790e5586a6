"""Conditions of a standard, compiled once into plain tests on an event's fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from operator import attrgetter
from typing import Any, Generic, TypeVar

from schemas.events.vocabulary import KINDS, Field

Test = Callable[[Any], bool]
T = TypeVar("T")


def compiled(event: str, where: Mapping[str, Any], unless: Mapping[str, Any]) -> Test:
    """A test of an event's `data`: every field of `where` equal, no field of `unless` equal.

    A list means one of. Absent fails `where` and passes `unless`. A meeting has to be complete. Raises ValueError for
    a kind, field or value that the vocabulary does not have.
    """
    kind = KINDS.get(event)
    if kind is None:
        raise ValueError(f"there is no kind of event {event!r}; the kinds are in schemas/events/vocabulary.csv")
    for name, wanted in [*where.items(), *unless.items()]:
        if name not in kind.fields:
            raise ValueError(f"{event} has no field {name!r}; it has {', '.join(kind.fields)}")
        check_values(event, kind.fields[name], _listed(wanted))
    must = {name: _listed(wanted) for name, wanted in where.items()}
    if kind.is_meeting:
        must["complete"] = [True]
    return _both(_one_of(must), _none_of({name: _listed(wanted) for name, wanted in unless.items()}))


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


def check_values(event: str, field: Field, values: list[Any]) -> None:
    for value in values:
        if field.choices and value not in field.choices:
            raise ValueError(f"{event}: {field.name} is never {value!r}; it is one of {', '.join(field.choices)}")
        if (field.type == "bool") != isinstance(value, bool):
            raise ValueError(f"{event}: {field.name} is of type {field.type}, so {value!r} can never match")
