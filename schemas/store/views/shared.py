"""Says what may be shown on a screen that others see: counts of 1 to 5 left out, and as many more as keep them from
being worked out.

A *block* is a total with its parts (due = met + missed). Where a part is small the parts are left out (level 1), where
the total is, it as well (level 2). The county is the sum of its divisions: if only one division of a level were left
out it would be the county less the others, so the next smallest is left out too. Teams are not shown at all: there
nearly everything is small. By week alone: the weeks of some months add up to them.
"""

from __future__ import annotations

from schemas.store.views.view import COUNTS, GROUP, SMALL, View

_ALONE = ("recorded_late", "instead", "excused", "cancelled", "voided", "voided_late", "not_measured")
# block → its total and a part (the other part is the rest); a single count has none
_BLOCKS: dict[str, tuple[str, str | None]] = {
    "judged": ("due", "met"),
    "ended": ("completed", "completed_in_time"),
    "running": ("open", "overdue"),
    "scope": ("in_scope", "up_to_date"),
    "rate": ("received", "received_again"),
    **{name: (name, None) for name in _ALONE},
}
_OVER = "PARTITION BY standard, week_on"


def _small(count: str) -> str:
    return f"{count} BETWEEN 1 AND {SMALL}"


def _level(total: str, part: str | None) -> str:
    parts = f" WHEN {_small(part)} OR {_small(f'{total} - {part}')} THEN 1" if part else ""
    return f"CASE WHEN {_small(total)} THEN 2{parts} ELSE 0 END"


def _around(block: str) -> str:
    """The county's level, how many divisions are left out at each, and a division's place among those that could be
    left out besides: the smallest first."""
    total = _BLOCKS[block][0]
    level, division = f"{block}_level", "group_kind = 'division'"
    return f"""
  MAX(CASE WHEN group_kind = 'county' THEN {level} ELSE 0 END) OVER ({_OVER}) AS {block}_county,
  SUM(CASE WHEN {division} AND {level} >= 1 THEN 1 ELSE 0 END) OVER ({_OVER}) AS {block}_some,
  SUM(CASE WHEN {division} AND {level} = 2 THEN 1 ELSE 0 END) OVER ({_OVER}) AS {block}_all,
  ROW_NUMBER() OVER ({_OVER}, CASE WHEN {division} AND {total} > 0 AND {level} < 2 THEN 1 ELSE 0 END
    ORDER BY {total}, group_name) AS {block}_next_all,
  ROW_NUMBER() OVER ({_OVER}, CASE WHEN {division} AND {total} > 0 AND {level} = 0 THEN 1 ELSE 0 END
    ORDER BY {total}, group_name) AS {block}_next_some"""


def _hidden(block: str) -> str:
    """The level at which a row is left out in the end."""
    total = _BLOCKS[block][0]
    level, division = f"{block}_level", f"group_kind = 'division' AND {total} > 0"
    return f"""CASE WHEN {level} = 2 THEN 2
    WHEN {division} AND {block}_all = 1 AND {block}_county < 2 AND {block}_next_all = 1 THEN 2
    WHEN {level} = 1 THEN 1
    WHEN {division} AND {block}_all <> 1 AND {block}_some = 1 AND {block}_county = 0 AND {block}_next_some = 1 THEN 1
    ELSE 0 END AS {block}_hidden"""


def _shown(name: str) -> str:
    for block, (total, part) in _BLOCKS.items():
        if name == total:
            return f"CASE WHEN {block}_hidden < 2 THEN {name} END"
        if name == part or (name == "missed" and block == "judged"):
            return f"CASE WHEN {block}_hidden < 1 THEN {name} END"
    if name == "lead_good":
        return (
            "CASE WHEN lead = 'in time' THEN CASE WHEN judged_hidden < 1 THEN met END"
            " WHEN lead = 'rate' THEN CASE WHEN rate_hidden < 1 THEN received_again END"
            " ELSE CASE WHEN scope_hidden < 1 THEN up_to_date END END"
        )
    return (
        "CASE WHEN lead = 'in time' THEN CASE WHEN judged_hidden < 2 THEN due END"
        " WHEN lead = 'rate' THEN CASE WHEN rate_hidden < 2 THEN received END"
        " ELSE CASE WHEN scope_hidden < 2 THEN in_scope END END"
    )


_KEY = "standard, group_kind, group_name, week, week_on, last_on"
_LEVELS = ", ".join(f"{_level(*of)} AS {block}_level" for block, of in _BLOCKS.items())
_SQL = f"""
WITH f AS (
  SELECT figures_week.*, s.lead FROM figures_week JOIN standard s ON s.standard = figures_week.standard
  WHERE group_kind IN ('county', 'division')
), levels AS (
  SELECT f.*, {_LEVELS} FROM f
), around AS (
  SELECT levels.*,{",".join(map(_around, _BLOCKS))}
  FROM levels
), hidden AS (
  SELECT around.*, {", ".join(map(_hidden, _BLOCKS))} FROM around
)
SELECT {_KEY}, {", ".join(map(_shown, COUNTS))},
  CASE WHEN {" OR ".join(f"{block}_hidden > 0" for block in _BLOCKS)} THEN 1 ELSE 0 END
FROM hidden"""

VIEWS = (
    View(
        "shared_figures_week",
        "`figures_week` for a screen that others see: the county and its divisions, counts of 1"
        " to 5 null, and as many more as keep them from being worked out.",
        {
            **GROUP,
            "week": "the ISO week",
            "week_on": "its Monday",
            "last_on": "its last day",
            **COUNTS,
            "suppressed": "1 if a count of the row is left out, else 0",
        },
        _SQL,
    ),
)
