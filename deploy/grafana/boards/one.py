"""2: one standard, by team."""

from __future__ import annotations

from typing import Any

from deploy.grafana.boards.parts import bars, board, lines, place, rows
from deploy.grafana.boards.weekly import GROUP, IN_DIVISION, PERIOD, STANDING, THIS

TEAMS_CHOSEN = "IN (${team:sqlstring})"

CONTROL = f"""
SELECT c.week_on::timestamp AS time, 100.0 * c.good / c.n AS "per cent in time",
  100.0 * m.mean AS "mean of the year before",
  100.0 * greatest(0, m.mean - 3 * sqrt(m.mean * (1 - m.mean) / c.n)) AS "lower limit",
  100.0 * least(1, m.mean + 3 * sqrt(m.mean * (1 - m.mean) / c.n)) AS "upper limit",
  CASE WHEN c.signal IS NOT NULL THEN 100.0 * c.good / c.n END AS "signal"
FROM control_week c JOIN ({PERIOD}) p ON c.week_on <= p.week_on AND c.week_on > p.week_on - 371
CROSS JOIN LATERAL (SELECT CASE WHEN c.before_n >= 30 THEN 1.0 * c.before_good / c.before_n END AS mean) m
WHERE c.{THIS} AND {GROUP} ORDER BY 1"""

BY_TEAM = f"""
SELECT f.group_name AS "team", {STANDING} AS standing, f.lead_good AS "good", f.lead_of AS "of",
  floor(100.0 * f.lead_good / NULLIF(f.lead_of, 0)) AS "per cent", f.due, f.met, f.missed,
  f.recorded_late AS "recorded late", f.open, f.overdue, f.excused, f.instead AS "done instead", f.cancelled, f.voided, f.voided_late AS "voided late",
  f.not_measured AS "not measured"
FROM figures_one_week f LEFT JOIN targets t ON t.standard = f.standard AND f.last_on BETWEEN t.from_on AND t.to_on
WHERE f.{THIS} AND f.group_kind = 'team' AND f.group_name {TEAMS_CHOSEN} AND f.week = ${{period:sqlstring}}
ORDER BY 1"""

SPREAD = f"""
SELECT floor(k.took)::int AS "days or hours taken",
  sum(CASE WHEN s.limit_took IS NULL OR k.took <= s.limit_took THEN k.clocks ELSE 0 END)::int AS "within the limit",
  sum(CASE WHEN k.took > s.limit_took THEN k.clocks ELSE 0 END)::int AS "over the limit"
FROM took_week k JOIN standards s ON s.standard = k.standard
JOIN ({PERIOD}) p ON k.week_on <= p.week_on AND k.week_on > p.week_on - 84
WHERE k.{THIS} AND k.group_kind = 'team' AND k.group_name {TEAMS_CHOSEN} GROUP BY 1 ORDER BY 1"""

LATE = f"""
SELECT f.week, sum(f.missed)::int AS "done late, or not yet", sum(f.recorded_late)::int AS "in time, recorded late"
FROM figures_week f JOIN ({PERIOD}) p ON f.week_on <= p.week_on AND f.week_on > p.week_on - 182
WHERE f.{THIS} AND f.group_kind = 'team' AND f.group_name {TEAMS_CHOSEN} GROUP BY f.week, f.week_on ORDER BY f.week_on"""

STILL_OPEN = f"""
SELECT o.due_on::text AS "was due", o.working_days_over AS "working days ago", o.team_now AS "team now",
  CASE WHEN o.evidence_waits = 1 THEN 'an event of this child waits in quarantine'
    WHEN o.booked_on IS NOT NULL THEN 'booked for ' || o.booked_on
    WHEN o.promised_on IS NOT NULL THEN 'promised for ' || o.promised_on
    WHEN o.last_told IS NULL THEN 'nobody was told yet' ELSE 'told, no answer' END AS "why it is still open",
  o.reason AS "what the manager said", o.faults AS "faults of the data"
FROM overdue_now o WHERE o.{THIS} AND o.team {TEAMS_CHOSEN} AND {IN_DIVISION} ORDER BY o.due_on, o.clock"""

TITLE = 'SELECT title, plan, force, owner, limit_words AS "limit" FROM standards WHERE ' + THIS


def one() -> Any:
    return board(
        "caseclock-standard",
        "2 One standard",
        "One standard: its teams, how long things took, what is still open.",
        ["register", "standard", "division", "team", "period"],
        [
            place(rows("The standard", TITLE), 0, 3, 24, 4),
            place(
                lines(
                    "In time, with the limits of chance (meetings, not brothers and sisters)",
                    CONTROL,
                    "Points outside the limits are a signal. The mean is that of the 52 weeks before each.",
                )
                .min(0)
                .max(100),
                0,
                7,
                14,
                10,
            ),
            place(
                bars(
                    "How long it took, over twelve weeks; the limit is where the colour changes",
                    SPREAD,
                    "days or hours taken",
                ),
                14,
                7,
                10,
                10,
            ),
            place(rows("By team", BY_TEAM, "", {"standing": 130}), 0, 17, 14, 12),
            place(bars("Done late, against recorded late", LATE, "week", stacked=False), 14, 17, 10, 12),
            place(rows("What was missed, and why it is still open", STILL_OPEN), 0, 29, 24, 12),
        ],
    )
