"""The view for a screen that others see: figures by week with small counts left out, and what would give them away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from schemas.store.views.view import COUNTS, SMALL
from tests.helpers.alike.figures import COUNTED, figures_by
from tests.helpers.alike.named import _lead
from tests.helpers.alike.seen import Row, Seen, register

KEY = 6  # columns before the counts
BLOCKS: tuple[tuple[str, str | None], ...] = (
    ("due", "met"),
    ("completed", "completed_in_time"),
    ("open", "overdue"),
    ("in_scope", "up_to_date"),
    ("received", "received_again"),
    *((name, None) for name in ("recorded_late", "instead", "excused", "cancelled", "voided", "voided_late")),
    ("not_measured", None),
)
Counts = dict[str, Any]


def shared_figures_week(seen: Seen) -> Iterator[Row]:
    weeks: dict[Row, list[Row]] = {}
    for row in figures_by("week", seen):
        if row[1] != "team":
            weeks.setdefault((row[0], row[4]), []).append(row)
    for rows in weeks.values():
        counts = [dict(zip((*COUNTED, "lead_good", "lead_of"), row[KEY:], strict=True)) for row in rows]
        county = next((at for at, row in enumerate(rows) if row[1] == "county"), None)
        hidden: list[dict[str, int]] = [{} for _ in rows]
        for total, part in BLOCKS:
            for at, level in enumerate(_hidden([row[2] for row in rows], counts, county, total, part)):
                hidden[at][total] = level
        for row, of, levels in zip(rows, counts, hidden, strict=True):
            shown = (_shown(row[0], name, of, levels) for name in COUNTS)
            yield *row[:KEY], *shown, any(levels.values())


def _hidden(groups: list[str], counts: list[Counts], county: int | None, total: str, part: str | None) -> list[int]:
    """How much of a block each row hides: 0 nothing, 1 its parts, 2 all of it."""
    levels = [_level(of[total] or 0, (of[part] or 0) if part else None) for of in counts]
    divisions = [at for at in range(len(groups)) if at != county and (counts[at][total] or 0) > 0]
    of_county = levels[county] if county is not None else 0
    by_size = sorted(divisions, key=lambda at: (counts[at][total], groups[at]))
    whole = [at for at in range(len(groups)) if at != county and levels[at] == 2]
    some = [at for at in range(len(groups)) if at != county and levels[at] >= 1]
    hidden = list(levels)
    besides = next((at for at in by_size if levels[at] < 2), None)
    if len(whole) == 1 and of_county < 2 and besides is not None:
        hidden[besides] = 2
    besides = next((at for at in by_size if levels[at] == 0), None)
    if len(whole) != 1 and len(some) == 1 and of_county == 0 and besides is not None:
        hidden[besides] = max(1, hidden[besides])
    return hidden


def _level(total: int, part: int | None) -> int:
    if 1 <= total <= SMALL:
        return 2
    return int(part is not None and (1 <= part <= SMALL or 1 <= total - part <= SMALL))


def _shown(standard: str, name: str, of: Counts, levels: dict[str, int]) -> Any:
    lead = {"in time": "due", "rate": "received"}.get(_lead(register().standards[standard]), "in_scope")
    part_of = {part: total for total, part in BLOCKS if part} | {"missed": "due"}
    if name in ("lead_good", "lead_of"):
        most = 1 if name == "lead_good" else 2
        return of[name] if levels[lead] < most else None
    if name in levels:
        return of[name] if levels[name] < 2 else None
    return of[name] if levels[part_of[name]] < 1 else None


ROWS: dict[str, Callable[[Seen], Iterator[Row]]] = {"shared_figures_week": shared_figures_week}
