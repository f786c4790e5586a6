"""`generate` and `import`, from the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from tests.helpers.commands import CASECLOCK, Run
from tests.helpers.files import enquiry, event, write

COUNTED = ["read", "accepted", "duplicate", "rejected"]


def counts(read: int, accepted: int, duplicate: int, rejected: int) -> dict[str, int]:
    return dict(zip(COUNTED, (read, accepted, duplicate, rejected), strict=True))


def test_what_was_read_is_what_became_of_it(run: Run) -> None:
    write("events.ndjson", *enquiry(), "{not an event}", *enquiry()[:1])
    ran = run("import", "events.ndjson", "--json")
    assert ran.json == counts(6, 4, 1, 1)
    assert list(ran.json) == COUNTED
    assert ran.code == 0


def test_the_second_time_changes_nothing(run: Run) -> None:
    write("events.ndjson", *enquiry())
    run("import", "events.ndjson")
    assert run("import", "events.ndjson", "--json").json == counts(4, 0, 4, 0)


def test_several_files_are_summed(run: Run) -> None:
    write("a.ndjson", *enquiry("C1"))
    write("b.ndjson", *enquiry("C2"), *enquiry("C1"))
    assert run("import", "a.ndjson", "b.ndjson", "--json").json == counts(12, 8, 4, 0)


def test_a_file_refused_whole_does_not_hold_up_the_others(run: Run) -> None:
    write("good.ndjson", *enquiry())
    Path("cut.ndjson").write_text('{"specversion": "1.0", "id"')
    ran = run("import", "cut.ndjson", "nowhere.ndjson", "good.ndjson", "--json")
    assert ran.code == 1
    assert ran.json == counts(4, 4, 0, 0)
    assert "cut.ndjson, line 1: the file ends in the middle of a record" in ran.err
    assert "nowhere.ndjson: there is no such file" in ran.err


def test_a_record_of_a_refused_file_is_not_kept(run: Run) -> None:
    lines = write("events.ndjson", *enquiry()).read_text()
    Path("cut.ndjson").write_text(lines + '{"specversion": "1.0", "id"')
    assert run("import", "cut.ndjson", "--json").json == counts(0, 0, 0, 0)
    assert run("clocks", "C1", "--format", "json").code == 1  # no such child


def test_history_of_a_live_source_is_refused(run: Run) -> None:
    write("events.ndjson", *enquiry())
    run("import", "events.ndjson")
    ran = run("import", "events.ndjson", "--history")
    assert ran.code == 1
    assert "carefirst is live since" in ran.err


def test_coverage_is_for_returns(run: Run) -> None:
    write("events.ndjson", *enquiry())
    ran = run("import", "events.ndjson", "--covers", "2024-01-01..2024-12-31")
    assert ran.code == 1
    assert "leave --covers out" in ran.err


def test_misuse(run: Run) -> None:
    write("events.ndjson", *enquiry())
    for wrong in (
        ["--format", "xlsx"],
        ["--covers", "2024"],
        ["--covers", "2024-02-01..2024-01-01"],
        ["--covers", "2024-02-30..2024-03-01"],
        ["--nonsense"],
    ):
        assert run("import", "events.ndjson", *wrong).code == 2
    assert run("import").code == 2


def test_what_was_refused_and_why(run: Run) -> None:
    write("events.ndjson", event("visit.maid", "2024-03-05", "e1"), *enquiry())
    assert "`caseclock quarantine` says why" in run("import", "events.ndjson").err
    (kept,) = run("quarantine", "--format", "json").json
    assert kept["place"] == "events.ndjson line 1"
    assert kept["code"] == "invalid"
    assert "did you mean visit.made?" in kept["reason"]
    assert kept["subject"] == "C1"
    assert "visit.maid" in kept["raw"]
    assert "did you mean visit.made?" in run("quarantine").out


def test_a_made_up_county_goes_in(run: Run) -> None:
    made = ("--children", 20, "--from", "2024-01-01", "--to", "2024-03-31")
    assert run("generate", *made, "--seed", 7, "--out", "a.ndjson").code == 0
    assert run("generate", *made, "--seed", 7, "--out", "b.ndjson").code == 0
    assert run("generate", *made, "--seed", 8, "--out", "c.ndjson").code == 0
    assert Path("a.ndjson").read_bytes() == Path("b.ndjson").read_bytes() != Path("c.ndjson").read_bytes()
    read = run("import", "a.ndjson", "--history", "--json").json
    assert read["accepted"] > 100
    assert read["read"] == sum(read[name] for name in COUNTED[1:])
    assert run("figures", "--period", "2024-Q1", "--format", "json").json


def test_a_county_is_refused_where_it_cannot_be(run: Run) -> None:
    assert run("generate", "--children", 20, "--from", "2024-02-01", "--to", "2024-01-01", "--out", "a").code == 2
    assert run("generate", "--children", 0, "--from", "2024-01-01", "--to", "2024-02-01", "--out", "a").code == 2
    ran = run("generate", "--children", 1, "--from", "2024-01-01", "--to", "2024-02-01", "--out", "no/such/a")
    assert ran.code == 1
    assert "no/such" in ran.err


def many(count: int) -> list[dict[str, Any]]:
    return [
        event("referral.received", "2024-03-04", f"r{n}", f"C{n}", referral_id=f"R{n}", source="school")
        for n in range(count)
    ]


def test_killed_in_the_middle_it_has_not_happened(run: Run) -> None:
    """It reads from a pipe that stays open, so that it is certainly in the middle when it is killed: whatever went into
    the pipe beyond what a pipe holds has been read, and that is more than one batch."""
    os.mkfifo("pipe")
    text = write("events.ndjson", *many(12_000)).read_bytes()
    process = subprocess.Popen([*CASECLOCK, "import", "pipe"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with open("pipe", "wb", buffering=0) as pipe:
        pipe.write(text)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert run("verify", "--json").json["checked"] == 0
    assert run("figures", "--period", "2024-W10", "--format", "json").json == []
    assert run("import", "events.ndjson", "--json").json == counts(12_000, 12_000, 0, 0)
    assert run("verify", "--json").json["result"] == "whole"
    assert run("rebuild", "--json").json["equal"] is True


def test_progress_is_shown_on_a_terminal_only(run: Run) -> None:
    write("events.ndjson", *many(50))
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [*CASECLOCK, "import", "events.ndjson", "--json"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=os.environ | {"TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    try:
        while some := os.read(ours, 4096):
            shown += some
    except OSError:
        pass  # the other end of a terminal is gone: it ended
    out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert b"Reading events.ndjson" in shown
    assert json.loads(out) == counts(50, 50, 0, 0)
    quiet = run("import", "events.ndjson", "--json")
    assert "Reading" not in quiet.out + quiet.err
