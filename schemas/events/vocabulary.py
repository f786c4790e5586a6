"""The vocabulary: every kind of event, whom it is about, and the fields it may carry.

The words are data (`vocabulary.csv`, `fields.csv`, `codes.csv`); this file only reads them. A field is written
`name:type`, with `?` after a type that may be absent. Absent means unknown, never false. `MEETING` stands for
the fields every meeting has. `codes.csv` declares the codes of each field that is a code and does not list them here:
all there are, or (`more`) those known in England, beside which a council may have its own.

    >>> KINDS["visit.made"].fields["seen"]
    Field(name='seen', type='bool', optional=False, choices=(), codes=())
    >>> KINDS["missing.started"].fields["category"].choices, KINDS["plan.made"].fields["goal"].codes[:2]
    (('missing', 'away'), ('return_home', 'family_placement'))
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files

MEETING = (
    "meeting_id:id complete:bool continues:id? quorate:bool? method:enum? invited:[agency]?"
    " attended:[agency]? reported:[agency]? child_part:enum(PN0-PN7)? advocate:bool? next_on:date?"
)
EVERY_KIND = "referral_id:id?"  # any event may say which referral it belongs to

CODED = frozenset({"enum", "[enum]", "[agency]"})  # the types of fields that are codes
EVERY_KIND_OF_EVENT = "@kinds"

TYPES = frozenset({"id", "bool", "int", "num", "date", "enum", "[id]", "[enum]", "[agency]"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind. `choices`: the only codes it takes; empty where others may come (any single token, never
    free text), and `codes` are then those that are declared: what a standard may ask for without declaring it."""

    name: str
    type: str
    optional: bool
    choices: tuple[str, ...]
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event. `order` ranks events of the same instant: starts (20) before what happens in between
    (30) before ends (40). `edge`: `start` for a kind that begins work or a state, `referral` for one that comes before
    everything it may lead to, `end` for one that ends a state whatever its order, empty for any other. `assigns_team`
    marks the kinds that set who is responsible."""

    name: str
    about: str
    order: int
    edge: str
    assigns_team: bool
    sentence: str
    fields: dict[str, Field]

    @property
    def begins(self) -> bool:
        """Whether it begins something: known only by its day, it stands at the day's beginning."""
        return self.edge in ("start", "referral")

    @property
    def rank(self) -> int:
        """The place among events of one instant: by `order`, of one order what begins something first, and a referral
        before everything that it may lead to."""
        if self.edge == "referral":
            return _AFTER_WHO_THE_CHILD_IS
        return (_ENDS if self.edge == "end" else self.order) * 10 + (not self.begins)

    @property
    def own_id(self) -> str:
        """The field with the id of what happened itself, or of what it began (`care_id`, `meeting_id`); empty for none.
        A referral's id is own to what happens to referrals alone."""
        needed = (field.name for field in self.fields.values() if field.type == "id" and not field.optional)
        of_referrals = self.name.startswith("referral.")
        return next((name for name in needed if of_referrals or name != _REFERRAL), "")

    @property
    def is_meeting(self) -> bool:
        return "complete" in self.fields


_REFERRAL = "referral_id"
_AFTER_WHO_THE_CHILD_IS = 110  # `order` 10 is what is said of the child and the team; the first starts have 20
_ENDS = 40
EDGES = frozenset({"", "start", "referral", "end"})
_FIELD = re.compile(r"(\w+):(\[?\w+\]?)(?:\(([^)]*)\))?(\?)?$")


def _field(text: str) -> Field:
    match = _FIELD.match(text)
    if not match or match[2] not in TYPES:
        raise ValueError(f"vocabulary.csv: {text!r} is not a field; write name:type, one of {sorted(TYPES)}")
    choices = tuple(_spread(match[3])) if match[3] else ()
    return Field(match[1], match[2], bool(match[4]), choices)


def _spread(choices: str) -> list[str]:
    """`RC1-RC3,other` names RC1, RC2, RC3 and other."""
    out: list[str] = []
    for choice in choices.split(","):
        span = re.fullmatch(r"([A-Z]+)(\d)-\1(\d)", choice)
        out += [f"{span[1]}{n}" for n in range(int(span[2]), int(span[3]) + 1)] if span else [choice]
    return out


def _kind(row: dict[str, str]) -> Kind:
    text = row["fields"].replace("MEETING", MEETING)
    fields = [_field(part) for part in f"{text} {EVERY_KIND}".split()]
    by_name: dict[str, Field] = {}
    for field in fields:
        by_name.setdefault(
            field.name, _coded(row["kind"], field)
        )  # a kind whose own referral_id is required keeps it so
    assigns = row["assigns_team"] == "yes"
    if row["edge"] not in EDGES:
        raise ValueError(f"vocabulary.csv: {row['kind']}: edge is {row['edge']!r}; one of {sorted(EDGES)}")
    return Kind(row["kind"], row["about"], int(row["order"]), row["edge"], assigns, row["sentence"], by_name)


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def _coded(kind: str, field: Field) -> Field:
    """Returns a field with its declared codes."""
    row = _CODES.get(f"{kind}.{field.name}") or _CODES.get(f"*.{field.name}")
    if row is None or field.choices or field.type not in CODED:
        return field
    codes = tuple(row["codes"].split()) if row["codes"] != EVERY_KIND_OF_EVENT else _NAMES
    return replace(field, codes=codes) if row["more"] else replace(field, choices=codes)


_CODES = {row["field"]: row for row in _rows("codes.csv")}
_NAMES = tuple(row["kind"] for row in _rows("vocabulary.csv"))
KINDS: dict[str, Kind] = {row["kind"]: _kind(row) for row in _rows("vocabulary.csv")}


def words() -> dict[tuple[str, str], str]:
    """Returns what each attribute of an event (`("event", name)`) and each field of its data (`("data", name)`)
    means, and what it means when it is absent."""
    return {(row["of"], row["name"]): row["sentence"] for row in _rows("fields.csv")}
