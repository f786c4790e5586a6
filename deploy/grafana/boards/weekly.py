"""1: the weekly meeting. One screen a chair can run it from; no child's id on it."""

from __future__ import annotations

from typing import Any

from deploy.grafana.boards.parts import bars, board, lines, place, rows

GROUP = (
    "group_name = ${division:sqlstring} AND group_kind = CASE ${division:sqlstring} WHEN 'county' THEN 'county'"
    " ELSE 'division' END"
)
CHOSEN = "standard IN (${standards:sqlstring})"
THIS = "standard = ${standard:sqlstring}"
IN_DIVISION = "(${division:sqlstring} = 'county' OR division = ${division:sqlstring})"
PERIOD = "SELECT * FROM weeks WHERE week = ${period:sqlstring}"
THIS_WEEK = f"SELECT * FROM figures_one_week WHERE {GROUP} AND {CHOSEN} AND week = ${{period:sqlstring}}"
LAST_WEEK = f"SELECT * FROM figures_one_week WHERE {GROUP} AND {CHOSEN} AND week_on = (SELECT week_on - 7 FROM p)"
SIGNAL = f"SELECT * FROM control_one_week WHERE {GROUP} AND {CHOSEN} AND week = ${{period:sqlstring}}"
STANDING = """CASE WHEN f.lead_of IS NULL OR f.lead_of = 0 THEN 'none due' WHEN t.green IS NULL THEN 'no target'
    WHEN 100 * f.lead_good >= t.green * f.lead_of THEN 'on target'
    WHEN 100 * f.lead_good >= t.amber * f.lead_of THEN 'near target' ELSE 'below target' END"""

EACH = f"""
WITH p AS ({PERIOD}), f AS ({THIS_WEEK}), l AS ({LAST_WEEK})
SELECT s.title AS "standard",
  CASE s.lead WHEN 'in time' THEN 'in time, of those due' WHEN 'rate' THEN 'again, of those received' ELSE 'up to date, of those in scope' END AS "measured",
  {STANDING} AS standing,
  f.lead_good AS "good", f.lead_of AS "of", floor(100.0 * f.lead_good / NULLIF(f.lead_of, 0)) AS "per cent this week",
  floor(100.0 * l.lead_good / NULLIF(l.lead_of, 0)) AS "per cent last week", t.green AS "target per cent",
  CASE c.signal WHEN 'lower' THEN 'lower than chance' WHEN 'higher' THEN 'higher than chance' ELSE '-' END AS signal,
  f.overdue AS "overdue"
FROM standards s CROSS JOIN p
LEFT JOIN f ON f.standard = s.standard LEFT JOIN l ON l.standard = s.standard
LEFT JOIN targets t ON t.standard = s.standard AND p.last_on BETWEEN t.from_on AND t.to_on
LEFT JOIN ({SIGNAL}) c ON c.standard = s.standard
WHERE s.{CHOSEN} AND s.register = ${{register:sqlstring}} ORDER BY s.position"""

TREND = f"""
SELECT f.week_on::timestamp AS time, s.title AS metric, 100.0 * f.lead_good / f.lead_of AS value
FROM figures_week f JOIN standards s ON s.standard = f.standard JOIN ({PERIOD}) p ON f.week_on <= p.week_on
WHERE {GROUP} AND f.{CHOSEN} AND f.lead_of > 0 AND f.week_on > p.week_on - 371 ORDER BY 1, s.position"""

TEAMS = f"""
SELECT f.group_name AS "team", {STANDING} AS standing, f.lead_good AS "good", f.lead_of AS "of",
  floor(100.0 * f.lead_good / NULLIF(f.lead_of, 0)) AS "per cent", f.overdue AS "overdue"
FROM figures_one_week f JOIN teams m ON m.team = f.group_name
LEFT JOIN targets t ON t.standard = f.standard AND f.last_on BETWEEN t.from_on AND t.to_on
WHERE f.group_kind = 'team' AND f.week = ${{period:sqlstring}} AND f.{THIS} AND {IN_DIVISION} AND f.lead_of > 0
ORDER BY 1.0 * f.lead_good / f.lead_of, f.lead_of DESC, 1"""

