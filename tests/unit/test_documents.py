"""The documents: decision notes are of one form and in the index, and no link on any page leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.decision_index import FORM, INDEX, index, notes

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "schemas").rglob("*.md")])
LINK = re.compile(r"(?<!`)\[[^\]\n]*\]\(([^)\s]+)\)")


def test_every_note_is_of_the_form_and_in_the_index() -> None:
    assert INDEX.read_text(encoding="utf-8") == index(), "python -m docs.decision_index"


def test_no_two_notes_have_one_number() -> None:
    numbers = [path.name[:4] for path in notes()]
    assert len(numbers) == len(set(numbers))


def test_what_replaces_a_note_is_there() -> None:
    numbers = {path.name[:4] for path in notes()}
    for path in notes():
        found = FORM.match(path.read_text(encoding="utf-8"))
        assert found
        assert set(re.findall(r"\d{4}", found["status"])) <= numbers, path.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_leads_nowhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        path, _, part = link.partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        target = page.parent / path if path else page
        assert target.exists(), f"{link}: there is no such file"
        if part:
            assert part in anchors(target), f"{link}: no heading of {target.name} is called so"


def anchors(page: Path) -> set[str]:
    """Returns what the headings of a page are linked to by."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_a_file_named_in_the_documents_is_there() -> None:
    """A path that a page names in code, such as `services/alerts/ladder/ladder.py`, is one there is."""
    path = re.compile(r"`((?:caseclock|services|schemas|deploy|docs|tests|benchmarks)/[\w./-]+)(?::\w+)?`")
    kept = [page for page in PAGES if page.parent.name != "decisions" and page.name != "CHANGELOG.md"]
    missing = [
        f"{page.relative_to(ROOT)}: {named}"
        for page in kept
        for named in path.findall(page.read_text(encoding="utf-8"))
        if not re.search(r"/(ID|NAME|NNNN)\b", named) and not (ROOT / named).exists()
    ]
    assert not missing, "\n".join(missing)


def test_each_step_of_the_architecture_names_a_file_and_what_is_in_it() -> None:
    """A row of its tables: the step, one or more files, and functions or classes that stand in them."""
    folder, rows = "", 0
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for line in page.partition("## The data's way")[2].partition("## Killed")[0].splitlines():
        if line.startswith("### "):
            folder = ""
        elif line.startswith("Folder `"):
            folder = line.split("`")[1]
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) != 3 or not line.startswith("|") or "/" not in cells[1]:
            continue
        files = [ROOT / folder / name for name in re.findall(r"`([^`]+)`", cells[1])]
        missing = [str(file) for file in files if not file.is_file()]
        assert not missing, f"{line}: no such file"
        text = "".join(file.read_text(encoding="utf-8") for file in files)
        for name in re.findall(r"`(\w+)`", cells[2]):
            assert re.search(rf"\b(?:def|class|import) {name}\b", text), f"{line}: {name} is not there"
        rows += 1
    assert rows > 50


def test_every_release_says_first_which_figures_change() -> None:
    releases = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## ")[1:]
    assert releases
    for release in releases:
        name, _, rest = release.partition("\n")
        assert rest.lstrip().startswith("### Which figures change\n"), name
        parts = re.findall(r"^### (.+)$", rest, re.MULTILINE)
        assert set(parts) <= {"Which figures change", "What is refused that was taken", "What is new", "Upgrading"}, (
            f"{name}: {parts}"
        )
