"""`caseclock run`: the made-up county from end to end, on a few children, and the pages it serves."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.helpers.commands import CASECLOCK, Run
from tests.helpers.files import enquiry, write

STORE = "sqlite:///.caseclock/county.db"
SMALL = ("--children", 60)


def test_it_shows_figures_the_worst_and_what_was_told(run: Run) -> None:
    ran = run("run", *SMALL, "--once")
    assert ran.code == 0
    for said in ("A made-up county of 60 children", "The week to", "Breckland", "overdue clocks", "Told in"):
        assert said in ran.out
    assert run("verify", "--json", "--db", STORE).json["result"] == "whole"
    assert run("rebuild", "--json", "--db", STORE).json["equal"] is True
    told = run("alerts", "--format", "json", "--db", STORE).json
    assert told
    assert len({alert["told_at"] for alert in told}) > 1  # over several mornings
    hours = Counter(alert["told_at"][11:13] for alert in told)
    assert hours.keys() <= {"07", "08", "12", "13"}  # digests at 08:00 in London; what is urgent at 13:00 too
    assert hours["07"] + hours["08"] > 5 * (hours["12"] + hours["13"])


def test_each_run_begins_afresh(run: Run) -> None:
    run("run", *SMALL, "--once")
    first = run("verify", "--json", "--db", STORE).json
    run("run", *SMALL, "--once", "--seed", 2)
    assert run("verify", "--json", "--db", STORE).json["digest"] != first["digest"]


def test_nobodys_store_is_written_over(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write("events.ndjson", *enquiry())
    run("import", "events.ndjson", "--db", "sqlite:///mine.db")
    ran = run("run", *SMALL, "--once", "--db", "sqlite:///mine.db")
    assert ran.code == 1
    assert "that store holds events" in ran.err
    monkeypatch.setenv("CASECLOCK_DB", "sqlite:///mine.db")
    assert run("run", *SMALL, "--once").code == 0
    assert run("verify", "--json", "--db", "sqlite:///mine.db").json["checked"] == 4


def test_where_nothing_can_be_written_it_goes_to_a_temporary_folder(run: Run) -> None:
    Path(".caseclock").write_text("in the way")
    ran = run("run", *SMALL, "--once")
    assert ran.code == 0
    assert "caseclock-" in ran.out


# -- the pages ---------------------------------------------------------------------------------------------------------


class Served(NamedTuple):
    process: subprocess.Popen[str]
    port: int

    def get(self, path: str, host: str | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text


@pytest.fixture
def served() -> Iterator[Served]:
    process = subprocess.Popen(
        [*CASECLOCK, "run", "--children", "30", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    port = None
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            port = int(found[1])
            break
    assert port, process.communicate()[1]
    yield Served(process, port)
    process.kill()
    process.communicate()


def test_it_serves_the_same_until_interrupted(served: Served, run: Run) -> None:
    status, home = served.get("/")
    assert status == 200
    assert "Longest overdue" in home
    assert served.get("/healthz") == (200, "ok\n")
    status, _ = served.get("/figures.json?period=2024-W10")
    assert status == 200
    assert served.get("/", host="evil.example")[0] == 400
    served.process.send_signal(signal.SIGINT)
    out, err = served.process.communicate(timeout=30)
    assert served.process.returncode == 0
    assert "Ended." in out
    assert "GET" not in out + err  # nothing that was asked for is written anywhere
