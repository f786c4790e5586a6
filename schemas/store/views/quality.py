"""Views of the data itself: how fresh it is, how late, what was refused and what was put right."""

from __future__ import annotations

from schemas.store.views.view import LIVE, TODAY, WAITS, View

_LATE = {
    "accepted": "events entered in the log",
    "corrections": "of those, that replace or retract another",
    "ahead": "of those, that had not happened yet when they became known",
    "same_day": "of those, known on the day they happened",
    "next_day": "known a day later",
    "within_5": "known 2 to 5 days later",
    "within_10": "known 6 to 10 days later",
    "longer": "known later than that",
}
_SUMS = ", ".join(f"CAST(SUM(r.{name}) AS BIGINT)" for name in _LATE)

VIEWS = (
    View(
        "feeds",
        "Each source of events, and how fresh it is.",
        {
            "source": "name of the source",
            "live_since": "when it first sent live events; null: history only",
            "last_at": "when the last event of it became known",
            "last_on": "the London day of that",
            "days_silent": "days from then to today",
            "working_days_silent": "working days from then to today",
            "accepted": "events of it in the log, ever",
        },
        f"""
SELECT s.source, f.live_since, s.last_at, s.last_on, t.number - d.number, t.working_number - d.working_number, s.accepted
FROM (SELECT source, MAX(last_at) AS last_at, MAX(day) AS last_on, CAST(SUM(accepted) AS BIGINT) AS accepted FROM arrival GROUP BY source) s
LEFT JOIN feed f ON f.source = s.source JOIN calendar_day d ON d.day = s.last_on
JOIN calendar_day t ON t.day = {TODAY}""",
    ),
    View(
        "recording_lag_week",
        "What became known in a week, by source, and how long after it happened.",
        {
            "source": "name of the source",
            "week": "the ISO week in which it became known",
            "week_on": "its Monday",
            **_LATE,
        },
        f"""
SELECT r.source, d.week, d.week_on, {_SUMS}
FROM arrival r JOIN calendar_day d ON d.day = r.day WHERE r.day <= {TODAY} GROUP BY r.source, d.week, d.week_on""",
    ),
    View(
        "quarantine_now",
        "What waits in quarantine, by reason.",
        {
            "code": "why: `not_json`, `invalid`, `conflict`, `wrong_subject`, `merge_cycle`",
            "records": "records",
            "children": "children they may be about",
            "first_at": "when the oldest came",
            "last_at": "when the newest came",
        },
        f"""
SELECT code, COUNT(*), COUNT(DISTINCT subject), MIN(received_at), MAX(received_at)
FROM quarantine q WHERE {WAITS} GROUP BY code""",
    ),
    View(
        "quarantine_week",
        "What came into quarantine in a week, by reason; conflicts are among them.",
        {"code": "why", "week": "the ISO week", "week_on": "its Monday", "records": "records"},
        """
SELECT q.code, d.week, d.week_on, COUNT(*)
FROM quarantine q JOIN calendar_day d ON q.received_at >= d.begins_at AND q.received_at < d.ends_at
GROUP BY q.code, d.week, d.week_on""",
    ),
    View(
        "faults_now",
        "Faults of the data that the clocks show, by standard.",
        {
            "standard": "id of the standard",
            "what": "what is wrong",
            "times": "how often",
            "children": "of how many children",
        },
        f"""
SELECT standard, what, COUNT(*), COUNT(DISTINCT child) FROM fault WHERE generation = {LIVE} GROUP BY standard, what""",
    ),
)
