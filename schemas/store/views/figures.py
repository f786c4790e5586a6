"""Views of figures: by week and month, and how long things took."""

from __future__ import annotations

from schemas.store.views.view import COUNTS, GROUP, LIVE, TODAY, View

FLOWS = (
    "met",
    "missed",
    "recorded_late",
    "instead",
    "completed",
    "completed_in_time",
    "received",
    "received_again",
    "excused",
    "cancelled",
    "voided",
    "voided_late",
    "not_measured",
)
STANDING = ("opened", "overdue", "in_scope", "up_to_date")
_SCOPE, _UP_TO_DATE = "f.opened + f.in_scope", "f.opened - f.overdue + f.up_to_date"  # see figures/counts.py


def figures_sql(grain: str) -> str:
    """The columns of a view of figures, from `f`, which has each measure summed, and `s`, the standard."""
    return f"""SELECT f.standard, f.group_kind, f.group_name, f.{grain}, f.{grain}_on, f.last_on,
  f.met + f.missed, f.met, f.missed, f.recorded_late, f.instead, f.completed, f.completed_in_time, f.opened, f.overdue,
  CASE s.lead WHEN 'rate' THEN f.received END, CASE s.lead WHEN 'rate' THEN f.received_again END,
  CASE s.lead WHEN 'must hold' THEN f.in_scope WHEN 'recurring' THEN {_SCOPE} END,
  CASE s.lead WHEN 'must hold' THEN f.up_to_date WHEN 'recurring' THEN {_UP_TO_DATE} END,
  f.excused, f.cancelled, f.voided, f.voided_late, f.not_measured,
  CASE s.lead WHEN 'must hold' THEN f.up_to_date WHEN 'recurring' THEN {_UP_TO_DATE}
    WHEN 'rate' THEN f.received_again ELSE f.met END,
  CASE s.lead WHEN 'must hold' THEN f.in_scope WHEN 'recurring' THEN {_SCOPE}
    WHEN 'rate' THEN f.received ELSE f.met + f.missed END"""


def _figures(grain: str) -> str:
    """Returns what each part added, and a row of nothing for each period since a group's first, so that what stands
    is known of one in which nothing happened; summed by period, and what stands summed up to each. What was before
    the calendar is put into its first period, which is not shown. Added by UNION, since a planner that guesses wrong
    joins for ever."""
    names = (*FLOWS, *STANDING)
    sums = ", ".join(f"CAST(SUM(x.{name}) AS BIGINT) AS {name}" for name in names)
    standing = ", ".join(f"CAST(SUM(g.{name}) OVER so_far AS BIGINT) AS {name}" for name in STANDING)
    anything = " OR ".join(f"f.{name} <> 0" for name in names)
    first = f"(SELECT MIN({grain}_on) FROM calendar_day)"
    return f"""
{figures_sql(grain)}
FROM (
  SELECT g.group_kind, g.standard, g.group_name, g.{grain}, g.{grain}_on, g.last_on, {", ".join(f"g.{n}" for n in FLOWS)},
    {standing}
  FROM (
    SELECT x.group_kind, x.standard, x.group_name, x.{grain}_on, MAX(x.{grain}) AS {grain}, MAX(x.last_on) AS last_on, {sums}
    FROM (
      SELECT t.group_kind, t.standard, t.group_name, COALESCE(d.{grain}_on, {first}) AS {grain}_on,
        COALESCE(d.{grain}, '') AS {grain}, t.part_on AS last_on, {", ".join(f"t.{n}" for n in names)}
      FROM tally t LEFT JOIN calendar_day d ON d.day = t.part_on
      WHERE t.generation = {LIVE} AND t.from_on <= {TODAY} AND COALESCE(d.{grain}_on, t.part_on) <= {TODAY}
      UNION ALL
      SELECT s.group_kind, s.standard, s.group_name, p.{grain}_on, p.{grain}, p.last_on, {", ".join("0" for n in names)}
      FROM (
        SELECT group_kind, standard, group_name, MIN(part_on) AS first_on FROM tally
        WHERE generation = {LIVE} GROUP BY group_kind, standard, group_name
      ) s JOIN (
        SELECT {grain}, {grain}_on, MAX(day) AS last_on FROM calendar_day
        WHERE {grain}_on <= {TODAY} GROUP BY {grain}, {grain}_on
      ) p ON p.last_on >= s.first_on
    ) x GROUP BY x.group_kind, x.standard, x.group_name, x.{grain}_on
  ) g
  WINDOW so_far AS (PARTITION BY g.group_kind, g.standard, g.group_name ORDER BY g.{grain}_on)
) f JOIN standard s ON s.standard = f.standard
WHERE f.{grain}_on > {first} AND ({anything})"""


def period(grain: str) -> dict[str, str]:
    week = grain == "week"
    return {
        **GROUP,
        grain: "the ISO week, 2024-W10" if week else "the month, 2024-03",
        f"{grain}_on": "its first day: the Monday" if week else "its first day",
        "last_on": "its last day",
        **COUNTS,
    }


def _took(grain: str) -> str:
    return f"""
SELECT t.standard, t.group_kind, t.group_name, d.{grain}, d.{grain}_on, t.took, s.unit, CAST(SUM(t.clocks) AS BIGINT)
FROM took_tally t JOIN calendar_day d ON d.day = t.part_on JOIN standard s ON s.standard = t.standard
WHERE t.generation = {LIVE} AND t.from_on <= {TODAY} AND t.part_on <= {TODAY}
GROUP BY t.standard, t.group_kind, t.group_name, d.{grain}, d.{grain}_on, t.took, s.unit
HAVING SUM(t.clocks) <> 0"""


VIEWS = (
    View(
        "figures_week",
        "Figures by ISO week, of every week that has begun. The same as `caseclock figures --period 2024-W10` gives.",
        period("week"),
        _figures("week"),
    ),
    View("figures_month", "Figures by month, of every month that has begun.", period("month"), _figures("month")),
    *(
        View(
            f"took_{grain}",
            f"How long the clocks took that were stopped in a {grain}: how many took how long.",
            {
                **GROUP,
                grain: f"the {grain}",
                f"{grain}_on": "its first day",
                "took": "how long, in `unit`",
                "unit": "`working days`, `days` or `hours`",
                "clocks": "clocks",
            },
            _took(grain),
        )
        for grain in ("week", "month")
    ),
)
