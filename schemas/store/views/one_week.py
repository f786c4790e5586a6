"""The view of the figures of one week, asked by itself."""

from __future__ import annotations

from schemas.store.views.figures import FLOWS, STANDING, figures_sql, period
from schemas.store.views.view import LIVE, TODAY, View

_NAMES = (*FLOWS, *STANDING)


def _sql() -> str:
    """Everything up to a week's end, added up for that week. The week is what it is grouped by, and so a choice of it
    is made before anything is added up; in `figures_week` what stands is a sum over the weeks, all of which it needs."""
    flows = [f"CAST(SUM(CASE WHEN t.part_on >= w.week_on THEN t.{n} ELSE 0 END) AS BIGINT) AS {n}" for n in FLOWS]
    standing = [f"CAST(SUM(t.{name}) AS BIGINT) AS {name}" for name in STANDING]
    return f"""
{figures_sql("week")}
FROM (
  SELECT t.group_kind, t.standard, t.group_name, w.week, w.week_on, w.last_on, {", ".join((*flows, *standing))}
  FROM (
    SELECT week, week_on, MAX(day) AS last_on FROM calendar_day
    WHERE week_on <= {TODAY} AND week_on > (SELECT MIN(week_on) FROM calendar_day) GROUP BY week, week_on
  ) w JOIN tally t ON t.part_on <= w.last_on
  WHERE t.generation = {LIVE} AND t.from_on <= {TODAY}
  GROUP BY t.group_kind, t.standard, t.group_name, w.week, w.week_on, w.last_on
) f JOIN standard s ON s.standard = f.standard
WHERE {" OR ".join(f"f.{name} <> 0" for name in _NAMES)}"""


VIEWS = (
    View(
        "figures_one_week",
        "`figures_week` for whoever asks of a single week: the same rows and columns. Quick with"
        " `week = '2024-W10'` in the query, and of no use without: `figures_week` is quick of many weeks of one"
        " standard.",
        period("week"),
        _sql(),
    ),
)
