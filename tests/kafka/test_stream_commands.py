"""`topics`, `publish` and `worker`, from the command line, with a real broker."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from kafka import KafkaConsumer

from caseclock.workers.broker import administration
from caseclock.workers.ingest import GROUP as INGEST
from schemas.kafka import options as kafka_options
from schemas.kafka.topics import RAW, topics
from schemas.settings.settings import Settings
from tests.helpers.brokers import Send
from tests.helpers.commands import CASECLOCK, Run
from tests.helpers.files import enquiry, write
from tests.helpers.records import record

NAMES = ("raw", "case-events", "clock-changes", "dead-letters")


@pytest.fixture
def _here(own_folder: None, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's settings as this process's environment."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("_here")
def test_topics_are_created_and_listed(run: Run, environ: dict[str, str]) -> None:
    before = run("topics")
    assert before.code == 1
    assert before.err.count("To mend it: caseclock topics create") == 4
    assert run("topics", "create").out.splitlines() == [
        f"{environ['CASECLOCK_TOPIC_PREFIX']}{n} created" for n in NAMES
    ]
    assert run("topics", "create").out == "Every topic is there.\n"
    after = run("topics")
    assert (after.code, len(after.out.splitlines())) == (0, 4)
    listed = run("topics", "--format", "json").json
    assert [topic["short"] for topic in listed["topics"]] == list(NAMES)
    assert listed["amiss"] == []
    assert run("topics", "mend").out == "There was nothing to mend.\n"


@pytest.mark.usefixtures("_here")
def test_nothing_is_published_to_topics_that_are_not_there(run: Run) -> None:
    ran = run("publish", write("events.ndjson", *enquiry()))
    assert ran.code == 1
    assert "caseclock topics create" in ran.err


@pytest.mark.usefixtures("_here", "streaming")
def test_publish(run: Run, streaming: Settings) -> None:
    ran = run("publish", write("events.ndjson", *enquiry("C1"), "not json", *enquiry("C2")))
    assert (ran.code, ran.out) == (0, "")
    assert f"9 events published to {topics(streaming)[RAW].name}" in ran.err
    missing = run("publish", "nowhere.ndjson")
    assert (missing.code, "there is no such file" in missing.err) == (1, True)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CASECLOCK_KAFKA", "", "CASECLOCK_KAFKA is not set: name a broker"),
        ("CASECLOCK_KAFKA", "127.0.0.1:1", "the broker at 127.0.0.1:1"),
        ("CASECLOCK_PARTITIONS", "65", "CASECLOCK_PARTITIONS is '65': write a whole number from 1 to 64"),
        ("CASECLOCK_KAFAK", "x", "did you mean CASECLOCK_KAFKA?"),
    ],
)
@pytest.mark.usefixtures("_here")
def test_wrong_settings_are_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    ran = run("topics")
    assert (ran.code, said in ran.err) == (1, True), ran.err


def test_the_workers_there_are(run: Run) -> None:
    assert "ingest" in run("worker", "--list").out.split()
    ran = run("worker", "nobody")
    assert ran.code == 2
    assert "there is no worker 'nobody'" in ran.err


@pytest.mark.usefixtures("_here")
def test_a_worker_does_not_start_without_its_topics(spawn: Run) -> None:
    assert "there is no store there" in spawn("worker", "ingest").err
    spawn("migrate")
    ran = spawn("worker", "ingest")
    assert ran.code == 1
    assert "caseclock topics create" in ran.err


class Worker:
    """`caseclock worker ingest`, in a process of its own."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen([*CASECLOCK, "worker", "ingest"], stderr=self._log, env=os.environ.copy())

    def end(self, how: signal.Signals) -> int:
        self._process.send_signal(how)
        code = self._process.wait(30)
        self._log.close()
        return code


def read_up_to(settings: Settings, count: int) -> None:
    """Waits until the ingest group has said that it has read so many records."""
    group = kafka_options.consumer(settings, INGEST)["group_id"]
    with administration(settings) as client, KafkaConsumer(**kafka_options.client(settings)) as idle:
        for _ in range(120):
            found = client.list_group_offsets(group)[group] if client.list_groups() else {}
            if sum(place.offset for place in found.values() if place.offset > 0) >= count:
                return
            idle.poll(500)  # it has nothing to read, and so waits
    pytest.fail(f"{count} records were not read")


@pytest.mark.usefixtures("_here")
def test_a_worker_killed_and_started_again_loses_nothing_and_repeats_nothing(
    run: Run, streaming: Settings, send: Send, tmp_path: Path
) -> None:
    run("migrate")
    log = tmp_path / "worker.log"
    for end, sent in ((signal.SIGKILL, 20), (signal.SIGTERM, 40)):
        for n in range(sent - 20, sent):
            send(record(f"e{n}", f"C00{n % 9}"), key=b"C00%d" % (n % 9))
        worker = Worker(log)
        read_up_to(streaming, sent - 19)
        code = worker.end(end)
    assert code == 0
    assert '"what": "stopped"' in log.read_text()
    worker = Worker(log)
    read_up_to(streaming, 40)
    worker.end(signal.SIGKILL)
    verified = run("verify", "--json").json
    assert (verified["result"], verified["checked"]) == ("whole", 40)
    assert "C00" not in log.read_text()
