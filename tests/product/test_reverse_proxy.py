"""The example of a reverse proxy, tried with the real nginx: it signs people in, limits them and lets nothing slip in."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path

import pytest
import uvicorn

from caseclock.runtime import now, open_store, rules
from caseclock.web.app import HEADERS, make_app
from caseclock.web.impatient import Impatient
from caseclock.web.sign_in import SignIn
from tests.helpers.commands import Run
from tests.helpers.sites import KEY, ROUTES, SECRET, TEAM, fill, team_path

EXAMPLE = Path(__file__).parents[2] / "deploy" / "nginx" / "caseclock.conf"
NAME = "caseclock.council.example"
ANN = "ann", "a password of ann's"


class Proxy:
    """nginx before the pages; `ask` as a browser would."""

    def __init__(self, port: int, plain_port: int) -> None:
        self.port, self.plain_port = port, plain_port

    def ask(self, path: str, person: tuple[str, str] | None = ANN, **headers: str) -> HTTPResponse:
        context = ssl._create_unverified_context()
        connection = HTTPSConnection("127.0.0.1", self.port, context=context, timeout=20)
        if person is not None:
            headers["Authorization"] = f"Basic {b64encode(':'.join(person).encode()).decode()}"
        connection.request("GET", path, headers={"Host": NAME, **headers})
        answer = connection.getresponse()
        answer.text = answer.read().decode()  # type: ignore[attr-defined]
        connection.close()
        return answer


@pytest.fixture
def proxy(run: Run, tmp_path: Path) -> Iterator[Proxy]:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        reason = "needs nginx: apt install nginx-light"
        if os.environ.get("CI") in ("true", "1"):
            pytest.fail(reason)
        pytest.skip(reason)
    fill(run)
    engine = open_store("sqlite:///caseclock.db")
    door = SignIn("X-Forwarded-User", SECRET, "X-Caseclock-Proxy", ROUTES, NAME)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = make_app(engine, rules(), now, door, KEY)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", http=Impatient, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        ports = free_port(), free_port()
        config = written(tmp_path, listening.getsockname()[1], *ports)
        nginx = subprocess.Popen([program, "-p", str(tmp_path), "-c", str(config), "-e", str(tmp_path / "error.log")])
        wait_for(ports[0])
        yield Proxy(*ports)
        nginx.terminate()
        nginx.wait()
        server.should_exit = True
        thread.join()
    engine.dispose()


def written(folder: Path, pages: int, port: int, plain_port: int) -> Path:
    """The example as it is committed, with what stands in capitals replaced, and places of this test."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={NAME} -keyout {key} -out {certificate}"
    subprocess.run(made.split(), check=True, capture_output=True)
    hashed = subprocess.run(["openssl", "passwd", "-apr1", ANN[1]], check=True, capture_output=True, text=True).stdout
    (folder / "htpasswd").write_text(f"{ANN[0]}:{hashed}\nmallory:{hashed}\n", "utf-8")
    (folder / "htpasswd").chmod(0o644)
    folder.chmod(0o755)
    text = EXAMPLE.read_text("utf-8")
    for was, now_ in (
        ("/etc/ssl/certs/THE_NAME.pem", str(certificate)),
        ("/etc/ssl/private/THE_NAME.key", str(key)),
        ("/etc/nginx/caseclock.htpasswd", str(folder / "htpasswd")),
        ("/var/log/nginx/caseclock.log", str(folder / "caseclock.log")),
        ("127.0.0.1:8765", f"127.0.0.1:{pages}"),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("listen 80", f"listen 127.0.0.1:{plain_port}"),
        ("THE_NAME", NAME),
        ("THE_SECRET", SECRET),
    ):
        assert was in text, f"{was} is not in the example"
        text = text.replace(was, now_)
    config = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    config.write_text(f"daemon off; pid {folder}/pid; {user}\nevents {{}}\nhttp {{\n{text}\n}}\n", "utf-8")
    return config


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.05)
    raise AssertionError("nginx does not listen")


def test_the_example_signs_in_limits_and_lets_nothing_slip_in(proxy: Proxy, tmp_path: Path) -> None:
    assert proxy.ask("/", person=None).status == 401
    assert proxy.ask("/", person=("ann", "wrong")).status == 401

    answer = proxy.ask(team_path(TEAM))
    assert answer.status == 200
    assert "Signed in as ann" in answer.text  # type: ignore[attr-defined]
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.headers["strict-transport-security"]

    as_other = {"X-Forwarded-User": "ann", "X-Caseclock-Proxy": SECRET}
    assert proxy.ask("/", person=("mallory", ANN[1]), **as_other).status == 403, "whom the routes do not know"
    assert proxy.ask("/healthz").status == 403
    assert proxy.ask("/", **{"Content-Length": "100000"}).status == 413

    plain = HTTPConnection("127.0.0.1", proxy.plain_port, timeout=20)
    plain.request("GET", "/alerts?page=2", headers={"Host": NAME})
    redirect = plain.getresponse()
    redirect.read()
    plain.close()
    assert (redirect.status, redirect.headers["location"]) == (308, f"https://{NAME}/alerts?page=2")

    assert 429 in {proxy.ask("/static/caseclock.css").status for _ in range(120)}
    assert "alerts" not in (tmp_path / "caseclock.log").read_text("utf-8"), "no address in a log"