BESIDE = f"""
SELECT s.title AS "standard", f.excused, f.instead AS "done instead", f.cancelled, f.voided, f.voided_late AS "voided late", f.not_measured AS "not measured",
  f.recorded_late AS "recorded late"
FROM figures_one_week f JOIN standards s ON s.standard = f.standard
WHERE {GROUP} AND f.{CHOSEN} AND f.week = ${{period:sqlstring}}
  AND f.excused + f.instead + f.cancelled + f.voided + f.voided_late + f.not_measured + f.recorded_late > 0 ORDER BY s.position"""

DUE = f"""
SELECT to_char(due_on, 'Dy DD Mon') AS day, sum(clocks - booked - booked_late)::int AS "not booked",
  sum(booked)::int AS "booked in time", sum(booked_late)::int AS "booked too late"
FROM due_next_days WHERE {CHOSEN} AND {IN_DIVISION} GROUP BY due_on ORDER BY due_on"""

OVERDUE = f"""
SELECT min(o.oldest_due_on)::text AS "oldest was due", o.team, s.title AS "standard", sum(o.clocks)::int AS "overdue",
  sum(CASE WHEN o.age_from >= 21 THEN o.clocks ELSE 0 END)::int AS "over 20 working days"
FROM overdue_ages o JOIN standards s ON s.standard = o.standard
WHERE o.{CHOSEN} AND {IN_DIVISION} GROUP BY o.team, s.title ORDER BY 1, 2, 3"""

BACKLOG = f"""
WITH p AS ({PERIOD}), f AS ({THIS_WEEK}), l AS ({LAST_WEEK})
SELECT s.title AS "standard", 'Overdue work fell from ' || l.overdue || ' to ' || f.overdue || ', and '
  || f.completed - f.completed_in_time || ' of ' || f.completed || ' completed were late: "completed in time" is lower'
  || ' because a backlog was cleared.' AS "what happened"
FROM f JOIN l ON l.standard = f.standard JOIN standards s ON s.standard = f.standard
WHERE f.overdue < l.overdue AND f.completed > 0 AND l.completed > 0
  AND f.completed_in_time * l.completed < l.completed_in_time * f.completed ORDER BY s.position"""


def weekly() -> Any:
    return board(
        "caseclock-weekly",
        "1 Weekly meeting",
        "Each standard against its target: this week, last week, twelve months. The week is the one chosen above; what"
        " is overdue and falls due is as of today.",
        ["register", "standards", "division", "standard", "period"],
        [
            place(
                rows(
                    "Each standard against its target",
                    EACH,
                    "A week is marked only where it lies outside the control limits of a p-chart that counts"
                    " meetings and not brothers and sisters; anything else is chance, and not to be chased.",
                    {"standard": 420, "measured": 230, "standing": 130, "signal": 160},
                ),
                0,
                3,
                24,
                15,
            ),
            place(
                lines("Twelve months: per cent in time, up to date, or received again", TREND).min(0).max(100),
                0,
                18,
                14,
                11,
            ),
            place(bars("What falls due in the next two weeks", DUE, "day"), 14, 18, 10, 11),
            place(
                rows(
                    "Teams side by side, the lowest first: ${standard:text}",
                    TEAMS,
                    "Of the one standard chosen above as “Standard”.",
                    {"standing": 130},
                ),
                0,
                29,
                14,
                12,
            ),
            place(rows("Overdue today, the oldest first", OVERDUE), 14, 29, 10, 12),
            place(rows("Beside the figures: excused, cancelled, voided, not measured", BESIDE), 0, 41, 14, 8),
            place(rows("Where clearing a backlog lowers “completed in time”", BACKLOG), 14, 41, 10, 8),
        ],
    )
