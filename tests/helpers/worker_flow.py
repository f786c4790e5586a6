"""The same events for every test of workers, what one machine makes of them, and the store the workers share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

import pytest
from sqlalchemy import Engine

from caseclock.demo.county import County
from caseclock.runtime import now, rules
from schemas.settings.settings import Settings
from schemas.store.engine import connect, reader
from services.ingest.intake.intake import take_in
from services.ingest.readers.given import Given
from services.timeliness.table.catch_up import catch_up, digest
from services.timeliness.table.progress import live_of
from tests.helpers.postgres import Server


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
def workers_environ(environ: dict[str, str], streaming: Settings, postgres: Server) -> Iterator[dict[str, str]]:
    url = postgres.store()
    yield {**environ, "CASECLOCK_DB": url, "CASECLOCK_SWEEP_SECONDS": "1"}
    postgres.drop(url)


@pytest.fixture
def store(workers_environ: dict[str, str]) -> Iterator[Engine]:
    engine = connect(workers_environ["CASECLOCK_DB"])
    yield engine
    engine.dispose()
