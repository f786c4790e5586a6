"""`rebuild`, `verify`, `standards`, `migrate` and `erase`, from the command line; and how the store is named."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from services.timeliness.standards.register import england, load
from tests.helpers.commands import Run
from tests.helpers.files import enquiry, write


@pytest.fixture
def filled(run: Run) -> None:
    write("events.ndjson", *enquiry("C1"), *enquiry("C2", held=None))
    assert run("import", "events.ndjson", "--json").json["accepted"] == 7


def tamper(*statements: str) -> None:
    """Change the store behind its back, as somebody with the file could."""
    connection = sqlite3.connect("caseclock.db")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.usefixtures("filled")
def test_a_rebuild_is_equal(run: Run) -> None:
    ran = run("rebuild", "--json")
    assert ran.code == 0
    assert list(ran.json) == ["digest", "live_digest", "equal"]
    assert ran.json["equal"] is True
    assert ran.json["digest"] == ran.json["live_digest"]
    assert "Equal." in run("rebuild").out


@pytest.mark.usefixtures("filled")
def test_a_rebuild_that_differs_is_found_wrong_once(run: Run) -> None:
    tamper("UPDATE clock SET due_on = '2030-01-01' WHERE child = 'C1'")
    ran = run("rebuild", "--json")
    assert ran.code == 1
    assert ran.json["equal"] is False
    assert run("rebuild", "--json").json["equal"] is True


@pytest.mark.usefixtures("filled")
def test_a_whole_log(run: Run) -> None:
    ran = run("verify", "--json")
    assert ran.code == 0
    assert list(ran.json) == ["result", "checked", "digest", "erased", "journal"]
    assert ran.json["result"] == "whole"
    assert ran.json["checked"] == 7
    head = f"7:{ran.json['digest']}"
    assert head in run("verify").out
    assert run("verify", "--head", head).code == 0


def test_of_an_empty_log_nothing_can_be_told(run: Run) -> None:
    run("migrate")
    ran = run("verify", "--json")
    assert ran.code == 1
    assert ran.json == {"result": "cannot_tell", "checked": 0, "digest": None, "erased": 0, "journal": 0}


@pytest.mark.usefixtures("filled")
def test_a_changed_log_is_broken(run: Run) -> None:
    tamper("UPDATE event_log SET known_at = '2020-01-01T00:00:00.000000Z' WHERE seq = 3")
    ran = run("verify", "--json")
    assert ran.code == 1
    assert ran.json["result"] == "broken"
    assert ran.json["checked"] == 2
    assert "row 3" in ran.err


@pytest.mark.usefixtures("filled")
def test_a_cut_end_shows_beside_a_kept_head(run: Run) -> None:
    digest = run("verify", "--json").json["digest"]
    tamper("DELETE FROM event_log WHERE seq = 7")
    assert run("verify").code == 0
    ran = run("verify", "--head", f"7:{digest}", "--json")
    assert ran.code == 1
    assert ran.json["result"] == "broken"
    assert "cut off" in ran.err


def test_a_head_that_is_none_is_a_misuse(run: Run) -> None:
    run("migrate")
    assert run("verify", "--head", "5:xyz").code == 2


def test_the_standards_are_listed(run: Run) -> None:
    found = run("standards", "--format", "json").json
    assert [one["id"] for one in found] == sorted(load().standards)
    (icpc,) = [one for one in found if one["id"] == "icpc-15wd"]
    assert icpc["limit"] == "within 15 working days"
    assert icpc["force"] == "statutory guidance"
    (ended,) = [one for one in found if one["id"] == "assessment-core-35wd"]
    assert ended["limit"] is None
    assert "icpc-15wd" in run("standards").out


def test_checking_standards(run: Run) -> None:
    shutil.copytree(england(), "mine")
    assert run("standards", "check", "mine").code == 0
    assert run("standards", "check", "mine/icpc-15wd.yaml").code == 0
    bad = Path("mine/icpc-15wd.yaml")
    bad.write_text(bad.read_text().replace("15 working days", "15 workingdays"))
    other = Path("mine/cp-visit.yaml")
    other.write_text(other.read_text() + "extra: 1\n")
    ran = run("standards", "check", "mine")
    assert ran.code == 1
    assert "mine/icpc-15wd.yaml" in ran.err
    assert "is not a length" in ran.err
    assert "mine/cp-visit.yaml" in ran.err
    assert "extra" in ran.err
    assert run("standards", "check", "mine/cp-visit.yaml").code == 1
    other.write_text((england() / "cp-visit.yaml").read_text().replace("from: 2006-04-01", "from: 2006-13-01"))
    ran = run("standards", "check", "mine/cp-visit.yaml")
    assert (ran.code, "mine/cp-visit.yaml" in ran.err, "is no day that there is" in ran.err) == (1, True, True)
    assert run("standards", "check", "nowhere").code == 1
    Path("empty").mkdir()
    assert "no standards in it" in run("standards", "check", "empty").err


@pytest.mark.usefixtures("filled")
def test_an_erased_child_is_gone_and_the_log_is_whole(run: Run) -> None:
    run("sweep", "--now", "2024-03-26T08:00:00Z")
    assert run("erase", "C2", "--reason", "records panel, 12 March").code == 0
    assert "nothing is known of this child" in run("clocks", "C2").err
    assert run("verify", "--json").json["result"] == "whole"
    assert run("rebuild", "--json").json["equal"] is True
    assert run("import", "events.ndjson", "--json").json["duplicate"] == 7
    assert run("erase", "", "--reason", "records panel").code == 2
    assert run("erase", "C1", "--reason", " ").code == 1
    assert run("erase", "C1", "--reason", "C1 asked").code == 1


# -- which store -------------------------------------------------------------------------------------------------------


def test_the_store_is_named_before_or_after_the_command(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write("events.ndjson", *enquiry())
    assert run("--db", "sqlite:///before.db", "import", "events.ndjson").code == 0
    assert run("import", "events.ndjson", "--db", "sqlite:///after.db").code == 0
    assert run("--db", "sqlite:///never.db", "import", "events.ndjson", "--db", "sqlite:///both.db").code == 0
    monkeypatch.setenv("CASECLOCK_DB", "sqlite:///environment.db")
    assert run("import", "events.ndjson").code == 0
    assert {path.stem for path in Path().glob("*.db")} == {"before", "after", "both", "environment"}
    assert run("verify", "--json", "--db", "sqlite:///before.db").json["checked"] == 4
    assert run("--db", "sqlite:///after.db", "verify", "--json").json["checked"] == 4


def test_the_store_is_caseclock_db_by_default(run: Run) -> None:
    write("events.ndjson", *enquiry())
    ran = run("import", "events.ndjson")
    assert Path("caseclock.db").exists()
    assert f"{Path('caseclock.db').absolute()} is a new, empty store" in ran.err


OTHERS = (
    ("figures", "--period", "2024"),
    ("clocks", "C1"),
    ("explain", "C1", "icpc-15wd"),
    ("sweep",),
    ("alerts",),
    ("go-live",),
    ("ack", "x", "--reason", "y", "--by", "2099-01-01"),
    ("status",),
    ("verify",),
    ("rebuild",),
    ("erase", "C1", "--reason", "y"),
    ("quarantine",),
    ("quarantine", "retry"),
    ("quarantine", "set-aside", "1", "--reason", "y"),
    ("access",),
    ("pack", "--week", "2024-W10", "--out", "pack"),
    ("pages",),
    ("copy", "sqlite:///nowhere.db", "sqlite:///there.db"),
)


@pytest.mark.parametrize("command", OTHERS, ids=" ".join)
def test_a_store_that_is_not_there_is_named_and_not_made(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """A slip in the path must not look like a day on which nobody had to be told."""
    monkeypatch.setenv("CASECLOCK_DB", "sqlite:///nowhere.db")
    for _ in range(2):
        ran = run(*command)
        assert (ran.code, ran.out) == (1, "")
        assert f"{Path('nowhere.db').absolute()}: there is no store there" in ran.err
        assert not list(Path().glob("*.db*"))


def test_an_empty_file_is_no_store_either(run: Run) -> None:
    Path("caseclock.db").touch()
    ran = run("figures", "--period", "2024")
    assert ran.code == 1
    assert "there is no store there" in ran.err
    assert run("migrate").code == 0
    assert run("figures", "--period", "2024").code == 0


@pytest.mark.usefixtures("filled")
def test_a_store_for_reading_alone_can_be_asked_and_verified(run: Run) -> None:
    whole = run("verify", "--json").json
    path = f"sqlite:///file:{Path('caseclock.db').absolute()}?mode=ro&immutable=1&uri=true"
    ran = run("verify", "--json", "--db", path)
    assert (ran.json, ran.err) == (whole, "")
    asked = ("figures", "--period", "2024-03", "--format", "json")
    assert run(*asked, "--db", path).json == run(*asked).json
    refused = run("sweep", "--now", "2024-03-26T08:00", "--db", path)
    assert refused.code == 1
    assert "readonly" in refused.err


def test_a_store_that_cannot_be_opened(run: Run) -> None:
    write("events.ndjson", *enquiry())
    ran = run("import", "events.ndjson", "--db", "sqlite:////no/such/folder/x.db")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert "unable to open database file" in ran.err
    Path("picture.db").write_bytes(b"this is a picture, or something of the kind" * 100)
    ran = run("verify", "--db", "sqlite:///picture.db")
    assert ran.code == 1
    assert "not a database" in ran.err
    assert run("verify", "--db", "nonsense").code == 2


def test_a_password_is_not_shown(run: Run) -> None:
    ran = run("verify", "--db", "nosuch://user:secret@host/name")
    assert ran.code == 2
    assert "secret" not in ran.err


def test_a_store_of_this_version_needs_no_migration(run: Run) -> None:
    run("verify")
    ran = run("migrate")
    assert ran.code == 0
    assert "The store is of version" in ran.out
