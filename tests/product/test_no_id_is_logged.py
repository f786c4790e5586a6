"""No child's id is in anything that leaves the product by itself: what commands and servers write to the terminal, also
when they fail, addresses, messages, metrics. A county is lived in, by the commands, and failures are planted."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.error import HTTPError

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from caseclock.demo.county import County
from caseclock.faults import trace
from caseclock.runtime import open_store
from caseclock.workers.state import State
from schemas.store.engine import append_rows, reader, table_of
from schemas.store.refusals import why
from schemas.store.tables import Alert, ClockRow, FaultRow, Notice
from services.alerts.channels import Message
from services.alerts.channels.mail import Mail
from services.alerts.channels.mail import Relay as Where
from services.ingest.log.guards import TRIGGERS
from tests.helpers.commands import CASECLOCK, Ran, Run
from tests.helpers.databases import Engine
from tests.helpers.relay import Relay, certificate, smtp
from tests.helpers.sites import site

ID = re.compile(r"(?<![0-9A-Za-z])C0\d{5}(?![0-9A-Za-z])", re.IGNORECASE)
DAYS = ("2024-08-29T08:00:00Z", "2024-08-30T08:00:00Z", "2024-09-02T08:00:00Z")
REFUSED = (
    b'{"specversion":"1.0","id":"x1","source":"county","type":"visit.maid","subject":"C000001"}',
    b'{"subject":"C000001", cut off',
    b'{"specversion":"1.0","id":"x2","source":"county","type":"visit.made","subject":"C000001","C000002":"C000003"}',
)


def clean(what: str, said: str) -> None:
    found = ID.findall(said)
    assert not found, f"{what} names {found[0]}: {said[:2000]}"


@pytest.fixture
def county(spawn: Run, tmp_path: Path) -> Run:
    """A county lived in by the commands, each of which is looked at: it was taken in, and told of on three mornings."""
    lines = [raw for _, raw in County(60, date(2023, 9, 1), date(2024, 9, 1), seed=7)]
    Path("events.ndjson").write_bytes(b"\n".join((*lines, *REFUSED)) + b"\n")

    def ran(*arguments: object, **environment: str) -> Ran:
        done = spawn(*arguments, CASECLOCK_NOTICES=str(tmp_path / "notices"), **environment)
        asked_for = arguments[0] in ("alerts", "clocks")  # lists of children, which whoever asks is to see
        clean(" ".join(map(str, arguments)), done.err + ("" if asked_for else done.out))
        return done

    ran("import", "events.ndjson")
    for day in DAYS:
        ran("sweep", "--now", day)
    return ran


def test_what_the_commands_say_of_a_county(county: Run) -> None:
    for command in (
        ("import", "events.ndjson"),
        ("quarantine", "retry"),
        ("figures", "--period", "2024-08", "--as-of", DAYS[0]),
        ("status",),
        ("verify",),
        ("rebuild",),
        ("alerts",),
        ("erase", "C000004", "--reason", "records panel"),
        ("clocks", "C999999"),
        ("import", "--history", "events.ndjson"),
        ("import", "nothing.ndjson"),
    ):
        county(*command)
    for file in Path("notices").glob("*"):
        clean(file.name, file.name + file.read_text())


@contextmanager
def pages() -> Iterator[tuple[str, list[str]]]:
    """The pages as a process of their own; what it wrote, once it has ended."""
    said: list[str] = []
    command = [*CASECLOCK, "pages", "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ)
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    try:
        yield first.split()[4], said
    finally:
        process.send_signal(signal.SIGINT)
        said += [first, process.communicate(timeout=30)[0]]


@pytest.mark.usefixtures("county")
def test_addresses_and_headers_of_the_pages() -> None:
    with site(db="sqlite:///caseclock.db") as client:
        waiting, seen = ["/"], set()
        while waiting and len(seen) < 60:
            path = waiting.pop()
            seen.add(path)
            answer = client.get(path)
            clean(f"the headers of {path}", str(answer.headers))
            addresses = re.findall(r'(?:href|src|action)="([^"]*)"', answer.text)
            clean(f"the addresses of {path}", "\n".join(addresses))
            waiting += [one for one in dict.fromkeys(addresses) if one.startswith("/") and one not in seen]
        assert any(path.startswith("/child/") for path in seen)


def raw(*statements: str) -> None:
    """Changes the store, as somebody who takes the guards off."""
    connection = sqlite3.connect("caseclock.db", isolation_level=None)
    for statement in (*(f"DROP TRIGGER IF EXISTS {name}" for name in TRIGGERS), *statements):
        connection.execute(statement)
    connection.close()


def test_a_statement_that_fails_does_not_say_what_it_was_given(county: Run) -> None:
    raw("CREATE TRIGGER planted BEFORE INSERT ON clock BEGIN SELECT RAISE(ABORT, 'planted'); END")
    done = county("rebuild")
    assert done.code == 1
    assert "planted" in done.err


def test_a_fault_of_ours_says_where_it_was_and_not_whom_it_met(county: Run) -> None:
    """An event that was tampered with: what decodes it says which word it cannot read, here a child's id."""
    raw('UPDATE event_log SET payload = CAST(\'{"type":"C000007","subject":"C000007"}\' AS BLOB) WHERE seq = 5')
    for command in (("rebuild",), ("verify",), ("figures", "--period", "2024-08", "--as-of", DAYS[0])):
        assert county(*command).code == 1
    assert "a fault of ours" in county("rebuild").err


