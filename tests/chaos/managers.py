"""What managers got, beside what they should have: the notices in their folder, which keeps one of each key."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, select

from schemas.store import reader, table_of
from schemas.tables import Alert, Notice
from tests.chaos.truth import Rung, State

_ALERT, _NOTICE = table_of(Alert), table_of(Notice)
_COUNTED = re.compile(r"^- (\d+) × ", re.MULTILINE)


class Managers(NamedTuple):
    """`lost`: rungs true at the end that no notice in the folder tells of. `repeated`: rungs that two notices tell
    of, or that a notice tells of beyond those claimed for it. `received`: notices in the folder."""

    lost: int
    repeated: int
    received: int
    told: int


def managers(store: Engine, folder: Path, found: State, truth: State) -> Managers:
    """`truth`: of the run without faults, told at a moment after which nothing was missing here."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in folder.glob("*.txt")}
    with reader(store) as connection:
        claims = connection.execute(
            select(_ALERT.c.clock, _ALERT.c.due_on, _ALERT.c.rung, _ALERT.c.spell, _ALERT.c.notice)
            .where(_ALERT.c.skipped.is_(False))
        ).all()  # fmt: skip
        written = {id: text for id, text in connection.execute(select(_NOTICE.c.id, _NOTICE.c.text))}  # noqa: C416
    claimed = Counter(notice for *_, notice in claims)
    said = {id: sum(map(int, _COUNTED.findall(text))) for id, text in texts.items()}
    twice = Counter((clock, due_on, rung, spell) for clock, due_on, rung, spell, _ in claims)
    arrived = {rung_of(row) for row in claims if row.notice in texts}
    lost = sum(rung not in arrived or rung not in found.told for rung in truth.told)
    return Managers(
        lost + sum(id not in texts for id in written),
        sum(n - 1 for n in twice.values()) + sum(max(0, n - claimed[id]) for id, n in said.items()),
        len(texts),
        len(claims),
    )


def rung_of(row: object) -> Rung:
    return row.clock, row.due_on, row.rung  # type: ignore[attr-defined]
