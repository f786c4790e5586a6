"""One line of a scenario as one event.

`2024-01-02 enquiry.started {enquiry_id: E1}, recorded 2024-01-10, as e9`: a bare day is a date-only fact; a
time of day is London time unless it says its zone (`Z`, `+00:00`). What the vocabulary requires and the line
leaves out is filled in by fixed defaults (`default_of`), so that a line says only what matters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import yaml

from schemas.events.event import CaseEvent, from_dict
from schemas.events.vocabulary import KINDS, Field
from schemas.time.days import LONDON, end_of_day

CHILD, SOURCE = "C1", "scenario"
CLAUSES = {"recorded", "known", "retracts", "replaces", "as", "from", "child", "team", "worker"}
DEFAULTS: dict[str, Any] = {
    "before_birth": False,
    "conference_required": False,
    "with_current_carer": False,
    "method": "in_person",
    "by": "social_worker",
    "from": "home",
    "unit": "weeks",
}
OWN = {"meeting_id", "visit_id"}  # each event is another one
_LINE = re.compile(
    r"(?P<when>\S+)\s+(?P<kind>[a-z_]+\.[a-z_]+)\s*(?:\{(?P<fields>[^}]*)\})?\s*,?\s*(?P<clauses>[^{}]*)$"
)


class Unclear(ValueError):
    """A scenario that does not say what it means. The message says where and what."""


@dataclass(frozen=True)
class Given:
    """An event and the instant from which it was known."""

    event: CaseEvent
    known_at: datetime


class TextOnly(yaml.BaseLoader):
    """YAML whose scalars all stay text (`on` is a word, not true) and whose keys are unique."""


def _mapping(loader: TextOnly, node: yaml.MappingNode) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in made:
            raise Unclear(f"{key!r} is given twice (line {key_node.start_mark.line + 1})")
        made[key] = loader.construct_object(value_node, deep=True)
    return made


TextOnly.add_constructor("tag:yaml.org,2002:map", _mapping)


def day_of(text: str) -> date:
    """A day written `2024-01-31`. Raises Unclear."""
    try:
        return date.fromisoformat(text)
    except (ValueError, TypeError):
        raise Unclear(f"{text!r} is not a day; write 2024-01-31") from None


def instant_of(text: str) -> datetime:
    """An instant: a time with its zone, a London time of day, or a bare day, meaning its end."""
    if "T" not in text:
        return end_of_day(day_of(text))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Unclear(f"{text!r} is not a time; write 2024-01-31T14:30, or add a zone") from None
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    here = moment.replace(tzinfo=LONDON)
    if here.utcoffset() != here.replace(fold=1).utcoffset():
        raise Unclear(f"{text!r} happens twice or never in London: add its zone")
    return here.astimezone(UTC)


def bool_of(text: str) -> bool:
    """`true` or `false`, and no other spelling."""
    if text not in ("true", "false"):
        raise Unclear(f"{text!r} is neither true nor false")
    return text == "true"


def event_of(line: str, number: int) -> Given:
    """The event a line describes; `number` (1, 2 ...) gives its id where it names none. Raises Unclear."""
    match = _LINE.fullmatch(line.strip())
    if match is None:
        raise Unclear(f"{line!r} is not `DAY kind.of_event {{field: value}}, recorded DAY, as ID`")
    kind = KINDS.get(match["kind"])
    if kind is None:
        raise Unclear(f"{match['kind']!r} is no kind of event")
    clauses = _clauses(match["clauses"])
    identity = clauses.get("as", f"e{number}")
    source = clauses.get("from", SOURCE)
    raw: dict[str, Any] = {
        "specversion": "1.0",
        "type": kind.name,
        "id": identity,
        "source": source,
        "subject": source if kind.about == "feed" else clauses.get("child", CHILD),
        "data": _data(match["fields"], kind.fields, kind.name, identity),
        **{key: clauses[key] for key in ("retracts", "replaces", "team", "worker") if key in clauses},
    }
    when = match["when"]
    raw |= {"time": instant_of(when)} if "T" in when else {"occurredon": day_of(when)}
    if "recorded" in clauses:
        raw["recordedtime"] = instant_of(clauses["recorded"])
    try:
        event = from_dict(raw)
    except ValueError as refused:
        raise Unclear(f"{line!r}: {refused}") from refused
    known_at = instant_of(clauses["known"]) if "known" in clauses else None
    return Given(event, known_at or event.recordedtime or event.moment)


def _clauses(text: str) -> dict[str, str]:
    made: dict[str, str] = {}
    for clause in filter(None, (part.strip() for part in text.split(","))):
        word, _, value = clause.partition(" ")
        if word not in CLAUSES or not value.strip() or " " in value.strip():
            raise Unclear(f"{clause!r} is not one of {', '.join(sorted(CLAUSES))} with one value")
        if word in made:
            raise Unclear(f"{word!r} is given twice")
        made[word] = value.strip()
    return made


def _data(text: str | None, fields: dict[str, Field], kind: str, identity: str) -> dict[str, Any]:
    given = yaml.load("{" + (text or "") + "}", TextOnly)
    unknown = set(given) - set(fields)
    if unknown:
        raise Unclear(f"{kind} has no field {', '.join(sorted(unknown))}")
    data = {name: _value(fields[name], value) for name, value in given.items()}
    for name, field in fields.items():
        if name not in data and not field.optional:
            data[name] = default_of(field, kind, identity)
    return data


def _value(field: Field, value: Any) -> Any:
    if field.type.startswith("["):
        if not isinstance(value, list):
            raise Unclear(f"{field.name} is a list: write [{value}]")
        return value
    readers: dict[str, Any] = {"bool": bool_of, "date": day_of, "int": int, "num": float}
    return readers.get(field.type, str)(value)


def default_of(field: Field, kind: str, identity: str) -> Any:
    """What a required field is when a line leaves it out: the first choice, true, 1, an id made of its name.

    `enquiry_id` becomes `enquiry-1`; what every event has of its own takes the event's id (`meeting-e2`).
    Raises Unclear where only the author can say."""
    if field.name in DEFAULTS and (not field.choices or DEFAULTS[field.name] in field.choices):
        return DEFAULTS[field.name]
    if field.type == "enum":
        return field.choices[0] if field.choices else "not_stated"
    name = field.name.removesuffix("_ids").removesuffix("_id")
    if field.type == "id" and field.name != "into":
        return f"{name}-{identity if field.name in OWN else 1}"
    if field.name == "missing_ids":
        return [f"{name}-1"]
    simple: dict[str, Any] = {"bool": True, "int": 1, "num": 1.0}
    if field.type in simple:
        return simple[field.type]
    raise Unclear(f"{kind} needs {field.name}")
