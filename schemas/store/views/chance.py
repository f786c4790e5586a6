"""Views of what chance explains: a p-chart of units due by week, in which brothers and sisters at one meeting are one."""

from __future__ import annotations

from schemas.store.views.view import GROUP, LIVE, TODAY, View

_SINCE = f"""(SELECT MIN(b.week_on) FROM calendar_day b JOIN calendar_day a ON a.day = {TODAY}
    WHERE b.number >= a.number - 1100)"""
_RATES = "(SELECT standard FROM standard WHERE lead = 'rate')"  # no share of what was in time
# A clock at a meeting: in time, or late, or past due and open. Brothers and sisters at one meeting are one unit.
_GOOD = f"CASE WHEN c.ended = 'stopped' AND c.ended_on <= {TODAY} AND c.ended_on <= c.due_on THEN 1 ELSE 0 END"
_AT_A_MEETING = f"""c.generation = {LIVE} AND c.meeting IS NOT NULL AND c.unmeasured IS NULL AND NOT c.prohibits
    AND c.due_on >= {_SINCE} AND COALESCE(c.ended, '') <> 'voided' AND c.due_at IS NULL
    AND (c.due_on < {TODAY} OR (c.ended = 'stopped' AND c.ended_on <= {TODAY}))
    AND (c.ended = 'stopped' OR (c.ended IN ('cancelled', 'excused') AND c.ended_on > c.due_on)
      OR (c.ended IS NULL AND (c.lasts_to IS NULL OR c.lasts_to > c.due_on)))"""
_GROUPS = "(SELECT 'county' AS group_kind UNION ALL SELECT 'division' UNION ALL SELECT 'team') k"
_NAME = "CASE k.group_kind WHEN 'county' THEN 'county' WHEN 'division' THEN division ELSE team END AS group_name"
# How many of a week's were counted more than once.
_TWICE = """CAST(SUM(good) AS BIGINT) - COUNT(DISTINCT CASE WHEN good = 1 THEN meeting END) AS good,
    CAST(SUM(1 - good) AS BIGINT) - COUNT(DISTINCT CASE WHEN good = 0 THEN meeting END) AS bad"""
_SAID = """
SELECT standard, group_kind, group_name, week, week_on, n, good, before_n, before_good,
  CASE WHEN before_n < 30 OR n = 0 THEN NULL
    WHEN (good * before_n - before_good * n) * (good * before_n - before_good * n)
      <= 9 * before_good * (before_n - before_good) * n THEN NULL
    WHEN good * before_n > before_good * n THEN 'higher' ELSE 'lower' END
FROM before WHERE n <> 0"""

_EVERY_WEEK = f"""
WITH judged AS (
  SELECT c.standard, c.team, c.division, d.week_on, c.meeting, {_GOOD} AS good
  FROM clock c JOIN calendar_day d ON d.day = c.due_on
  WHERE {_AT_A_MEETING}
), told AS (
  SELECT standard, k.group_kind, week_on, meeting, good, {_NAME} FROM judged CROSS JOIN {_GROUPS}
), twice AS (
  SELECT standard, group_kind, group_name, week_on, {_TWICE}
  FROM told GROUP BY standard, group_kind, group_name, week_on
), due AS (
  SELECT t.standard, t.group_kind, t.group_name, d.week, d.week_on, MIN(d.number) / 7 AS week_number,
    CAST(SUM(t.met) AS BIGINT) AS met, CAST(SUM(t.missed) AS BIGINT) AS missed
  FROM tally t JOIN calendar_day d ON d.day = t.part_on
  WHERE t.generation = {LIVE} AND t.from_on <= {TODAY} AND d.week_on <= {TODAY}
    AND t.standard NOT IN {_RATES}
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
){_SAID}"""

