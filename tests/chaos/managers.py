"""What managers got, beside what they should have: the notices in their folder, which keeps one of each key."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, select

from schemas.store.engine import reader, table_of
from schemas.store.tables import Alert, Notice, Telling
from tests.chaos.truth import State

_ALERT, _NOTICE, _TELLING = table_of(Alert), table_of(Notice), table_of(Telling)
_COUNTED = re.compile(r"^- (\d+) × ", re.MULTILINE)


class Managers(NamedTuple):
    """`lost`: rungs true at the end that no notice in the folder tells of, and notices that were written and are not
    there. `repeated`: rungs told of in a second notice, or claimed a second time, and what a notice counts beyond what
    was claimed for it. `received`: notices in the folder; `told`: rungs claimed."""

    lost: int
    repeated: int
    received: int
    told: int


def managers(store: Engine, folder: Path, found: State, truth: State) -> Managers:
    """`truth`: of the run without faults, told at a moment after which nothing was missing here. Without a routes file:
    one notice tells of a rung."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in folder.glob("*.txt")}
    a = _ALERT.c
    with reader(store) as connection:
        rungs = select(a.clock, a.due_on, a.rung, a.spell).where(a.skipped.is_(False))
        claims = Counter(tuple(row) for row in connection.execute(rungs))
        joined = select(a.clock, a.due_on, a.rung, a.spell, _TELLING.c.notice)
        tellings = connection.execute(joined.join_from(_ALERT, _TELLING, a.id == _TELLING.c.alert)).all()
        written = set(connection.execute(select(_NOTICE.c.id)).scalars())
    arrived = [(tuple(row[:4]), row.notice) for row in tellings if row.notice in texts]
    heard = Counter(rung for rung, _ in arrived)
    due = Counter(notice for _, notice in arrived)
    now_true = {rung[:3] for rung in heard} & found.told.keys()
    beyond = sum(max(0, sum(map(int, _COUNTED.findall(text))) - due[id]) for id, text in texts.items())
    return Managers(
        len(truth.told.keys() - now_true) + len(written - texts.keys()),
        sum(n - 1 for n in heard.values()) + sum(n - 1 for n in claims.values()) + beyond,
        len(texts),
        sum(claims.values()),
    )
