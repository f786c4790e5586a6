"""`make stack` and `make stack-stop`: broker, database and workers, in a folder of their own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.stack.broker import Broker
from deploy.stack.needs import Missing, java, maven, postgres
from deploy.stack.places import ROOT, Ports, folder, free
from tests.helpers.commands import Run
from tests.helpers.files import enquiry, write
from tests.helpers.postgres import Server

Stack = Callable[..., subprocess.CompletedProcess[str]]
PARTS = ["broker", "database", "ingest-1"]


@pytest.fixture
def place(broker: Broker, postgres: Server) -> Iterator[Path]:
    """A folder that another user may enter, since root's database is run by one; with the jars that are there."""
    made = Path(tempfile.mkdtemp(prefix="caseclock-stack-", dir="/tmp"))
    made.chmod(0o755)
    (made / "jars").symlink_to(folder() / "jars")
    yield made
    shutil.rmtree(made)


@pytest.fixture
def stack(place: Path) -> Iterator[Stack]:
    port = str(20000 + (os.getpid() * 10 + 5000) % 10000)
    environ = {**os.environ, "CASECLOCK_STACK": str(place), "CASECLOCK_STACK_PORT": port}

    def run_it(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "deploy.stack", *arguments],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    yield run_it
    run_it("stop")


def sourced(file: Path) -> dict[str, str]:
    """What a shell has that sources a file."""
    script = f"set -a; source {file}; env -0"
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, env={})
    return dict(line.partition("=")[::2] for line in said.stdout.split("\0") if line.startswith("CASECLOCK_"))


def running(stack: Stack) -> list[str]:
    return [line.split()[0] for line in stack("status").stdout.splitlines() if " runs, " in line]


def test_started_used_started_again_and_stopped(
    stack: Stack, place: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = stack("start")
    assert started.returncode == 0, started.stderr
    assert set(PARTS) <= set(running(stack))
    assert (place / "caseclock.env").stat().st_mode & 0o777 == 0o600
    for name, value in sourced(place / "caseclock.env").items():
        monkeypatch.setenv(name, value)
    assert run("topics").code == 0
    assert run("publish", write("events.ndjson", *enquiry())).code == 0

    kept = json.loads((place / "ports.json").read_text())
    again = stack("start", "--each", "2")
    assert again.returncode == 0, again.stderr
    assert "ingest-2" in running(stack)
    assert json.loads((place / "ports.json").read_text()).items() >= kept.items()

    stopped = stack("stop")
    assert "ingest-1" in stopped.stdout
    assert running(stack) == []
    assert stack("status").returncode == 1
    assert stack("stop").stdout == "nothing was running\n"


def test_a_port_in_use_is_said(stack: Stack, place: Path) -> None:
    kept = Ports(place)
    with socket.create_server(("127.0.0.1", kept.of("broker"))):
        refused = stack("start")
    assert refused.returncode == 1
    assert refused.stderr.startswith("stack: port ")


@pytest.mark.parametrize(
    ("find", "said"),
    [
        (java, "apt install openjdk-17"),
        (maven, "apt install maven"),
        (lambda: postgres(installed=()), "apt install postgresql"),
    ],
)
def test_what_is_missing_is_said_with_what_installs_it(
    find: Callable[[], Path], said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("JAVA_HOME", "M2_HOME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Missing, match=said):
        find()


def test_an_old_java_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(Missing, match=r"Kafka 4 needs Java 17 or newer, and here is: openjdk version \"11"):
        java()


def test_ports_are_chosen_once(tmp_path: Path) -> None:
    first = Ports(tmp_path)
    chosen = [first.of("broker"), first.of("database")]
    assert len(set(chosen)) == 2
    assert [Ports(tmp_path).of("broker"), Ports(tmp_path).of("database")] == chosen
    assert next(free(chosen[0], chosen)) not in chosen
