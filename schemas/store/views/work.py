"""Views of what waits to be done, and of what was told and came of it."""

from __future__ import annotations

from schemas.rungs import RUNG_KINDS
from schemas.store.views.view import LIVE, NOW, TODAY, WAITS, View

# A clock that runs today: neither ended nor lapsed, judged, and not of something that must not happen.
_RUNNING = f"""
FROM clock c JOIN calendar_day d ON d.day = c.due_on JOIN calendar_day t ON t.day = {TODAY}
WHERE c.generation = {LIVE} AND NOT c.settled AND NOT c.prohibits AND c.unmeasured IS NULL
  AND c.started_on <= {TODAY} AND (c.ended IS NULL OR c.ended_on > {TODAY})
  AND (c.lasts_to IS NULL OR c.lasts_to >= {TODAY})"""
_PAST = f"(CASE WHEN c.due_at IS NOT NULL THEN c.due_at < {NOW} ELSE c.due_on < {TODAY} END)"  # as `Clock.past_due`

_CLOCK = {
    "standard": "id of the standard",
    "team": "the team it counts for: responsible on the due day",
    "division": "that team's division",
    "team_now": "the team responsible now, who can act",
    "child": "the child's id: not for a shared screen",
    "clock": "the clock's id",
    "due_on": "the last good day",
}


# an alert is about a clock whichever of its ids it was told under
OF_IT = (
    f"""IN (SELECT c.id UNION ALL SELECT x.alias FROM clock_alias x WHERE x.generation = {LIVE} AND x.clock = c.id)"""
)
NOW_CALLED = (
    f"""COALESCE((SELECT x.clock FROM clock_alias x WHERE x.generation = {LIVE} AND x.alias = a.clock), a.clock)"""
)


def _latest(what: str) -> str:
    return f"""(SELECT k.{what} FROM acknowledgement k JOIN alert a ON a.id = k.alert WHERE a.clock {OF_IT}
    ORDER BY k.at DESC, k.id DESC LIMIT 1)"""


# as `services.alerts.reports.promises.standing` says it; a test holds the two equal
_OUTCOME = f"""CASE WHEN c.id IS NULL OR c.unmeasured IS NOT NULL THEN 'lapsed'
    WHEN c.ended IS NOT NULL AND c.ended_on <= {TODAY} AND (c.ended_at IS NULL OR c.ended_at <= {NOW}) THEN
      CASE WHEN c.ended_on > k.by_on THEN 'broken' WHEN c.ended = 'stopped' THEN 'kept' ELSE 'lapsed' END
    WHEN c.lasts_to < {TODAY} THEN CASE WHEN c.lasts_to <= k.by_on THEN 'lapsed' ELSE 'broken' END
    WHEN k.by_on < {TODAY} THEN 'broken' ELSE 'open' END"""
# as `schemas.rungs.kind_of`: of each kind its name, and what begins with it
_KIND = " ".join(f"WHEN a.rung = '{kind}' OR a.rung LIKE '{kind}|_%' ESCAPE '|' THEN '{kind}'" for kind in RUNG_KINDS)

# Delivered: to a person by a channel that says so; one for a team, which names no person, wherever it was left.
_NOTICES = """
SELECT state, COUNT(*), MIN(created_at)
FROM (
  SELECT n.created_at, CASE
      WHEN EXISTS (SELECT 1 FROM attempt t WHERE t.notice = n.id AND t.outcome = 'delivered') THEN 'delivered'
      WHEN n.recipient IS NULL AND EXISTS (SELECT 1 FROM delivery y WHERE y.notice = n.id) THEN 'delivered'
      WHEN l.outcome = 'sent' THEN 'sent'
      WHEN l.outcome = 'refused' AND l.next_try_at IS NOT NULL THEN 'failed'
      ELSE 'waiting' END AS state
  FROM notice n LEFT JOIN (SELECT notice, MAX(number) AS number FROM attempt GROUP BY notice) m ON m.notice = n.id
  LEFT JOIN attempt l ON l.notice = m.notice AND l.number = m.number
) s GROUP BY state"""

