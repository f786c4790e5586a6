"""Everything wrong with the shape of a file that a person wrote, not only the first thing. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import msgspec

from schemas.nearest import meant, nearest


def shape_faults(raw: Any, shape: type[msgspec.Struct], place: str = "") -> Iterator[str]:
    """Finds each unknown key, each that is missing and each value of another type, by its place (`limits[2].within`,
    counted from 1)."""
    if not isinstance(raw, dict):
        yield f"{place or 'the file'}: Expected `object`; write its keys under it, each on a line as `key: value`"
        return
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    types = get_type_hints(shape)
    for key, value in raw.items():
        here = f"{place}.{key}" if place else str(key)
        if key not in fields:
            yield f"{here}: unknown field `{key}`; {meant(key, fields)}"
        else:
            yield from _value_faults(value, types[fields[key].name], here)
    for key, field in fields.items():
        if field.required and key not in raw:
            yield f"{place or 'the file'}: `{key}` is missing; add it"


def _value_faults(value: Any, type_: Any, place: str) -> Iterator[str]:
    within = _struct_in(type_)
    if within is not None and isinstance(value, dict):
        yield from shape_faults(value, within, place)
    elif within is not None and isinstance(value, list) and _takes_list(type_):
        for number, each in enumerate(value, start=1):
            yield from shape_faults(each, within, f"{place}[{number}]")
    else:
        try:
            msgspec.convert(value, type_)
        except msgspec.ValidationError as wrong:
            words = list(_words_in(type_))
            yield f"{place}: {wrong}{f'; {meant(value, words)}' if words else ''}"


def _struct_in(type_: Any) -> type[msgspec.Struct] | None:
    """The struct that a type is, or is a list of, or may be."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return type_
    return next((found for part in get_args(type_) if (found := _struct_in(part)) is not None), None)


def _words_in(type_: Any) -> Iterator[str]:
    """The words of a type that takes only some."""
    for part in get_args(type_):
        yield from [part] if isinstance(part, str) else _words_in(part)


def _takes_list(type_: Any) -> bool:
    return any(getattr(part, "__origin__", None) is list for part in (type_, *get_args(type_)))


def mended(raw: Any, shape: type[msgspec.Struct]) -> dict[str, Any]:
    """Returns the file with the nearest right word for each that is wrong, without what is of another type, and with
    something for what is missing, so that the rest of it can be looked at too."""
    if not isinstance(raw, dict):
        return {}
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    types = get_type_hints(shape)
    out: dict[str, Any] = {}
    for key, value in raw.items():
        name = key if key in fields else nearest(key, fields)
        if name is None or (name != key and name in raw):
            continue
        taken = _mended_value(value, types[fields[name].name])
        if taken is not msgspec.UNSET:
            out[name] = taken
    missing = {key: types[field.name] for key, field in fields.items() if field.required and key not in out}
    return out | {key: next(_words_in(type_), "?" if type_ is str else []) for key, type_ in missing.items()}


def _mended_value(value: Any, type_: Any) -> Any:
    within = _struct_in(type_)
    if within is not None and isinstance(value, dict):
        return mended(value, within)
    if within is not None and isinstance(value, list) and _takes_list(type_):
        return [mended(each, within) for each in value if isinstance(each, dict)]
    try:
        msgspec.convert(value, type_)
    except msgspec.ValidationError:
        return nearest(value, list(_words_in(type_))) or msgspec.UNSET
    return value
