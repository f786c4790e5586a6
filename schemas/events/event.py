"""A case event: CloudEvents 1.0 JSON, one class for each kind of the vocabulary.

`decode` reads, checks and types an event in one pass: unknown kinds, attributes and fields, free text where a
code belongs, a time without a zone are all refused (ValueError, saying where). `canonical` gives the bytes
that are hashed and compared: keys in a fixed order, absent left out, so that two spellings of one event are
one event.

    >>> event = decode(b'{"specversion":"1.0","id":"e1","source":"carefirst","type":"visit.made",'
    ...     b'"subject":"C7","occurredon":"2024-03-05","data":{"visit_id":"v1","regime":"cp",'
    ...     b'"by":"social_worker","method":"in_person","seen":true}}')
    >>> event.kind, event.day, event.data.seen, event.data.seen_alone
    ('visit.made', datetime.date(2024, 3, 5), True, None)
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Union

import msgspec

from schemas.events.spelling import Code, Codes, Id, Source, Token, Word, well_spelt
from schemas.events.vocabulary import KINDS, Field, Kind
from schemas.time.days import end_of_day, london_day

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
MOST = 1000  # of any number in an event; a thousand years from 2199 is still a date
YEARS = range(1900, 2200)  # a date outside them is a slip; arithmetic on year 1 or 9999 would fail much later


class CaseEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, gc=False):
    """Holds what every event carries.

    Exactly one of `time` (an instant with its zone) and `occurredon` (a London day).
    `subject`: the child, by the source's own pseudonymous id. `recordedtime`: when it was typed into the
    source. `team`, `worker`: who recorded it (not who is responsible). `replaces`, `retracts`: the `id`
    of another version of the same fact (`schemas.events.chains`), of the same source and child.
    """

    specversion: Literal["1.0"]
    id: Code
    source: Code
    subject: Code
    time: Instant | None = None
    occurredon: date | None = None
    recordedtime: Instant | None = None
    team: Code | None = None
    worker: Code | None = None
    replaces: Code | None = None
    retracts: Code | None = None
    datacontenttype: Literal["application/json"] | None = None
    data: Any = None

    kind: ClassVar[str]
    about: ClassVar[str]
    order: ClassVar[int]
    rank: ClassVar[int]  # its place among events of one instant, see `Kind.rank`
    begins: ClassVar[bool]  # known only by its day, it stands at the day's beginning, any other at its end
    dates: ClassVar[tuple[str, ...]]  # the fields of its data that are dates
    codes: ClassVar[Codes]  # and those that are codes, for `well_spelt`

    @property
    def day(self) -> date:
        """The London day on which it happened."""
        return self.occurredon or london_day(self.time)  # type: ignore[arg-type]

    @property
    def moment(self) -> datetime:
        """The instant it happened; for a date-only event the end of its day."""
        return self.time or end_of_day(self.occurredon)


_LOOSE: dict[str, Any] = {
    "id": Code,
    "bool": bool,
    "int": Annotated[int, msgspec.Meta(ge=0, le=MOST)],
    "num": Annotated[float, msgspec.Meta(ge=0, le=MOST)],
    "date": date,
    "enum": Word,
    "[id]": list[Code],
    "[enum]": list[Word],
    "[agency]": list[Word],
}
_STRICT = _LOOSE | {"id": Id, "enum": Token, "[id]": list[Id], "[enum]": list[Token], "[agency]": list[Token]}
_STRICT_ATTRIBUTES: dict[str, Any] = {"id": Id, "source": Source, "subject": Id} | dict.fromkeys(
    ("team", "worker", "replaces", "retracts"), Id | None
)
_OF_ALL: dict[str, Any] = {
    "module": __name__,
    "frozen": True,
    "forbid_unknown_fields": True,
    "omit_defaults": True,
    "kw_only": True,
    "gc": False,
}


def _field_type(field: Field, types: dict[str, Any]) -> Any:
    typed: Any = Literal[field.choices] if field.choices else types[field.type]
    if field.choices and field.type.startswith("["):
        typed = list.__class_getitem__(typed)
    return typed | None if field.optional else typed


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.replace(".", "_").split("_"))


def _data_class(kind: Kind, types: dict[str, Any]) -> type[msgspec.Struct]:
    fields = [
        (f.name, _field_type(f, types), None) if f.optional else (f.name, _field_type(f, types))
        for f in kind.fields.values()
    ]
    return msgspec.defstruct(f"{_camel(kind.name)}Data", fields, **_OF_ALL)


def _event_class(kind: Kind, base: type[msgspec.Struct], types: dict[str, Any]) -> type[Any]:
    data = _data_class(kind, types)
    needed = any(not field.optional for field in kind.fields.values())
    default = () if needed else (msgspec.field(default_factory=data),)
    return msgspec.defstruct(
        _camel(kind.name), [("data", data, *default)], bases=(base,), tag_field="type", tag=kind.name, **_OF_ALL
    )


def _made(kind: Kind) -> type[CaseEvent]:
    made: type[CaseEvent] = _event_class(kind, CaseEvent, _LOOSE)
    made.kind, made.about, made.order = kind.name, kind.about, kind.order
    made.rank, made.begins = kind.rank, kind.begins
    made.dates = tuple(field.name for field in kind.fields.values() if field.type == "date")
    made.codes = Codes.of(kind)
    return made


EVENT_CLASSES: dict[str, type[CaseEvent]] = {name: _made(kind) for name, kind in KINDS.items()}
AnyEvent: Any = Union[tuple(EVENT_CLASSES.values())]  # noqa: UP007  (a union made at run time)

_decoder = msgspec.json.Decoder(AnyEvent)
_encoder = msgspec.json.Encoder()


@cache
def strict_classes() -> dict[str, type[msgspec.Struct]]:
    """The same classes with the whole rule of every code in them: what is published, and what names the code at
    fault. Nothing is decoded into them that is kept."""
    attributes = [
        (f.name, _STRICT_ATTRIBUTES.get(f.name, f.type), *(() if f.required else (f.default,)))
        for f in msgspec.structs.fields(CaseEvent)
    ]
    base = msgspec.defstruct("CaseEvent", attributes, **_OF_ALL)
    return {name: _event_class(kind, base, _STRICT) for name, kind in KINDS.items()}


@cache
def _strict_decoder() -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(Union[tuple(strict_classes().values())])  # noqa: UP007


def decode(raw: bytes | str) -> CaseEvent:
    """One event from its JSON. Raises ValueError (msgspec's own among it) saying what is wrong and where."""
    event = trusted(raw)
    if not well_spelt(event):
        _strict_decoder().decode(raw)
        raise AssertionError("well_spelt refuses what the strict classes take")
    return checked(event)


def from_dict(raw: dict[str, Any]) -> CaseEvent:
    """One event from plain values (dates as text or `date`), checked as `decode` checks."""
    event: CaseEvent = msgspec.convert(raw, AnyEvent)
    if not well_spelt(event):
        _strict_decoder().decode(_encoder.encode(raw))
        raise AssertionError("well_spelt refuses what the strict classes take")
    return checked(event)


def trusted(payload: bytes | str) -> CaseEvent:
    """One event from the log, which holds only what `decode` let in."""
    event: CaseEvent = _decoder.decode(payload)
    return event


def checked(event: CaseEvent) -> CaseEvent:
    """The rules that span fields. Returns the event, in the one way to say it; raises ValueError."""
    if (event.time is None) == (event.occurredon is None):
        raise ValueError("give exactly one of `time` (an instant with its zone) and `occurredon` (a day)")
    if (event.retracts is not None) != (event.kind == "event.retracted"):
        raise ValueError("`retracts` belongs on event.retracted, which needs it, and on no other kind")
    if event.replaces is not None and event.kind == "event.retracted":
        raise ValueError("event.retracted cannot replace; retract it and send another")
    if event.id in (event.replaces, event.retracts):
        raise ValueError("an event cannot replace or retract itself")
    if event.kind == "child.merged" and event.data.into == event.subject:
        raise ValueError("a child cannot be merged into itself")
    _check_years(event)
    return _plain(event)


def _check_years(event: CaseEvent) -> None:
    when, recorded = event.time or event.occurredon, event.recordedtime
    if when.year in YEARS and (recorded is None or recorded.year in YEARS) and not event.dates:  # type: ignore[union-attr]
        return
    _check_year("time", event.time)
    _check_year("occurredon", event.occurredon)
    _check_year("recordedtime", event.recordedtime)
    for name in event.dates:
        _check_year(name, getattr(event.data, name))


def _check_year(name: str, when: date | None) -> None:
    if when is not None and when.year not in YEARS:
        raise ValueError(f"`{name}` is in the year {when.year}; dates run from {YEARS[0]} to {YEARS[-1]}")


def content(event: CaseEvent) -> bytes:
    """Returns what an event says, in its one spelling: without its own name (`id`, `source`) and without the event
    it replaces or withdraws, so that two events differ here only where they say something else."""
    return canonical(msgspec.structs.replace(event, id="-", source="-", replaces=None, retracts=None))


def canonical(event: CaseEvent) -> bytes:
    """The event's one spelling: fields in the order of the class, absent left out, instants in UTC."""
    return _encoder.encode(_plain(event))


def _plain(event: CaseEvent) -> CaseEvent:
    """The same event with its instants in UTC, and not saying that it is JSON (said or not, it is)."""
    time, recorded = event.time, event.recordedtime
    in_utc = (time is None or time.tzinfo is UTC) and (recorded is None or recorded.tzinfo is UTC)
    if in_utc and event.datacontenttype is None:
        return event
    return msgspec.structs.replace(
        event,
        time=time and time.astimezone(UTC),
        recordedtime=recorded and recorded.astimezone(UTC),
        datacontenttype=None,
    )
