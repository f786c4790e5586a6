"""`copy` from the command line, and the other commands on PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.commands import Run
from tests.helpers.files import enquiry, write
from tests.helpers.postgres import Server

HERE = "sqlite:///caseclock.db"


@pytest.fixture
def there(postgres: Server) -> Iterator[str]:
    """A database with no tables yet."""
    url = postgres.database()
    yield url
    postgres.drop(url)


@pytest.fixture
def filled(run: Run) -> None:
    write("events.ndjson", *enquiry("C1"), *enquiry("C2", held=None))
    assert run("import", "events.ndjson", "--json").json["accepted"] == 7


@pytest.mark.usefixtures("filled")
def test_a_store_moves_to_postgresql_and_back(run: Run, there: str) -> None:
    before = run("verify", "--json").json
    copied = run("copy", HERE, there, "--json")
    assert copied.code == 0, copied.err
    assert copied.json["rows"]["event_log"] == 7
    assert copied.json["head"] == f"7:{before['digest']}"
    assert run("--db", there, "verify", "--json").json == before
    rebuilt = run("rebuild", "--db", there, "--json").json
    assert rebuilt["equal"]
    assert rebuilt["digest"] == copied.json["digest"] == run("rebuild", "--json").json["digest"]
    clocks = ("clocks", "C1", "C2", "--as-of", "2024-04-01", "--format", "json")
    assert run(*clocks, "--db", there).json == run(*clocks).json
    back = run("copy", there, "sqlite:///back.db")
    assert back.code == 0
    assert re.search(r"7 events and [\d,]+ other rows copied", back.out)  # among them the days of the calendar
    assert run("verify", "--db", "sqlite:///back.db", "--json").json == before


@pytest.mark.usefixtures("filled")
def test_postgresql_is_a_store_like_any_other(run: Run, there: str) -> None:
    ran = run("import", "events.ndjson", "--db", there, "--json")
    assert ran.json == {"read": 7, "accepted": 7, "duplicate": 0, "rejected": 0}
    assert run("import", "events.ndjson", "--db", there, "--json").json["duplicate"] == 7
    assert "told" in run("sweep", "--now", "2024-06-03", "--db", there).err
    for command in (
        ("figures", "--period", "2024", "--by", "team", "--format", "json"),
        ("figures", "--period", "2024", "--known-at", "2030-01-01", "--format", "json"),
        ("quarantine", "--format", "json"),
    ):
        assert run(*command, "--db", there).json == run(*command).json


@pytest.mark.usefixtures("filled")
def test_it_refuses_and_says_what_to_do(run: Run, there: str) -> None:
    assert run("copy", HERE, there).code == 0
    full = run("copy", HERE, there)
    assert full.code == 1
    assert "is not empty (event_log" in full.err
    missing = run("copy", "sqlite:///nosuch.db", there)
    assert (missing.code, "nosuch.db: there is no store there" in missing.err) == (1, True)
    assert not Path("nosuch.db").exists()
    assert run("copy", HERE).code == 2
    away = run("copy", HERE, "postgresql://nobody@127.0.0.1:1/nothing")
    assert away.code == 1
    assert "Traceback" not in away.err
