"""A PostgreSQL that stops, crashes or throws a session out: nothing is half-done, it can be told from a fault of ours,
and when it is back all goes on."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

from schemas.store.engine import connect, reader, table_of
from schemas.store.postgres import passing
from schemas.store.tables import LoggedEvent
from services.ingest.intake.intake import take_in
from services.ingest.log.append import verify
from tests.helpers.databases import Another, content
from tests.helpers.postgres import Server
from tests.helpers.records import NOW, given, record

pytestmark = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
LOG = table_of(LoggedEvent)


class Halfway:
    """A source in the middle of which something happens."""

    size: int | None = None

    def __init__(self, happens: object) -> None:
        self._happens = happens

    def place(self, position: int) -> str:
        return f"line {position}"

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for n in range(300):
            yield n, record(f"n{n}")
            if n == 150:
                self._happens()  # type: ignore[operator]


def halfway(engine: Engine, happens: object) -> DBAPIError:
    """Takes in a source in the middle of which something happens to the database."""
    with pytest.raises(DBAPIError) as raised:
        take_in(engine, Halfway(happens), history=False, now=NOW, at_once=100)
    return raised.value


def goes_on(engine: Engine) -> None:
    """The source that failed is taken in whole, once, after what was there."""
    assert take_in(engine, Halfway(lambda: None), history=False, now=NOW).accepted == 300
    assert (verify(engine).result, verify(engine).checked) == ("whole", 301)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_a_server_that_goes_takes_nothing_half_done_with_it(
    engine: Engine, postgres: Server, how: signal.Signals
) -> None:
    take_in(engine, given(record("e0")), history=False, now=NOW)
    before = content(engine)
    try:
        assert passing(halfway(engine, lambda: postgres.stop(how)))
        with pytest.raises(DBAPIError) as away, reader(engine) as connection:
            connection.execute(select(LOG))
        assert passing(away.value)
    finally:
        postgres.start()
    assert content(engine) == before
    goes_on(engine)


def test_a_session_thrown_out_is_made_anew(engine: Engine, another: Another) -> None:
    take_in(engine, given(record("e0")), history=False, now=NOW)
    before = content(engine)
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    others += " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    operator = another()

    def throw_out() -> None:
        with operator.connect() as connection:
            assert connection.exec_driver_sql(others).all()

    assert passing(halfway(engine, throw_out))
    assert content(engine) == before
    throw_out()  # while they idle: nobody notices
    goes_on(engine)


def test_a_fault_of_ours_does_not_pass(engine: Engine) -> None:
    for statement in ("SELECT nothing", "INSERT INTO feed VALUES (NULL, now())", "DELETE FROM event_log"):
        with pytest.raises(DBAPIError) as raised, engine.begin() as connection:
            connection.exec_driver_sql(statement)
        assert not passing(raised.value)


def test_a_commit_is_on_disk_whatever_the_server_would_promise(engine: Engine, store_url: str) -> None:
    name = engine.url.database
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    fresh = connect(store_url)
    with reader(fresh) as connection:
        for setting, value in (("synchronous_commit", "on"), ("TimeZone", "UTC")):
            assert connection.exec_driver_sql(f"SHOW {setting}").scalar() == value
    fresh.dispose()


def test_who_reads_sees_one_state_and_writes_nothing(engine: Engine, another: Another) -> None:
    take_in(engine, given(record("e1")), history=False, now=NOW)
    with reader(engine) as looking:
        assert len(looking.execute(select(LOG)).all()) == 1
        take_in(another(), given(record("e2")), history=False, now=NOW)
        assert len(looking.execute(select(LOG)).all()) == 1
        with pytest.raises(DBAPIError, match="read-only transaction"):
            looking.exec_driver_sql("INSERT INTO feed VALUES ('x', now())")
