"""`freeze`, `frozen`, `reproduce`, `restate` and `verify`: editions, other software, tampering, and refusals."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from caseclock.audit.code import digest_of
from tests.helpers.commands import Run
from tests.helpers.files import event, write

ROOT = Path(__file__).parents[2]
VISIT = {"visit_id": "v", "regime": "cp", "by": "social_worker", "method": "in_person", "seen": True}
FIELDS = [
    "publication",
    "from",
    "to",
    "as_of",
    "frozen_at",
    "purpose",
    "position",
    "head",
    "root",
    "register",
    "calendar",
    "teams",
    "code",
    "lines",
    "lines_root",
    "supersedes",
]


def plan(child: str) -> list[dict[str, Any]]:
    return [
        event("case.team_set", "2024-02-01", f"{child}-t", child, recorded="2024-02-01", team="east-1", reason="new"),
        event("cp_plan.started", "2024-02-23", f"{child}-p", child, recorded="2024-02-23", plan_id=f"{child}-P"),
    ]


@pytest.fixture
def name(run: Run) -> str:
    """A week of two children, frozen."""
    assert run("import", write("given.ndjson", *plan("K1"), *plan("K2")), "--history").code == 0
    frozen = run("freeze", "--period", "2024-W10", "--as-of", "2024-03-10", "--purpose", "board", "--json")
    assert set(FIELDS) <= frozen.json.keys()
    return frozen.json["publication"]


def by_hand(*statements: str) -> None:
    """Somebody at the database, past the guards."""
    with sqlite3.connect("caseclock.db") as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            database.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            database.execute(statement)


def test_frozen_again_it_is_a_new_edition_and_the_old_one_stays(run: Run, name: str) -> None:
    run("import", write("later.ndjson", event("visit.made", "2024-03-07", "v", "K1", recorded="2024-03-13", **VISIT)))
    second = run("freeze", "--period", "2024-W10", "--as-of", "2024-03-10", "--purpose", "again", "--json").json
    assert (name, second["publication"], second["supersedes"]) == ("2024-W10.1", "2024-W10.2", "2024-W10.1")
    assert [one["publication"] for one in run("frozen", "--format", "json").json] == ["2024-W10.1", "2024-W10.2"]
    met = {
        edition: run("frozen", edition, "--standard", "cp-visit", "--format", "json").json[0]["met"]
        for edition in (name, "2024-W10.2", "2024-W10")
    }
    assert met == {"2024-W10.1": 0, "2024-W10.2": 1, "2024-W10": 1}, "a period's name means its last edition"


def test_a_fault_planted_in_the_software_is_found_and_named(run: Run, spawn: Run, name: str) -> None:
    """A copy of the package in which a limit is counted a day longer."""
    for package in ("caseclock", "schemas", "services"):
        shutil.copytree(ROOT / package, Path("other", package), ignore=shutil.ignore_patterns("__pycache__"))
    assert digest_of(Path("other")) == digest_of(ROOT), "the same files are the same code, wherever they are"
    file = Path("other/services/timeliness/standards/limits.py")
    was = "return calendar.add_working_days(day, self.count)"
    assert was in file.read_text()
    file.write_text(file.read_text().replace(was, was.replace("self.count)", "self.count + 1)")))
    other = {"PYTHONPATH": str(Path("other").resolve())}
    again = spawn("reproduce", name, "--json", **other)
    assert (again.code, again.json["result"]) == (1, "differs")
    assert again.json["differences"]
    restated = spawn("restate", name, "--standard", "cp-visit", "--format", "json", **other).json
    assert {change["cause"] for change in restated["changes"]} == {"software fixed"}
    assert {change["child"] for change in restated["changes"]} == {"K1", "K2"}
    assert restated["unexplained"] == []


def test_rules_of_then_that_cannot_be_read_are_said_to_be_so(run: Run, name: str) -> None:
    register = run("frozen", "--format", "json").json[0]["register"]
    by_hand(f"UPDATE kept_rules SET text = replace(text, 'cp-visit', 'cp-visits') WHERE digest = '{register}'")
    again = run("reproduce", name, "--json")
    assert (again.code, again.json["result"]) == (1, "cannot_tell")
    assert run("restate", name).code == 1


def test_a_line_changed_by_hand_is_found(run: Run, name: str) -> None:
    by_hand("UPDATE frozen_line SET counts = replace(counts, 'missed', 'met') WHERE standard = 'cp-visit'")
    again = run("reproduce", name, "--json")
    assert (again.code, again.json["result"]) == (1, "differs")
    assert "root is another" in again.out


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE frozen SET purpose = 'another'",
        "DELETE FROM frozen",
        "DELETE FROM frozen_line",
        "UPDATE frozen_line SET counts = '[]'",
        "UPDATE frozen_line SET child = 'K9'",
        "INSERT INTO frozen_line SELECT publication, number + 100, standard, child, who, salt, who_hash, verdict, team,"
        " took, counts, ids, lacks FROM frozen_line",
        "UPDATE kept_rules SET text = ''",
        "DELETE FROM kept_rules",
        "UPDATE journal SET told = ''",
        "DELETE FROM journal",
        "INSERT INTO journal SELECT seq + 7, at, act, told, chain FROM journal",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_published(run: Run, name: str, statement: str) -> None:
    with sqlite3.connect("caseclock.db") as database, pytest.raises(sqlite3.IntegrityError):
        database.execute(statement)


def test_a_visit_blanked_by_hand_with_an_erasure_entered_for_it_is_found(run: Run, name: str) -> None:
    """The guards let a blanking pass that an erasure is entered for; the journal does not know it."""
    head = run("verify", "--json").json
    assert (head["result"], head["erased"]) == ("whole", 0)
    with sqlite3.connect("caseclock.db") as database:
        database.execute("INSERT INTO erasure VALUES (2, '2024-04-01T00:00:00.000000Z', 'a panel')")
        database.execute(
            "UPDATE event_log SET type = NULL, subject = NULL, occurred_on = NULL, recorded_at = NULL, salt = NULL,"
            " payload = NULL, id = '~anything' WHERE seq = 2"
        )
    found = run("verify", "--head", f"{head['checked']}:{head['digest']}", "--json")
    assert found.json["result"] == "broken"
    assert "the journal knows of no erasure" in found.err


def test_an_erasure_by_the_command_is_whole_and_counted(run: Run, name: str) -> None:
    assert run("erase", "K2", "--reason", "panel").code == 0
    found = run("verify", "--json").json
    assert (found["result"], found["erased"]) == ("whole", 2)
    with sqlite3.connect("caseclock.db") as database:
        told = "".join(text for (text,) in database.execute("SELECT told FROM journal"))
        assert "K2" not in told
        assert "erased" in {act for (act,) in database.execute("SELECT act FROM journal")}


def test_a_journal_that_was_cut_is_broken(run: Run, name: str) -> None:
    by_hand("DELETE FROM journal WHERE seq = 1")
    assert run("verify", "--json").json["result"] == "broken"


def test_what_is_not_there_is_refused_with_what_is(run: Run, name: str) -> None:
    refused = run("reproduce", "2024-W11")
    assert refused.code == 1
    assert "2024-W10.1" in refused.err
    assert run("freeze", "--period", "2024-W10", "--purpose", " ").code == 1


def test_the_code_is_its_files_and_not_what_is_compiled_of_them() -> None:
    for package in ("caseclock", "schemas", "services"):
        os.makedirs(Path("one", package))
        Path("one", package, "a.py").write_text("A = 1\n")
    was = digest_of(Path("one"))
    os.makedirs("one/caseclock/__pycache__")
    Path("one/caseclock/__pycache__/a.pyc").write_bytes(b"compiled")
    assert digest_of(Path("one")) == was
    Path("one/schemas/data.csv").write_text("a\n")
    assert digest_of(Path("one")) != was