VIEWS = (
    View(
        "overdue_now",
        "What is overdue today: one row a clock, with what is known of why it is still open.",
        {
            **_CLOCK,
            "days_over": "days since the due day",
            "working_days_over": "working days since the due day",
            "booked_on": "the day it is booked for, if it is",
            "last_told": "the last rung told of it",
            "reason": "what the manager answered last, in their own words",
            "promised_on": "by when it was promised",
            "evidence_waits": "1 if an event that may be the child's is in quarantine, else 0",
            "faults": "faults of the data seen on it",
        },
        f"""
SELECT c.standard, c.team, c.division, c.team_now, c.child, c.id, c.due_on, t.number - d.number,
  t.working_number - d.working_number, c.booked_on,
  (SELECT a.rung FROM alert a WHERE a.clock {OF_IT} AND NOT a.skipped ORDER BY a.told_at DESC, a.id LIMIT 1),
  {_latest("reason")}, {_latest("by_on")},
  CASE WHEN EXISTS (SELECT 1 FROM quarantine q WHERE q.subject = c.child AND {WAITS}) THEN 1 ELSE 0 END,
  c.faults
{_RUNNING} AND {_PAST}""",
    ),
    View(
        "due_next",
        "What falls due in the next two weeks: today and the 14 days after it; one row a clock.",
        {
            **_CLOCK,
            "days_left": "days until the due day; 0: today",
            "booked_on": "the day it is booked for, if it is",
            "booked_late": "1 if it is booked for after the due day, else 0",
        },
        f"""
SELECT c.standard, c.team, c.division, c.team_now, c.child, c.id, c.due_on, d.number - t.number, c.booked_on,
  CASE WHEN c.booked_on > c.due_on THEN 1 ELSE 0 END
{_RUNNING} AND NOT {_PAST} AND d.number - t.number <= 14""",
    ),
    View(
        "overdue_ages",
        "How many clocks are overdue today, and how old that is; no child in it.",
        {
            "standard": "id of the standard",
            "team": "the team they count for",
            "division": "its division",
            "age": "`1-5`, `6-20`, `21-60` or `61+` working days since the due day",
            "age_from": "the least of it",
            "clocks": "clocks",
            "oldest_due_on": "the earliest due day among them",
        },
        """
SELECT standard, team, division,
  CASE WHEN working_days_over <= 5 THEN '1-5' WHEN working_days_over <= 20 THEN '6-20'
    WHEN working_days_over <= 60 THEN '21-60' ELSE '61+' END,
  MIN(CASE WHEN working_days_over <= 5 THEN 1 WHEN working_days_over <= 20 THEN 6
    WHEN working_days_over <= 60 THEN 21 ELSE 61 END),
  COUNT(*), MIN(due_on)
FROM overdue_now GROUP BY standard, team, division,
  CASE WHEN working_days_over <= 5 THEN '1-5' WHEN working_days_over <= 20 THEN '6-20'
    WHEN working_days_over <= 60 THEN '21-60' ELSE '61+' END""",
    ),
    View(
        "due_next_days",
        "How many clocks fall due on each of the next 14 days and today; no child in it.",
        {
            "standard": "id of the standard",
            "team": "the team they count for",
            "division": "its division",
            "due_on": "the due day",
            "days_left": "days until then",
            "clocks": "clocks",
            "booked": "of those, booked for that day or before",
            "booked_late": "of those, booked for after it",
        },
        """
SELECT standard, team, division, due_on, days_left, COUNT(*),
  SUM(CASE WHEN booked_on <= due_on THEN 1 ELSE 0 END), SUM(booked_late)
FROM due_next GROUP BY standard, team, division, due_on, days_left""",
    ),
    View(
        "promises",
        "What managers promised in answer to alerts, and what came of it.",
        {
            "standard": "id of the standard",
            "team": "the team that was told",
            "promised_week": "the week of the answer",
            "promised_week_on": "its Monday",
            "promised_on": "by when it will be done",
            "outcome": "`kept` (done by then), `broken`, `lapsed` (nothing is owed any more), or `open`",
        },
        f"""
SELECT a.standard, a.team, d.week, d.week_on, k.by_on,
  {_OUTCOME}
FROM acknowledgement k JOIN alert a ON a.id = k.alert
JOIN calendar_day d ON k.at >= d.begins_at AND k.at < d.ends_at
LEFT JOIN clock c ON c.generation = {LIVE} AND c.id = {NOW_CALLED}""",
    ),
    View(
        "alerts_week",
        "Alerts by the week in which they were told, and what came of them.",
        {
            "standard": "id of the standard",
            "team": "the team that was told",
            "division": "its division that day",
            "week": "the ISO week",
            "week_on": "its Monday",
            "rung": "what was told: `due_soon`, `missed`,"
            " `still_missed`, `monthly`, `booked_late`, `promise_broken`, `handed_over`, `withdrawn` or `cleared`",
            "told": "alerts told",
            "skipped": "alerts left out because a later one was told instead",
            "answered": "of those told, answered with a promise",
        },
        f"""
SELECT a.standard, a.team, COALESCE(m.division, 'unassigned'), d.week, d.week_on,
  CASE {_KIND} END,
  SUM(CASE WHEN a.skipped THEN 0 ELSE 1 END), SUM(CASE WHEN a.skipped THEN 1 ELSE 0 END),
  SUM(CASE WHEN EXISTS (SELECT 1 FROM acknowledgement k WHERE k.alert = a.id) THEN 1 ELSE 0 END)
FROM calendar_day d JOIN alert a ON a.told_at >= d.begins_at AND a.told_at < d.ends_at
LEFT JOIN team m ON m.team = a.team AND d.day BETWEEN m.from_on AND m.to_on
GROUP BY a.standard, a.team, COALESCE(m.division, 'unassigned'), d.week, d.week_on, CASE {_KIND} END""",
    ),
    View(
        "notices",
        "Messages, however old, by what came of them: as `caseclock status` counts those of the last 30 days.",
        {
            "state": "`waiting` (no channel has it yet, or it is tried again), `sent` (a channel has taken it and does not"
            " say yet that it was delivered), `delivered`, or `failed` (nobody on the line could be given it)",
            "notices": "messages",
            "oldest_at": "when the oldest of them was written",
        },
        _NOTICES,
    ),
)
