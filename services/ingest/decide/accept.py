"""Says what becomes of one raw record, given what is known. Pure: every record is accepted, a duplicate or rejected.

>>> accept(b'{"type": "visit.made"', Known())
Rejected(code='not_json', reason='this is not a JSON object (it ends in the middle); ...', subject=None, ...)
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from schemas.events.event import CaseEvent, canonical, decode
from services.ingest.decide import reasons
from services.ingest.decide.chain import digest
from services.ingest.decide.merges import Merges
from services.ingest.decide.sketch import sketch
from services.ingest.decide.twice import key_given_twice

Identity = tuple[str, str]  # source, id


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """It goes into the log, spelt as `payload`."""

    event: CaseEvent
    payload: bytes

    erased = False

    @property
    def subject(self) -> str:
        return self.event.subject

    def again(self, payload: bytes) -> bool:
        """Whether this is the same content."""
        return self.payload == payload


class Duplicate(msgspec.Struct, frozen=True, gc=False):
    """The log has it already, or had it and it was erased. Nothing changes."""


class Rejected(msgspec.Struct, frozen=True, gc=False):
    """It goes into quarantine. `code`: not_json, invalid, conflict, wrong_subject or merge_cycle. `subject` and
    `identity`: the child it may be about and the event it claims to be, where the record still shows them."""

    code: str
    reason: str
    subject: str | None = None
    identity: Identity | None = None


Outcome = Accepted | Duplicate | Rejected
DUPLICATE = Duplicate()


class Seen(msgspec.Struct, frozen=True, gc=False):
    """An event that is in the log. One that was erased has neither subject nor salt, only its identity, which is
    enough to know it again."""

    subject: str | None
    salt: bytes | None = None
    digest: bytes | None = None

    @property
    def erased(self) -> bool:
        return self.salt is None

    def again(self, payload: bytes) -> bool:
        """Whether this is the same content."""
        return self.salt is None or digest(self.salt, payload) == self.digest


class LogContext:
    """Holds what must be known to decide: the events that have the identities in question, or are named by
    `replaces` and `retracts`; and the merges."""

    def __init__(self, events: Mapping[Identity, Seen] | None = None, merges: Merges | None = None) -> None:
        self.events: dict[Identity, Seen | Accepted] = dict(events or {})
        self.merges = merges or None  # nearly always there are none

    def add(self, accepted: Accepted) -> None:
        """An event just accepted is known to those after it."""
        event = accepted.event
        self.events[event.source, event.id] = accepted
        if self.merges is not None:
            self.merges.add(event)

    def one_child(self, one: str, other: str) -> bool:
        """Whether two ids are of one child: the same, or merged."""
        return one == other or (self.merges is not None and self.merges.one_child(one, other))


def accept(raw: bytes, known: LogContext) -> Outcome:
    """The outcome of one raw record."""
    return decide(read(raw), known)


def read(raw: bytes) -> CaseEvent | Rejected:
    """The event a record is, or why it is none."""
    try:
        event = decode(raw)
    except (ValueError, RecursionError) as error:
        rough = sketch(raw)
        said = reasons.reason(error, raw, rough.kind)
        identity = (rough.source, rough.id) if rough.source and rough.id else None
        code = "not_json" if said.startswith(reasons.NO_OBJECT) else "invalid"
        return Rejected(code, said, rough.subject, identity)
    twice = key_given_twice(raw, canonical(event))
    return event if twice is None else _rejected(event, "invalid", reasons.TWICE.format(key=reasons.name_of(twice)))


def decide(event: CaseEvent | Rejected, known: LogContext) -> Outcome:
    """Returns what becomes of it, beside what is known."""
    if isinstance(event, Rejected):
        seen = known.events.get(event.identity) if event.identity else None
        return DUPLICATE if seen is not None and seen.erased else event
    seen = known.events.get((event.source, event.id))
    payload = canonical(event)
    if seen is not None:
        return DUPLICATE if seen.again(payload) else _rejected(event, "conflict", reasons.CONFLICT)
    target = event.replaces or event.retracts
    if target is not None:
        named = known.events.get((event.source, target))
        if named is not None and named.subject is not None and not known.one_child(named.subject, event.subject):
            attribute = "replaces" if event.replaces else "retracts"
            return _rejected(event, "wrong_subject", reasons.WRONG_SUBJECT.format(attribute=attribute))
    if known.merges is not None and known.merges.closes_cycle(event):
        return _rejected(event, "merge_cycle", reasons.MERGE_CYCLE)
    return Accepted(event, payload)


def _rejected(event: CaseEvent, code: str, reason: str) -> Rejected:
    return Rejected(code, reason, event.subject, (event.source, event.id))
