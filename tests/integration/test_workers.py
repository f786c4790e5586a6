"""The flow on a real broker and PostgreSQL: raw records in, clocks and notices out, as one machine makes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from schemas.calendar import england
from schemas.events import canonical
from schemas.settings import Settings
from schemas.store import connect, reader, table_of
from schemas.tables import Notice, Quarantined
from services.ingest.intake import take_in
from services.ingest.readers.county import County
from services.ingest.readers.given import Given
from services.single import now, rules
from services.timeliness.progress import live_of
from services.timeliness.project import catch_up, digest, rebuild
from tests.integration.brokers import GROUP, Send
from tests.integration.workers import all_folded, running, until

pytestmark = GROUP
ALL = "ingest timeliness alerts"


@lru_cache(maxsize=1)
def records() -> list[bytes]:
    """Some hundred events of the believable county."""
    county = County(40, date(2024, 1, 1), date(2024, 6, 30), 7)
    return [raw for _, raw in county][:600]


@lru_cache(maxsize=1)
def of_one_machine() -> str:
    """The digest of the same events on one machine."""
    engine = connect("sqlite://")
    take_in(engine, Given(records(), "made"), history=False, now=now())
    catch_up(engine, rules().register, rules().calendar)
    found = digest_of(engine)
    engine.dispose()
    return found


def digest_of(engine: Engine) -> str:
    with reader(engine) as connection:
        return digest(connection, live_of(connection) or 1)


@pytest.fixture
def workers_environ(environ: dict[str, str], streaming: Settings, postgres) -> Iterator[dict[str, str]]:
    url = postgres.store()
    yield {**environ, "CASECLOCK_DB": url, "CASECLOCK_SWEEP_SECONDS": "1"}
    postgres.drop(url)


@pytest.fixture
def store(workers_environ: dict[str, str]) -> Iterator[Engine]:
    engine = connect(workers_environ["CASECLOCK_DB"])
    yield engine
    engine.dispose()


def test_from_raw_records_to_notices(workers_environ, store: Engine, send: Send, tmp_path: Path) -> None:
    given = records()
    send(*given, *given[:50])
    send(b"this is no event")
    with running(ALL, workers_environ, tmp_path) as workers:
        until(lambda: all_folded(store, len(given)), workers)
        assert digest_of(store) == of_one_machine()
        until(lambda: any((tmp_path / "notices").glob("*.txt")), workers)
        assert [worker.stop() for worker in workers] == [0, 0, 0]
    with reader(store) as connection:
        assert connection.execute(select(table_of(Quarantined).c.code)).scalars().all() == ["not_json"]
        assert connection.execute(select(table_of(Notice).c.id)).first()
    assert rebuild(store, rules().register, rules().calendar).equal
