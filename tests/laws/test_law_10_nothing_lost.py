"""Law 10: every record is accepted, a duplicate, or in quarantine with a reason."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from schemas.events.event import canonical
from schemas.store.engine import reader, table_of
from schemas.store.tables import LoggedEvent, Quarantined
from tests.laws.stores import store, take_raw
from tests.laws.strategies import absurd, corrected, law

LOG, KEPT = table_of(LoggedEvent), table_of(Quarantined)
ODD = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12), st.lists(st.integers(), max_size=2))


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A good event with something put in, taken away or changed; as JSON, or cut."""
    (given,) = draw(absurd(max_size=1).filter(lambda events: len(events) == 1))
    plain: dict[str, Any] = json.loads(canonical(given.event))
    where = plain if draw(st.booleans()) or not plain.get("data") else plain["data"]
    name = draw(st.sampled_from([*where, "surprise"]))
    if draw(st.booleans()):
        where[name] = draw(ODD)
    else:
        where.pop(name, None)
    raw = json.dumps(plain).encode()
    return raw[: draw(st.integers(0, len(raw)))] if draw(st.booleans()) else raw


def held(engine: Engine) -> tuple[int, list[tuple[str, str, str]]]:
    with reader(engine) as connection:
        logged = len(connection.execute(select(LOG.c.seq)).all())
        kept = connection.execute(select(KEPT.c.raw, KEPT.c.reason, KEPT.c.place)).all()
    return logged, [(raw, reason, place) for raw, reason, place in kept]


GOOD = corrected(absurd(max_size=2)).map(lambda given: [canonical(each.event) for each in given])
RECORDS = st.lists(st.one_of(st.binary(max_size=40), mangled(), GOOD), max_size=12)


def flat(records: list[Any]) -> list[bytes]:
    return [one for record in records for one in (record if isinstance(record, list) else [record])]


@given(RECORDS)
@law(80)
def test_every_record_is_somewhere(records: list[Any]) -> None:
    raw = flat(records)
    with store() as engine:
        taken = take_raw(engine, raw)
        assert taken.read == len(raw) == taken.accepted + taken.duplicate + taken.rejected
        logged, kept = held(engine)
        assert logged == taken.accepted
        assert len(kept) <= taken.rejected
        assert bool(kept) == bool(taken.rejected)
        assert all(reason and place for _, reason, place in kept)


@given(RECORDS)
@law(30)
def test_sending_it_all_again_changes_nothing(records: list[Any]) -> None:
    raw = flat(records)
    with store() as engine:
        first = take_raw(engine, raw)
        before = held(engine)
        again = take_raw(engine, raw)
        assert again.accepted == 0
        assert again.duplicate == first.accepted + first.duplicate
        assert again.rejected == first.rejected
        assert held(engine) == before