# A week and the first day of the 52 before it, or of all that is looked at.
_WEEK = f"""(
    SELECT v.week, v.week_on, v.last_on, CASE WHEN b.day > {_SINCE} THEN b.day ELSE {_SINCE} END AS first_on
    FROM (
      SELECT week, week_on, MAX(day) AS last_on, MIN(number) / 7 AS week_number FROM calendar_day
      WHERE week_on >= {_SINCE} AND week_on <= {TODAY} GROUP BY week, week_on
    ) v LEFT JOIN calendar_day b ON b.number = 7 * (v.week_number - 52)
  ) w"""


def _sums(of: dict[str, str], on: str) -> str:
    """Returns what each week has, and what the weeks before it had."""
    return ", ".join(
        f"CAST(SUM(CASE WHEN {on} {there} w.week_on THEN {count} ELSE 0 END) AS BIGINT) AS {prefix}{name}"
        for prefix, there in (("", ">="), ("before_", "<"))
        for name, count in of.items()
    )


_ONE_WEEK = f"""
WITH judged AS (
  SELECT w.week, w.week_on AS chosen_on, c.standard, c.team, c.division, d.week_on, c.meeting, {_GOOD} AS good
  FROM {_WEEK} JOIN clock c ON c.due_on >= w.first_on AND c.due_on <= w.last_on
  JOIN calendar_day d ON d.day = c.due_on
  WHERE {_AT_A_MEETING}
), told AS (
  SELECT week, chosen_on, standard, k.group_kind, week_on, meeting, good, {_NAME} FROM judged CROSS JOIN {_GROUPS}
), by_week AS (
  SELECT week, chosen_on, standard, group_kind, group_name, week_on, {_TWICE}
  FROM told GROUP BY week, chosen_on, standard, group_kind, group_name, week_on
), twice AS (
  SELECT week, w.week_on, standard, group_kind, group_name, {_sums({"n": "w.good + w.bad", "good": "w.good"}, "w.of_on")}
  FROM (
    SELECT week, chosen_on AS week_on, week_on AS of_on, standard, group_kind, group_name, good, bad FROM by_week
  ) w GROUP BY week, w.week_on, standard, group_kind, group_name
), due AS (
  SELECT t.standard, t.group_kind, t.group_name, w.week, w.week_on,
    {_sums({"n": "t.met + t.missed", "good": "t.met"}, "t.part_on")}
  FROM {_WEEK} JOIN tally t ON t.part_on >= w.first_on AND t.part_on <= w.last_on
  WHERE t.generation = {LIVE} AND t.from_on <= {TODAY} AND t.standard NOT IN {_RATES}
  GROUP BY t.standard, t.group_kind, t.group_name, w.week, w.week_on
), before AS (
  SELECT due.standard, due.group_kind, due.group_name, due.week, due.week_on,
    {", ".join(f"due.{n} - COALESCE(twice.{n}, 0) AS {n}" for n in ("n", "good", "before_n", "before_good"))}
  FROM due LEFT JOIN twice ON twice.standard = due.standard AND twice.group_kind = due.group_kind
    AND twice.group_name = due.group_name AND twice.week = due.week AND twice.week_on = due.week_on
){_SAID}"""

_COLUMNS = {
    **GROUP,
    "week": "the ISO week",
    "week_on": "its Monday",
    "n": "units due in the week",
    "good": "of those, in time",
    "before_n": "units due in the 52 weeks before",
    "before_good": "of those, in time",
    "signal": "`higher` or `lower` outside the limits of 3 standard errors; null inside, or where fewer than 30 units"
    " came before",
}

VIEWS = (
    View(
        "control_week",
        "Whether a week of the last three years differs from the 52 before it by more than chance: a"
        " p-chart of units due, in which brothers and sisters at one meeting are one unit. The same as services/timeliness/figures/control.py.",
        _COLUMNS,
        _EVERY_WEEK,
    ),
    View(
        "control_one_week",
        "`control_week` for whoever asks of a single week, as `figures_one_week` is: the same rows"
        " and columns, quick with `week = '2024-W10'` in the query.",
        _COLUMNS,
        _ONE_WEEK,
    ),
)
