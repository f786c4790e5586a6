"""3: the data itself."""

from __future__ import annotations

from typing import Any

from deploy.grafana.boards.parts import bars, board, place, rows
from deploy.grafana.boards.weekly import PERIOD

FEEDS = """
SELECT source, CASE WHEN live_since IS NULL THEN '-' WHEN working_days_silent > 4 THEN 'STALE' ELSE 'fresh' END AS data,
  to_char(last_at, 'Dy DD Mon YYYY HH24:MI') AS "last event", working_days_silent AS "working days silent",
  accepted AS "events in all"
FROM feeds ORDER BY working_days_silent DESC, source"""

LAG = f"""
SELECT r.week, sum(r.same_day + r.ahead)::int AS "same day", sum(r.next_day)::int AS "next day",
  sum(r.within_5)::int AS "2 to 5 days", sum(r.within_10)::int AS "6 to 10 days", sum(r.longer)::int AS "longer"
FROM recording_lag_week r JOIN ({PERIOD}) p ON r.week_on <= p.week_on AND r.week_on > p.week_on - 182
GROUP BY r.week, r.week_on ORDER BY r.week_on"""

CORRECTIONS = f"""
SELECT r.week, sum(r.corrections)::int AS "replaced or retracted", sum(r.ahead)::int AS "dated in the future"
FROM recording_lag_week r JOIN ({PERIOD}) p ON r.week_on <= p.week_on AND r.week_on > p.week_on - 182
GROUP BY r.week, r.week_on ORDER BY r.week_on"""

QUARANTINE = """
SELECT code AS "reason", records, children AS "children concerned", to_char(first_at, 'DD Mon YYYY') AS "oldest",
  to_char(last_at, 'DD Mon YYYY') AS "newest" FROM quarantine_now ORDER BY records DESC, code"""

REFUSED = f"""
SELECT q.week, sum(CASE WHEN q.code = 'conflict' THEN q.records ELSE 0 END)::int AS "conflicts",
  sum(CASE WHEN q.code <> 'conflict' THEN q.records ELSE 0 END)::int AS "refused for other reasons"
FROM quarantine_week q JOIN ({PERIOD}) p ON q.week_on <= p.week_on AND q.week_on > p.week_on - 182
GROUP BY q.week, q.week_on ORDER BY q.week_on"""

FAULTS = """
SELECT s.title AS "standard", f.what AS "what is wrong", f.times, f.children FROM faults_now f
JOIN standards s ON s.standard = f.standard WHERE s.register = ${register:sqlstring} ORDER BY f.times DESC, 1, 2"""

UNTOLD = f"""
SELECT s.title AS "standard", sum(a.told)::int AS "told", sum(a.answered)::int AS "answered",
  sum(a.told - a.answered)::int AS "not answered"
FROM alerts_week a JOIN standards s ON s.standard = a.standard
JOIN ({PERIOD}) p ON a.week_on <= p.week_on AND a.week_on > p.week_on - 84
WHERE a.rung IN ('missed', 'still_missed', 'monthly', 'booked_late', 'promise_broken')
GROUP BY s.title, s.position ORDER BY s.position"""


def quality() -> Any:
    return board(
        "caseclock-quality",
        "3 Data quality",
        "How fresh the data is, how late it is recorded, what was refused.",
        ["register", "period"],
        [
            place(rows("Feeds", FEEDS, "A feed that is silent for more than four working days is stale."), 0, 3, 12, 8),
            place(rows("In quarantine, by reason", QUARANTINE), 12, 3, 12, 8),
            place(bars("Recorded how long after it happened, by week of recording", LAG, "week"), 0, 11, 12, 10),
            place(bars("Came into quarantine", REFUSED, "week"), 12, 11, 12, 10),
            place(bars("Put right", CORRECTIONS, "week", stacked=False), 0, 21, 12, 10),
            place(rows("Alerts of twelve weeks: rules nobody acts on show here", UNTOLD), 12, 21, 12, 10),
            place(rows("Faults that the clocks show", FAULTS), 0, 31, 24, 10),
        ],
    )
