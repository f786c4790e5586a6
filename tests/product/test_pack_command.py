"""`caseclock pack` as a person runs it: three files, the same bytes from the same log, and what it says when it cannot."""

from __future__ import annotations

import os
import subprocess
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from caseclock.pack.pdf import NoPdf, pdf
from caseclock.runtime import rules
from schemas.store.engine import connect
from services.timeliness.table.catch_up import rebuild
from tests.helpers.commands import CASECLOCK, Run
from tests.helpers.packed import fill

ROOT = Path(__file__).parents[2]
NAME = "caseclock-2024-W10-north"
ASKED = ("pack", "--week", "2024-W10", "--division", "North")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('store')}/county.db"
    engine = connect(url)
    fill(engine, 60)
    engine.dispose()
    return url


@pytest.fixture
def can_pdf() -> None:
    """PDFs can be made here; where they cannot, the tests of them are skipped, and fail where CI is `true`."""
    try:
        pdf("<title>a</title>")
    except NoPdf as wrong:
        if os.environ.get("CI") in ("true", "1"):
            pytest.fail(str(wrong))
        pytest.skip(f"needs a PDF: {wrong}")


def process(store: str, out: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, with another seed of hashes or other packages to be found first."""
    path = os.pathsep.join(filter(None, (environ.pop("FIRST", ""), str(ROOT))))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CASECLOCK_")}
    return subprocess.run(
        [*CASECLOCK, *ASKED, "--db", store, "--out", str(out)],
        env={**kept, "PYTHONPATH": path, **environ},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def there(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.usefixtures("can_pdf")
def test_the_same_log_gives_the_same_bytes(store: str, tmp_path: Path, run: Run) -> None:
    """In two processes that hash otherwise, and after a rebuild."""
    one = process(store, tmp_path / "one", PYTHONHASHSEED="1")
    assert (one.returncode, one.stderr.split(";")[0]) == (0, "Made")
    engine = connect(store)
    rebuild(engine, rules().register, rules().calendar)
    engine.dispose()
    two = process(store, tmp_path / "two", PYTHONHASHSEED="2")
    assert two.returncode == 0, two.stderr
    files = there(tmp_path / "one")
    assert list(files) == [f"{NAME}.html", f"{NAME}.pdf", f"{NAME}.xlsx"]
    assert files == there(tmp_path / "two")
    assert files[f"{NAME}.pdf"].startswith(b"%PDF-")
    sheets = ZipFile(BytesIO(files[f"{NAME}.xlsx"])).read("xl/workbook.xml").decode()
    for name in (
        "Decisions",
        "Figures",
        "Twelve months",
        "Due soon",
        "Overdue",
        "Earlier weeks",
        "Why, by clock",
        "About",
    ):
        assert f'name="{name}"' in sheets


def test_without_the_library_there_is_no_pdf_and_all_else(store: str, tmp_path: Path) -> None:
    """Where Pango is missing WeasyPrint fails as it is imported: so does this stand-in for it."""
    (tmp_path / "weasyprint.py").write_text("raise OSError(\"cannot load library 'libpango-1.0-0'\")\n")
    made = process(store, tmp_path / "pack", FIRST=str(tmp_path))
    assert made.returncode == 3
    assert list(there(tmp_path / "pack")) == [f"{NAME}.html", f"{NAME}.xlsx"]
    assert "cannot load library 'libpango-1.0-0'" in made.stderr
    assert "apt install libpango-1.0-0" in made.stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--week", "2024W10"), "write it as 2024-W10"),
        (("--week", "2024-W10", "--division", "Nroth"), "there are Breckland"),
        (("--week", "2024-W10", "--as-of", "2024-03-01"), "before 2024-W10"),
        (("--week", "2099-W10"), "is not over"),
    ],
)
def test_a_misuse_says_what_to_write_and_makes_nothing(
    store: str, run: Run, tmp_path: Path, more: tuple[str, ...], said: str
) -> None:
    ran = run("pack", *more, "--db", store, "--out", tmp_path / "pack")
    assert ran.code == 2
    assert said in " ".join(ran.err.replace("│", " ").split())
    assert not (tmp_path / "pack").exists()


def test_a_folder_of_somebody_else_is_left_alone(store: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "minutes.txt").write_text("mine")
    ran = run(*ASKED, "--db", store, "--out", tmp_path, "--force")
    assert ran.code == 1
    assert "minutes.txt" in ran.err
    assert there(tmp_path) == {"minutes.txt": b"mine"}


def test_the_figures_of_a_pack_are_frozen_with_it(run: Run, store: str, tmp_path: Path) -> None:
    ran = run(*ASKED, "--db", store, "--out", tmp_path / "frozen", "--freeze")
    assert "Frozen as 2024-W10.1" in ran.err
    there = run("frozen", "--db", store, "--format", "json").json
    assert [(one["publication"], one["purpose"]) for one in there] == [("2024-W10.1", "pack of 2024-W10")]
    assert run("reproduce", "2024-W10", "--db", store).code == 0
    assert run(*ASKED, "--db", store, "--out", tmp_path / "x", "--freeze", "--known-at", "2024-03-11").code == 2
