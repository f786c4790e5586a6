"""Conditions of a standard, compiled once into plain tests on an event's fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.vocabulary import KINDS, Field

Test = Callable[[Any], bool]


def compiled(event: str, where: Mapping[str, Any], unless: Mapping[str, Any]) -> Test:
    """A test of an event's `data`: every field of `where` equal, no field of `unless` equal.

    A list means one of. Absent fails `where` and passes `unless`. A meeting has to be complete. Raises ValueError for
    a kind, field or value that the vocabulary does not have.
    """
    kind = KINDS.get(event)
    if kind is None:
        raise ValueError(f"there is no kind of event {event!r}; the kinds are in schemas/vocabulary.csv")
    for name, wanted in [*where.items(), *unless.items()]:
        if name not in kind.fields:
            raise ValueError(f"{event} has no field {name!r}; it has {', '.join(kind.fields)}")
        _check_values(event, kind.fields[name], _listed(wanted))
    must = {name: frozenset(_listed(wanted)) for name, wanted in where.items()}
    if kind.is_meeting:
        must["complete"] = frozenset([True])
    must_not = {name: frozenset(_listed(wanted)) for name, wanted in unless.items()}
    return _test(list(must.items()), list(must_not.items()))


def _test(must: list[tuple[str, frozenset[Any]]], must_not: list[tuple[str, frozenset[Any]]]) -> Test:
    if not must and not must_not:
        return lambda data: True
    if len(must) == 1 and not must_not:
        ((name, values),) = must
        return lambda data: getattr(data, name) in values
    return lambda data: (
        all(getattr(data, name) in values for name, values in must)
        and not any(getattr(data, name) in values for name, values in must_not)
    )


def _listed(wanted: Any) -> list[Any]:
    return wanted if isinstance(wanted, list) else [wanted]


def _check_values(event: str, field: Field, values: list[Any]) -> None:
    for value in values:
        if field.choices and value not in field.choices:
            raise ValueError(f"{event}: {field.name} is never {value!r}; it is one of {', '.join(field.choices)}")
        if (field.type == "bool") != isinstance(value, bool):
            raise ValueError(f"{event}: {field.name} is of type {field.type}, so {value!r} can never match")
