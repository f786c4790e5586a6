"""Evidence: a folder that checks itself with nothing but Python, and finds whatever is changed in it."""

from __future__ import annotations

import hashlib
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from caseclock.audit import note
from caseclock.audit.head import load_key
from tests.helpers.commands import Run
from tests.helpers.files import event, write

VISIT = {"regime": "cp", "by": "social_worker", "method": "in_person", "seen": True}


def child(number: int) -> list[dict[str, Any]]:
    one = f"K{number}"
    told = [
        event("case.team_set", "2024-02-01", f"t{number}", one, recorded="2024-02-01", team="east-1", reason="new"),
        event("cp_plan.started", "2024-02-23", f"p{number}", one, recorded="2024-02-23", plan_id=f"P{number}"),
    ]
    if number % 2:
        day = "2024-03-07" if number % 3 else "2024-03-09"
        told.append(event("visit.made", day, f"v{number}", one, recorded=day, visit_id=f"v{number}", **VISIT))
    return told


@pytest.fixture
def folder(run: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nine children, one of them erased; a sweep; a week frozen, and its evidence, signed."""
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", "key.pem"], check=True)
    monkeypatch.setenv("CASECLOCK_SIGNING_KEY", "key.pem")
    assert run("import", write("given.ndjson", *(one for n in range(9) for one in child(n))), "--history").code == 0
    assert run("freeze", "--period", "2024-W10", "--as-of", "2024-03-10", "--purpose", "board").code == 0
    assert run("sweep", "--now", "2024-03-20").code == 0
    assert run("erase", "K8", "--reason", "panel").code == 0
    assert run("evidence", "--publication", "2024-W10.1", "--out", "evidence").code == 0
    return Path("evidence")


def key() -> str:
    made = load_key("key.pem")
    assert made is not None
    return note.public_key(made).hex()


def verify(folder: Path, *arguments: str) -> tuple[int, str]:
    """With the standard library alone: no packages, none of ours."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py"), *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert "Traceback" not in ended.stdout + ended.stderr
    return ended.returncode, ended.stdout


def test_it_is_verified_and_says_what_it_checked_and_what_it_did_not(folder: Path) -> None:
    code, said = verify(folder.resolve(), key())
    assert (code, said.splitlines()[-1]) == (0, "verified"), said
    for words in ("the head is signed by the key given", "are of the log of", "due days and", "figures are their sum"):
        assert words in said
    assert re.search(r"2 rows are erased", said)
    assert "that no clock was left out" in said
    assert "K8" not in "".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def test_another_key_did_not_sign_it(folder: Path) -> None:
    code, said = verify(folder.resolve(), "00" * 31 + "01")
    assert code == 1
    assert said.splitlines()[-1].startswith("broken: head.txt")


def test_any_byte_that_is_changed_is_found_and_named(folder: Path) -> None:
    chance = random.Random(13)
    whole = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "verify.py"}
    program = set(folder.rglob("*.py"))
    assert len(program) == 1
    for _ in range(60):
        path = chance.choice(sorted(whole))
        content = bytearray(whole[path])
        if not content:
            continue
        at = chance.randrange(len(content))
        content[at] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        code, said = verify(folder.resolve(), key())
        path.write_bytes(whole[path])
        last = said.splitlines()[-1]
        assert (code, last.startswith("broken: ")) == (1, True), (path, at, last)
        assert path.name in last or "MANIFEST" in last


@pytest.mark.parametrize(
    ("file", "was", "becomes"),
    [
        ("events.ndjson", "2024-03-07", "2024-03-06"),
        ("2024-W10.1/lines.ndjson", '"met",1', '"met",2'),
        ("2024-W10.1/lines.ndjson", "2024-02-23", "2024-02-22"),
        ("2024-W10.1/figures.ndjson", '"met",', '"missed",'),
        ("2024-W10.1/calendar.json", "Good Friday", "Bad Friday"),
        ("journal.ndjson", "panel", "penal"),
        ("journal.ndjson", "frozen", "frosen"),
        ("ticks.ndjson", "2024-03-20", "2024-03-21"),
        ("head.txt", "\n22\n", "\n21\n"),
    ],
)
def test_who_mends_the_manifest_too_is_found_by_what_is_chained_and_signed(
    folder: Path, file: str, was: str, becomes: str
) -> None:
    path = folder / file
    text = path.read_text()
    assert was in text
    old = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_text(text.replace(was, becomes))
    manifest = folder / "MANIFEST"
    manifest.write_text(manifest.read_text().replace(old, hashlib.sha256(path.read_bytes()).hexdigest()))
    code, said = verify(folder.resolve(), key())
    assert code == 1
    assert said.splitlines()[-1].startswith("broken: ")


def test_of_the_children_asked_for_and_no_others(run: Run, folder: Path) -> None:
    Path("children.txt").write_text("K1\nK2\n")
    asked = ("evidence", "--publication", "2024-W10.1", "--children", "children.txt", "--out", "some")
    assert run(*asked).code == 0
    code, said = verify(Path("some").resolve(), key())
    assert (code, said.splitlines()[-1]) == (0, "verified"), said
    told = "".join(
        path.read_text()
        for name in ("events.ndjson", "2024-W10.1/lines.ndjson", "2024-W10.1/duties.csv")
        for path in [Path("some", name)]
    )
    assert "K1" in told
    assert "K3" not in told
    assert run(*asked).code == 1, "the folder is not empty"


def test_every_event_with_whole(run: Run, folder: Path) -> None:
    assert run("evidence", "--publication", "2024-W10.1", "--whole", "--out", "all").code == 0
    assert verify(Path("all").resolve())[1].splitlines()[-1] == "verified"


def test_a_folder_with_nothing_in_it_is_never_verified(folder: Path) -> None:
    Path("bare").mkdir()
    shutil.copy(folder / "verify.py", "bare/verify.py")
    assert verify(Path("bare").resolve())[1].splitlines()[-1].startswith("cannot tell")
