"""A small county with corrections in its last week, for tests of the pack."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
from sqlalchemy import Engine, select

from caseclock.demo.county import County
from caseclock.pack.request import PackRequest, ask
from caseclock.runtime import fold, rules
from schemas.store.engine import reader, table_of
from schemas.store.tables import LoggedEvent
from schemas.time.days import iso, parse_moment
from services.ingest.intake.intake import take_in
from tests.helpers.records import given

NOW = datetime(2024, 3, 11, 8, 0, tzinfo=UTC)  # the Monday after
WEEK = "2024-W10"
_LOG = table_of(LoggedEvent)


def fill(engine: Engine, children: int = 130) -> None:
    """A county known to the Wednesday of W10; on the Friday some of it is taken back, put right and joined."""
    take_in(engine, County(children, date(2023, 1, 1), date(2024, 3, 6), seed=3), history=True, now=NOW)
    take_in(engine, given(*_corrections(engine)), history=False, now=parse_moment("2024-03-08T12:00+00:00"))
    fold(engine, rules())


def asked(week: str = WEEK, division: str | None = None, *, shared: bool = False, **more: object) -> PackRequest:
    said = {"as_of_on": None, "known_at": None, **more}
    return ask(rules(), week, division, said["as_of_on"], said["known_at"], shared, NOW)  # type: ignore[arg-type]


def _corrections(engine: Engine) -> list[bytes]:
    visits = _rows(engine, "visit.made", date(2024, 2, 1), date(2024, 2, 29))
    quarter = min(10, len(visits) // 4)
    out = [_retracted(row) for row in visits[:quarter]]
    out += [_replaced(row) for row in visits[quarter : 2 * quarter]]
    children = sorted({row.subject for row in visits[2 * quarter :]})
    out.append(_event("m1", children[0], "child.merged", {"into": children[1]}))
    team = _event("t1", children[2], "case.team_set", {"team": "north-family-1"})
    return [*out, team]


def _rows(engine: Engine, kind: str, first: date, last: date):  # type: ignore[no-untyped-def]
    c = _LOG.c
    with reader(engine) as connection:
        query = select(c.id, c.subject, c.payload).where(c.type == kind, c.occurred_on.between(first, last))
        return connection.execute(query.order_by(c.seq)).all()


def _event(id: str, child: str, kind: str, data: dict[str, object], **more: object) -> bytes:
    event = {
        "specversion": "1.0",
        "id": id,
        "source": "county",
        "type": kind,
        "subject": child,
        "occurredon": "2024-02-20",
        "data": data,
        "recordedtime": iso(parse_moment("2024-03-08T09:00+00:00")),
        **more,
    }
    return msgspec.json.encode(event)


def _retracted(row) -> bytes:  # type: ignore[no-untyped-def]
    return _event(f"r-{row.id}", row.subject, "event.retracted", {}, retracts=row.id)


def _replaced(row) -> bytes:  # type: ignore[no-untyped-def]
    was = msgspec.json.decode(row.payload)
    was |= {
        "id": f"p-{row.id}",
        "replaces": row.id,
        "occurredon": "2024-03-01",
        "recordedtime": iso(parse_moment("2024-03-08T09:00+00:00")),
    }
    was.pop("time", None)
    return msgspec.json.encode(was)
