"""The pages stay up: many at once, a long writer, half a request, a dear question, an answer that cannot be kept."""

from __future__ import annotations

import logging
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
import uvicorn
from sqlalchemy import Engine, event, update
from starlette.testclient import TestClient

from caseclock.access_log import looks
from caseclock.runtime import now, open_store, rules
from caseclock.web.app import HEADERS, make_app
from caseclock.web.impatient import Impatient
from schemas.store.engine import table_of
from schemas.store.tables import Progress
from tests.helpers.commands import Run
from tests.helpers.sites import COUNCIL, DOOR, KEY, TEAM, fill, signed_in, site, team_path
from tests.product.test_pages import PAGES

MANY = 60


class Quick(Impatient):
    patience = 0.3


@pytest.fixture
def engine(run: Run) -> Iterator[Engine]:
    fill(run)
    engine = open_store("sqlite:///caseclock.db")
    yield engine
    engine.dispose()


@pytest.fixture
def port(engine: Engine) -> Iterator[int]:
    """The pages as they are served, with less patience."""
    with socket.create_server(("127.0.0.1", 0), backlog=MANY) as listening:
        config = uvicorn.Config(
            make_app(engine, rules(), now, key=KEY), log_config=None, log_level="error", http=Quick, lifespan="off"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


def test_many_at_once_are_answered(port: int) -> None:
    def ask(_: int) -> int:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
            return answer.status

    with ThreadPoolExecutor(MANY) as pool:
        assert set(pool.map(ask, range(MANY))) == {200}


@pytest.mark.parametrize("path", [*PAGES, team_path(TEAM, "/one-source"), "/figures.json", "/alerts.csv"])
def test_no_page_takes_a_second_connection_inside_the_first(engine: Engine, path: str) -> None:
    """Then as many as there are connections could each hold one and wait for another, for ever."""
    held: dict[int, int] = {}
    most = []

    def out(*_: object) -> None:
        held[threading.get_ident()] = held.get(threading.get_ident(), 0) + 1
        most.append(held[threading.get_ident()])

    def back(*_: object) -> None:
        held[threading.get_ident()] -= 1

    event.listen(engine, "checkout", out)
    event.listen(engine, "checkin", back)
    with TestClient(make_app(engine, rules(), now, key=KEY), base_url="http://127.0.0.1") as client:
        assert client.get(path).status_code == 200
    assert max(most, default=1) == 1


def test_a_long_writer_holds_up_no_page_and_no_look(run: Run) -> None:
    fill(run)
    with site(DOOR, host=COUNCIL) as client:
        signed_in(client, "ann")
        writer = sqlite3.connect("caseclock.db", isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        assert client.get(team_path(TEAM)).status_code == 200
        assert time.monotonic() - begun < 30, "it waited for the writer, which waits for nobody"
        writer.rollback()
        writer.close()
    engine = open_store("sqlite:///caseclock.db")
    assert [(look.person, look.what) for look in looks(engine)] == [("ann", "list of what is due")]
    assert Path("caseclock.db.looks").exists()
    engine.dispose()


@pytest.mark.parametrize(
    "half", [b"", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na"]
)
def test_half_a_request_is_dropped(port: int, half: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(half)
        answer = b""
        try:
            while piece := client.recv(4096):
                answer += piece
        except ConnectionResetError:
            pass
        assert b"200 OK" not in answer


def test_a_whole_request_on_the_same_connection_later_is_answered(port: int) -> None:
    whole = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        for _ in range(2):
            client.sendall(whole)
            answer = b""
            while not answer.endswith(b"ok\n"):
                answer += client.recv(4096)
            assert b"200 OK" in answer


@pytest.mark.parametrize("path", ["/nothing", "/team/", "/alert/x", "/figures.json?by=x", "/broken"])
def test_errors_carry_the_headers_too(engine: Engine, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with TestClient(
        make_app(engine, rules(), now, key=KEY), base_url="http://127.0.0.1", raise_server_exceptions=False
    ) as client:
        if path == "/broken":  # the store is gone under its feet
            engine.dispose()
            Path("caseclock.db").rename("elsewhere.db")
            path = "/alerts"
        answer = client.get(path, headers={"host": "127.0.0.1"})
    assert answer.status_code >= 400
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_a_name_that_is_not_ours_is_refused_with_the_headers(engine: Engine) -> None:
    with TestClient(make_app(engine, rules(), now, key=KEY), base_url="http://evil.example") as client:
        answer = client.get("/")
    assert (answer.status_code, answer.headers["x-frame-options"]) == (400, "DENY")


def test_no_redirect_is_made_of_a_stroke_too_many(engine: Engine) -> None:
    """Its address would be made of what the proxy says, and begin with http."""
    with TestClient(
        make_app(engine, rules(), now, key=KEY), base_url="http://127.0.0.1", follow_redirects=False
    ) as client:
        assert {client.get(path).status_code for path in ("/standards/", "/alerts/", "/static")} == {404}


def test_pages_that_do_not_go_by_the_rules_of_now_say_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The teams file is changed under running pages; or a sweep by another process has folded by other rules."""
    fill(run)
    minutes = iter(range(60))
    engine = open_store("sqlite:///caseclock.db")
    app = make_app(engine, rules(), lambda: now() + timedelta(minutes=next(minutes)), key=KEY)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        assert "start them again" not in client.get("/").text
        (tmp_path / "teams.csv").write_text("team,division,from_on,to_on\na,A,,\n", "utf-8")
        monkeypatch.setenv("CASECLOCK_TEAMS", str(tmp_path / "teams.csv"))
        assert "start them again" in client.get("/").text
        monkeypatch.delenv("CASECLOCK_TEAMS")
        assert "start them again" not in client.get("/").text
        with engine.begin() as connection:
            connection.execute(update(table_of(Progress)).values(register_version="another"))
        assert "were folded by another register" in client.get("/alerts").text
    engine.dispose()


def test_what_is_no_http_is_told_so_with_the_headers(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
        answer = b""
        while piece := client.recv(4096):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 400")
    for name, value in HEADERS.items():
        assert f"{name}: {value}".lower().encode() in answer.lower()


def test_half_a_form_is_dropped_and_nothing_logged(port: int, caplog: pytest.LogCaptureFixture) -> None:
    head = f"POST /alert/x HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 9\r\n\r\na"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(head.encode())
        with suppress(ConnectionResetError):
            assert client.recv(4096) == b""
    with urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        assert answer.status == 200
    assert not [one for one in caplog.records if one.name == "uvicorn.error" and one.levelno >= logging.ERROR]
