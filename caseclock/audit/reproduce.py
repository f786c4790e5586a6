"""Reproducing a published figure: the frozen lines, proven, and worked out again from the log as it was, by the rules
of then."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Engine

from caseclock.audit.folding import Folding
from caseclock.audit.kept import Unreadable, read_back
from caseclock.audit.publications import Kept, KeptLine, find, lines_of, root_of_lines
from schemas.store.engine import reader
from schemas.store.garbage import collected_seldom
from services.timeliness.figures import lines as figures_lines
from services.timeliness.figures.lines import Line

Result = Literal["same", "differs", "cannot_tell"]


class Difference(msgspec.Struct):
    """A line that comes out otherwise: as it was frozen and as it is worked out today (None: there is none)."""

    child: str | None
    standard: str
    clock: str | None
    frozen: dict[str, Any] | None
    again: dict[str, Any] | None
    what: str


class Reproduced(msgspec.Struct, kw_only=True):
    """What came of it. `lines_erased`: those that can no longer be worked out again."""

    publication: str
    result: Result
    lines: int
    lines_same: int
    lines_erased: int
    differences: list[Difference]


def reproduce(engine: Engine, name: str) -> tuple[Reproduced, list[KeptLine]]:
    """Gives what came of it, and the frozen lines. Raises NoSuchPublication."""
    with reader(engine) as connection, collected_seldom():
        kept = find(connection, name)
        lines = list(lines_of(connection, kept.shown.publication))
        unproven = _unproven(kept, lines)
        try:
            return _compared(kept, lines, _again(connection, kept), unproven), lines
        except Unreadable as wrong:
            said = [*unproven, _said(str(wrong))]
            return _reproduced(kept, "differs" if unproven else "cannot_tell", 0, _erased(lines), said), lines


def _again(connection: Connection, kept: Kept) -> dict[tuple[str, str, str], Line]:
    """Every line as it is worked out today, by its child, standard and clock. Raises Unreadable."""
    folding = Folding(read_back(connection, kept.digests))
    view = folding.view(connection, kept.shown.position, kept.shown.as_of)
    asked = folding.asked(kept.period, kept.shown.as_of)
    return {
        (child, *line.key): line
        for child, clocks, scopes in folding.each(view.histories())
        for line in figures_lines.lines_of(child, clocks, scopes, asked)
    }


def _unproven(kept: Kept, lines: list[KeptLine]) -> list[Difference]:
    """Says where the lines are not those that were frozen."""
    found = [_said(f"line {line.number}: whom it is about was changed since") for line in lines if not line.proven]
    if len(lines) != kept.shown.lines or root_of_lines(lines) != kept.shown.lines_root:
        found.append(_said("the lines are not those that were frozen: their root is another"))
    return found


def _compared(
    kept: Kept, lines: list[KeptLine], again: dict[tuple[str, str, str], Line], differences: list[Difference]
) -> Reproduced:
    """Compares line by line. What lacks an erased event and comes out otherwise counts as erased."""
    same, erased = 0, _erased(lines)
    lacking = {line.line.child for line in lines if line.line is not None and line.lacks}
    for kept_line in lines:
        line = kept_line.line
        if line is None:
            continue
        now = again.pop((line.child, *line.key), None)
        if now == line:
            same += 1
        elif line.child in lacking:
            erased += 1
        else:
            differences.append(_difference(line, now))
    differences += [_difference(None, line) for line in again.values() if line.child not in lacking]
    return _reproduced(kept, "differs" if differences else "same", same, erased, differences)


def _erased(lines: list[KeptLine]) -> int:
    return sum(line.line is None for line in lines)


def _reproduced(kept: Kept, result: Result, same: int, erased: int, differences: list[Difference]) -> Reproduced:
    return Reproduced(
        publication=kept.shown.publication,
        result=result,
        lines=kept.shown.lines,
        lines_same=same,
        lines_erased=erased,
        differences=differences,
    )


def _difference(frozen: Line | None, again: Line | None) -> Difference:
    line = frozen or again
    assert line is not None
    what = "worked out again it is another" if frozen and again else "is not there" if frozen else "was not there"
    return Difference(line.child, line.standard, line.clock, _told(frozen), _told(again), what)


def _told(line: Line | None) -> dict[str, Any] | None:
    return None if line is None else {name: v for name, v in msgspec.structs.asdict(line).items() if v is not None}


def _said(what: str) -> Difference:
    return Difference(None, "", None, None, None, what)
