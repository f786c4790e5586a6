"""What the log tells of other children and names an erased one in: said again without the name.

A value that names the child (a family's or a meeting's id made of the child's, an event's own id) becomes a new name,
the same one wherever it stood, so that what belonged together still does. A fact keeps its own id where that does not
name the child, and the moment since when it is known. A merge of another record with the child says nothing without the
child: it is not said again.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Text, and_, cast, func, or_, select

from schemas.events.event import canonical, from_dict
from schemas.events.vocabulary import KINDS
from schemas.store.engine import table_of
from schemas.store.tables import LoggedEvent
from services.ingest.decide.accept import Accepted
from services.ingest.decide.naming import Names

_LOG = table_of(LoggedEvent)
NAMED_ANEW = "erased-"  # and 16 hex digits


class SaidAgain(NamedTuple):
    """A fact without the name, and since when it is known."""

    accepted: Accepted
    known_at: datetime


def naming_others(connection: Connection, names: Names) -> list[Any]:
    """Returns the rows of the log that are about others and name the child in any of their ids."""
    of_bytes = func.convert_from(_LOG.c.payload, "UTF8")
    text: Any = of_bytes if connection.dialect.name == "postgresql" else cast(_LOG.c.payload, Text)
    mentioned = or_(*(text.icontains(one, autoescape=True) for one in sorted(names.ids)))
    query = select(_LOG.c.seq, _LOG.c.source, _LOG.c.id, _LOG.c.subject, _LOG.c.payload, _LOG.c.known_at)
    rows = connection.execute(query.where(and_(_LOG.c.payload.is_not(None), mentioned)).order_by(_LOG.c.seq))
    return [row for row in rows if row.subject not in names.ids and any(map(names.within, ids_in(_told(row.payload))))]


def other_children(connection: Connection, ids: Collection[str]) -> set[str]:
    """Returns the ids of other children of which one of these is a part."""
    mentioned = or_(*(_LOG.c.subject.icontains(one, autoescape=True) for one in sorted(ids)))
    return set(connection.execute(select(_LOG.c.subject).where(mentioned).distinct()).scalars()) - set(ids)


def said_again(rows: Sequence[Any], names: Names) -> list[SaidAgain]:
    """Returns what these rows tell, without the name."""
    anew: dict[str, str] = {}

    def renamed(value: Any) -> Any:
        if isinstance(value, list):
            return [renamed(one) for one in value]
        if isinstance(value, str) and names.within(value):
            return anew.setdefault(value, NAMED_ANEW + secrets.token_hex(8))
        return value

    found = []
    for row in rows:
        told = _told(row.payload)
        if told["type"] != "child.merged":
            for where, name in _places(told):
                where[name] = renamed(where[name])
            event = from_dict(told)
            found.append(SaidAgain(Accepted(event, canonical(event)), row.known_at))
    return found


def ids_in(told: dict[str, Any]) -> list[str]:
    """Returns the ids that an event has but the child's own: a number or a code may be any child's id by chance."""
    values = [where[name] for where, name in _places(told)]
    return [one for value in values for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def _places(told: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Where an event has ids: what has them, and under which name."""
    data, fields = told.get("data") or {}, KINDS[told["type"]].fields
    of_data = [(data, name) for name in data if fields[name].type in ("id", "[id]")]
    return [*((told, name) for name in ("id", "team", "worker", "replaces", "retracts") if name in told), *of_data]


def _told(payload: bytes) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.json.decode(payload)
    return told
