"""Writes docs/decisions/README.md, the index of the decision notes: `python -m docs.decision_index`.

A note begins `# NNNN Title`, where NNNN begins the name of its file. Its third line says when it was decided, and
whether it holds: `2026-11-27 · in force`, `... · replaced by NNNN` or `... · in part replaced by NNNN`.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "decisions"
INDEX = FOLDER / "README.md"
FORM = re.compile(
    r"# (?P<number>\d{4}) (?P<title>\S.*[^.:\s])\n\n"
    r"(?P<day>\d{4}-\d\d-\d\d) · (?P<status>in force|(?:in part )?replaced by \d{4})\n\n\S"
)
BEGINNING = """\
# Decisions

What was decided, why, and what else was weighed: a few lines each. A new note takes the next free number and begins as
[the template](template.md) does; `python -m docs.decision_index` writes this page. When something else is decided the
note is left as it is: the new one says what it replaces, and the old one's status says so.

| note | decided | status |
|---|---|---|
"""


def notes() -> list[Path]:
    """Returns the notes, by number."""
    return sorted(FOLDER.glob("[0-9]*.md"))


def index() -> str:
    """Returns the index page. Raises ValueError for a note that is not of the form."""
    lines = []
    for path in notes():
        found = FORM.match(path.read_text(encoding="utf-8"))
        if found is None or not path.name.startswith(f"{found['number']}-"):
            raise ValueError(f"{path.name}: begin it as docs/decisions/template.md does")
        lines.append(f"| [{found['number']} {found['title']}]({path.name}) | {found['day']} | {found['status']} |\n")
    return BEGINNING + "".join(lines)


if __name__ == "__main__":
    INDEX.write_text(index(), encoding="utf-8")