def test_pages_that_fail_say_nothing_of_the_child(county: Run) -> None:
    raw('UPDATE event_log SET payload = CAST(\'{"type":"C000007","subject":"C000007"}\' AS BLOB)')
    with pages() as (address, said):
        for path in ("/", "/alerts", "/figures.json?known-at=2024-09-01", "/child/x", "/nothing%00"):
            try:
                urllib.request.urlopen(address + path, timeout=30).close()
            except HTTPError as refused:
                clean(path, refused.read().decode())
    clean("the pages' process", "\n".join(said))


def test_a_channel_that_fails(spawn: Run, county: Run, tmp_path: Path) -> None:
    (tmp_path / "no folder").write_text("a file")
    done = spawn("sweep", "--now", "2024-09-03T08:00:00Z", CASECLOCK_NOTICES=str(tmp_path / "no folder"))
    assert "left" in done.err
    clean("sweep", done.out + done.err)


@pytest.mark.usefixtures("county")
def test_mail(tmp_path: Path) -> None:
    engine, relay, cert = open_store("sqlite:///caseclock.db"), Relay(), certificate(tmp_path)
    notice = table_of(Notice)
    with reader(engine) as connection:
        columns = (notice.c.id, notice.c.team, notice.c.level, notice.c.text, notice.c.created_at)
        notices = [
            Message(*row, to="ann", address="ann@council.gov.uk") for row in connection.execute(select(*columns))
        ]
        assert connection.execute(select(table_of(Alert).c.child)).first() is not None
    assert notices
    with smtp(relay, cert) as port:
        where = Where("localhost", port, "clocks@council.gov.uk", ca=cert.path)
        for one in notices:
            Mail(where).send(one, datetime(2024, 9, 2, 9, tzinfo=UTC))
    assert len(relay.mails) == len(notices)
    for mail in relay.mails:
        clean("a mail", mail.as_string())


def test_metrics_have_no_label_of_a_child() -> None:
    state = State("timeliness")
    clean("metrics", generate_latest(state.registry).decode() + json.dumps(sorted(vars(state))))


# -- what a database and Python say of a failure -----------------------------------------------------------------------


def failing(engine: Engine) -> list[DBAPIError]:
    """Statements that are refused for what they are given."""
    table = table_of(FaultRow)
    values = {"generation": 1, "standard": "C000001", "child": "C000001", "event": "C000001", "what": "x"}
    found = []
    for refused in (
        lambda c: c.execute(table.insert(), [{**values, "id": 1}, {**values, "id": 1}]),
        lambda c: c.execute(table.insert().values({**values, "generation": None})),
        lambda c: c.execute(
            text("INSERT INTO fault (id, generation) VALUES (1, CAST(:x AS integer))"), {"x": "C000001"}
        ),
        lambda c: append_rows(c, FaultRow, [(1, 1, "C000001", "C000001", "C000001", None)]),
    ):
        try:
            with engine.begin() as connection:
                refused(connection)
        except DBAPIError as wrong:
            found.append(wrong)
    assert len(found) == 4
    return found


def test_what_is_said_of_a_database_that_refused(engine: Engine) -> None:
    assert ClockRow.__tablename__ == "clock"
    for wrong in failing(engine):
        clean("the reason", why(wrong))
        clean("the trace", trace(wrong))
        clean("SQLAlchemy's own words of its statement", str(wrong).replace(str(wrong.orig), ""))


def test_a_trace_tells_kinds_and_places_and_no_words() -> None:
    def look() -> None:
        try:
            {}["C000001"]
        except KeyError as missing:
            raise RuntimeError("of C000001") from missing

    with pytest.raises(RuntimeError) as caught:
        look()
    said = trace(caught.value)
    clean("the trace", said)
    assert [line.split()[0] for line in said.splitlines() if not line.startswith(" ")] == ["KeyError", "RuntimeError"]
    assert "test_no_id_is_logged.py" in said


def test_with_python_in_its_development_mode_all_is_said(county: Run) -> None:
    raw('UPDATE event_log SET payload = CAST(\'{"type":"C000007"}\' AS BLOB) WHERE seq = 5')
    command = [sys.executable, "-X", "dev", "-m", "caseclock.cli.main", "rebuild"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "C000007" in ended.stderr
