"""Views of figures: by week and month, how long things took, and what chance explains."""

from __future__ import annotations

from schemas.views.view import COUNTS, GROUP, LIVE, TODAY, View

_FLOWS = (
    "met", "missed", "recorded_late", "completed", "completed_in_time", "cancelled", "voided", "voided_late",
    "not_measured",
)  # fmt: skip
_STANDING = ("opened", "overdue", "in_scope", "up_to_date")


def _figures(grain: str) -> str:
    """What each part added, and a row of nothing for each period since a group's first, so that what stands is known of
    one in which nothing happened; summed by period, and what stands summed up to each. What was before the calendar is
    put into its first period, which is not shown. Added by UNION, since a planner that guesses wrong joins for ever."""
    names = (*_FLOWS, *_STANDING)
    sums = ", ".join(f"CAST(SUM(x.{name}) AS BIGINT) AS {name}" for name in names)
    standing = ", ".join(f"CAST(SUM(g.{name}) OVER so_far AS BIGINT) AS {name}" for name in _STANDING)
    anything = " OR ".join(f"f.{name} <> 0" for name in names)
    first = f"(SELECT MIN({grain}_on) FROM calendar_day)"
    return f"""
SELECT f.standard, f.group_kind, f.group_name, f.{grain}, f.{grain}_on, f.last_on,
  f.met + f.missed, f.met, f.missed, f.recorded_late, f.completed, f.completed_in_time, f.opened, f.overdue,
  CASE s.lead WHEN 'must hold' THEN f.in_scope WHEN 'recurring' THEN f.opened END,
  CASE s.lead WHEN 'must hold' THEN f.up_to_date WHEN 'recurring' THEN f.opened - f.overdue END,
  f.cancelled, f.voided, f.voided_late, f.not_measured,
  CASE s.lead WHEN 'must hold' THEN f.up_to_date WHEN 'recurring' THEN f.opened - f.overdue ELSE f.met END,
  CASE s.lead WHEN 'must hold' THEN f.in_scope WHEN 'recurring' THEN f.opened ELSE f.met + f.missed END
FROM (
  SELECT g.group_kind, g.standard, g.group_name, g.{grain}, g.{grain}_on, g.last_on, {", ".join(f"g.{n}" for n in _FLOWS)},
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


def _period(grain: str) -> dict[str, str]:
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


# A clock at a meeting: in time, or late, or past due and open. Brothers and sisters at one meeting are one unit.
_SINCE = f"""(SELECT MIN(b.week_on) FROM calendar_day b JOIN calendar_day a ON a.day = {TODAY}
    WHERE b.number >= a.number - 1100)"""
_UNITS = f"""
WITH judged AS (
  SELECT c.standard, c.team, c.division, d.week_on, c.meeting,
    CASE WHEN c.ended = 'stopped' AND c.ended_on <= {TODAY} AND c.ended_on <= c.due_on THEN 1 ELSE 0 END AS good
  FROM clock c JOIN calendar_day d ON d.day = c.due_on
  WHERE c.generation = {LIVE} AND c.meeting IS NOT NULL AND c.unmeasured IS NULL AND NOT c.prohibits
    AND c.due_on >= {_SINCE} AND COALESCE(c.ended, '') <> 'voided' AND c.due_at IS NULL
    AND (c.due_on < {TODAY} OR (c.ended = 'stopped' AND c.ended_on <= {TODAY}))
    AND (c.ended = 'stopped' OR (c.ended = 'cancelled' AND c.ended_on > c.due_on)
      OR (c.ended IS NULL AND (c.lasts_to IS NULL OR c.lasts_to > c.due_on)))
), told AS (
  SELECT standard, k.group_kind, week_on, meeting, good,
    CASE k.group_kind WHEN 'county' THEN 'county' WHEN 'division' THEN division ELSE team END AS group_name
  FROM judged CROSS JOIN (
    SELECT 'county' AS group_kind UNION ALL SELECT 'division' UNION ALL SELECT 'team'
  ) k
), twice AS (
  SELECT standard, group_kind, group_name, week_on,
    CAST(SUM(good) AS BIGINT) - COUNT(DISTINCT CASE WHEN good = 1 THEN meeting END) AS good,
    CAST(SUM(1 - good) AS BIGINT) - COUNT(DISTINCT CASE WHEN good = 0 THEN meeting END) AS bad
  FROM told GROUP BY standard, group_kind, group_name, week_on
), due AS (
  SELECT t.standard, t.group_kind, t.group_name, d.week, d.week_on, MIN(d.number) / 7 AS week_number,
    CAST(SUM(t.met) AS BIGINT) AS met, CAST(SUM(t.missed) AS BIGINT) AS missed
  FROM tally t JOIN calendar_day d ON d.day = t.part_on
  WHERE t.generation = {LIVE} AND t.from_on <= {TODAY} AND d.week_on <= {TODAY}
    AND t.part_on >= {_SINCE}
  GROUP BY t.standard, t.group_kind, t.group_name, d.week, d.week_on
), units AS (
  SELECT due.standard, due.group_kind, due.group_name, due.week, due.week_on, due.week_number,
    due.met + due.missed - COALESCE(twice.good, 0) - COALESCE(twice.bad, 0) AS n,
    due.met - COALESCE(twice.good, 0) AS good
  FROM due LEFT JOIN twice ON twice.standard = due.standard AND twice.group_kind = due.group_kind
    AND twice.group_name = due.group_name AND twice.week_on = due.week_on
), before AS (
  SELECT u.*, CAST(COALESCE(SUM(n) OVER year_before, 0) AS BIGINT) AS before_n,
    CAST(COALESCE(SUM(good) OVER year_before, 0) AS BIGINT) AS before_good
  FROM units u
  WINDOW year_before AS (PARTITION BY standard, group_kind, group_name ORDER BY week_number
    RANGE BETWEEN 52 PRECEDING AND 1 PRECEDING)
)
SELECT standard, group_kind, group_name, week, week_on, n, good, before_n, before_good,
  CASE WHEN before_n < 30 OR n = 0 THEN NULL
    WHEN (good * before_n - before_good * n) * (good * before_n - before_good * n)
      <= 9 * before_good * (before_n - before_good) * n THEN NULL
    WHEN good * before_n > before_good * n THEN 'higher' ELSE 'lower' END
FROM before WHERE n <> 0"""

VIEWS = (
    View("figures_week", "Figures by ISO week, of every week that has begun. The same as `caseclock figures --period"
         " 2024-W10` gives.", _period("week"), _figures("week")),
    View("figures_month", "Figures by month, of every month that has begun.", _period("month"), _figures("month")),
    *(
        View(f"took_{grain}", f"How long the clocks took that were stopped in a {grain}: how many took how long.",
             {**GROUP, grain: f"the {grain}", f"{grain}_on": "its first day", "took": "how long, in `unit`",
              "unit": "`working days`, `days` or `hours`", "clocks": "clocks"}, _took(grain))
        for grain in ("week", "month")
    ),
    View("control_week", "Whether a week of the last three years differs from the 52 before it by more than chance: a"
         " p-chart of units due, in which brothers and sisters at one meeting are one unit. The same as services/timeliness/control.py.",
         {**GROUP, "week": "the ISO week", "week_on": "its Monday", "n": "units due in the week",
          "good": "of those, in time", "before_n": "units due in the 52 weeks before",
          "before_good": "of those, in time",
          "signal": "`higher` or `lower` outside the limits of 3 standard errors; null inside, or where fewer than 30"
          " units came before"}, _UNITS),
)  # fmt: skip
