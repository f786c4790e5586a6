"""`head`, `ticks` and `what-if`: what somebody else keeps and checks, whether the monitor looked, other rules tried."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from caseclock.audit import note
from services.timeliness.standards.register import england
from tests.helpers.commands import Run
from tests.helpers.files import event, write


def plan(child: str) -> list[dict[str, Any]]:
    return [
        event("case.team_set", "2024-02-01", f"t-{child}", child, recorded="2024-02-01", team="east-1", reason="new"),
        event("cp_plan.started", "2024-02-23", f"p-{child}", child, recorded="2024-02-23", plan_id=f"P-{child}"),
    ]


@pytest.fixture
def store(run: Run) -> None:
    assert run("import", write("given.ndjson", *plan("K1"), *plan("K2")), "--history").code == 0


@pytest.fixture
def signing(monkeypatch: pytest.MonkeyPatch) -> Ed25519PrivateKey:
    """A key in a file of the operator's."""
    key = Ed25519PrivateKey.generate()
    Path("key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    monkeypatch.setenv("CASECLOCK_SIGNING_KEY", "key.pem")
    monkeypatch.setenv("CASECLOCK_ORIGIN", "county.example/caseclock")
    return key


@pytest.mark.usefixtures("store")
def test_a_head_is_signed_and_of_this_log_also_when_more_has_come(run: Run, signing: Ed25519PrivateKey) -> None:
    assert run("head", "--out", "head.txt").code == 0
    read = note.read(Path("head.txt").read_text())
    assert (read.head.origin, read.head.size) == ("county.example/caseclock", 4)
    assert note.signed_by(read, note.public_key(signing))
    assert run("import", write("more.ndjson", *plan("K3"))).code == 0
    assert run("sweep", "--now", "2024-03-20").code == 0
    assert run("erase", "K2", "--reason", "panel").code == 0
    checked = run("head", "--check", "head.txt", "--json")
    assert [(one["result"], one["signed"]) for one in checked.json] == [("of this log", True)]


@pytest.mark.usefixtures("store")
def test_a_key_is_never_in_the_store_and_its_public_half_is_in_the_journal(
    run: Run, signing: Ed25519PrivateKey
) -> None:
    run("head")
    run("head")
    with sqlite3.connect("caseclock.db") as database:
        acts = [act for (act,) in database.execute("SELECT act FROM journal ORDER BY seq")]
        told = "".join(text for (text,) in database.execute("SELECT told FROM journal"))
    assert acts == ["key first used", "head given out", "head given out"]
    assert note.public_key(signing).hex() in told
    assert signing.private_bytes_raw() not in Path("caseclock.db").read_bytes()


@pytest.mark.usefixtures("store")
def test_without_a_key_a_head_says_that_it_is_unsigned(run: Run) -> None:
    shown = run("head").out
    assert shown.endswith("\nunsigned\n")
    Path("head.txt").write_text(shown)
    assert run("head", "--check", "head.txt").code == 0


@pytest.mark.usefixtures("store", "signing")
def test_of_another_log_of_a_cut_one_and_of_nonsense(run: Run) -> None:
    run("head", "--out", "head.txt")
    Path("nonsense.txt").write_text("no head\n")
    text = Path("head.txt").read_text()
    Path("longer.txt").write_text(text.replace("\n4\n", "\n5\n"))
    checked = run("head", "--check", "head.txt", "nonsense.txt", "longer.txt", "--json")
    assert checked.code == 1
    assert [one["result"] for one in checked.json] == ["of this log", "cannot tell", "not of it"]
    assert run("--db", "sqlite:///other.db", "import", write("o.ndjson", *plan("K8"), *plan("K9"))).code == 0
    assert run("--db", "sqlite:///other.db", "head", "--check", "head.txt", "--json").json[0]["result"] == "not of it"


@pytest.mark.usefixtures("store")
def test_a_signature_by_a_key_that_nobody_knows_proves_nothing(
    run: Run, signing: Ed25519PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("head", "--out", "head.txt")
    read = note.read(Path("head.txt").read_text())
    Path("forged.txt").write_text(note.write(read.head, Ed25519PrivateKey.generate()), encoding="utf-8")
    assert run("head", "--check", "forged.txt", "--json").json[0]["result"] == "cannot tell"
    Path("key.pem").write_text("no key")
    refused = run("head")
    assert refused.code == 1
    assert "CASECLOCK_SIGNING_KEY" in refused.err


@pytest.mark.usefixtures("store")
def test_every_sweep_leaves_a_tick_also_a_quiet_one_and_gaps_are_found(run: Run) -> None:
    for at in ("2024-03-20T09:00", "2024-03-20T09:15", "2024-03-20T12:15"):
        assert run("sweep", "--now", at).code == 0
    found = run("ticks", "--json").json
    assert (found["ticks"], found["longest_gap_s"]) == (3, 3 * 3600.0)
    assert [gap["seconds"] for gap in found["gaps"]] == [3 * 3600.0]
    assert run("ticks", "--every", "240", "--json").json["gaps"] == []
    assert run("ticks", "--from", "2024-03-21", "--json").json["ticks"] == 0
    assert "K1" not in run("ticks").out
    with sqlite3.connect("caseclock.db") as database:
        rows = database.execute("SELECT looked_at, told, head, folded_to FROM tick ORDER BY seq").fetchall()
        assert rows[0][1] > 0
        assert rows[1][1] == 0, "a quiet one"
        assert {row[2:] for row in rows} == {(4, 4)}
        with pytest.raises(sqlite3.IntegrityError):
            database.execute("UPDATE tick SET told = 0")


@pytest.mark.usefixtures("store")
def test_what_was_told_late_says_why(run: Run) -> None:
    """Due on Friday 8 March, so missed from midnight on the 9th; first looked at on the 20th."""
    run("sweep", "--now", "2024-03-08T12:00")
    run("sweep", "--now", "2024-03-20T09:00")
    late = [one for one in run("ticks", "--json").json["late"] if one["standard"] == "cp-visit"]
    assert late
    assert {one["reason"] for one in late} <= {"not looking", "not known"}
    with sqlite3.connect("caseclock.db") as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("DELETE FROM tick WHERE seq = 1")
    assert run("ticks").code == 1


@pytest.mark.usefixtures("store")
def test_what_if_says_what_another_register_would_make_of_it_and_writes_nothing(run: Run) -> None:
    run(
        "import",
        write(
            "v.ndjson",
            event(
                "visit.made",
                "2024-03-08",
                "v",
                "K1",
                recorded="2024-03-08",
                visit_id="v",
                regime="cp",
                by="social_worker",
                method="in_person",
                seen=True,
            ),
        ),
    )
    shutil.copytree(england(), "register")
    file = Path("register/cp-visit.yaml")
    file.write_text(file.read_text().replace("10 working days", "8 working days"))
    before = Path("caseclock.db").read_bytes()
    found = run("what-if", "--register", "register", "--period", "2024-W10", "--json").json
    met = next(one for one in found["figures"] if (one["standard"], one["measure"]) == ("cp-visit", "met"))
    assert (met["now"], met["what_if"]) == (1, 0)
    assert [(one["child"], one["status"], one["what_if_status"]) for one in found["breaches_made"]] == [
        ("K1", "met", "missed")
    ]
    assert {(one["child"], one["due_on"], one["what_if_due_on"]) for one in found["deadlines_moved"]} >= {
        ("K1", "2024-03-08", "2024-03-06")
    }
    assert found["breaches_unmade"] == []
    assert {one["team"] for one in found["messages"]} == {"east-1"}
    assert Path("caseclock.db").read_bytes() == before
    assert run("what-if", "--period", "2024-W10").code == 1
