"""Views of what figures are of: today, periods, standards, targets, teams."""

from __future__ import annotations

from schemas.store.views.view import TODAY, View

VIEWS = (
    View(
        "as_of",
        "The day as of which all views answer: one row, written by the sweep. None: nothing was swept yet.",
        {
            "day": "the London day of the last sweep",
            "at": "when it was",
            "week": "its ISO week",
            "week_on": "the Monday",
            "month": "its month",
            "month_on": "its first day",
            "calendar_ends_on": "the last day for which working days are known",
        },
        """
SELECT t.day, t.at, d.week, d.week_on, d.month, d.month_on, (SELECT MAX(day) FROM calendar_day)
FROM today t JOIN calendar_day d ON d.day = t.day""",
    ),
    View(
        "weeks",
        "Every ISO week that has begun.",
        {
            "week": "2024-W10",
            "week_on": "its Monday",
            "last_on": "its Sunday",
            "is_over": "1 if its Sunday is before today, else 0",
        },
        f"""
SELECT week, week_on, MAX(day), CASE WHEN MAX(day) < {TODAY} THEN 1 ELSE 0 END
FROM calendar_day WHERE week_on <= {TODAY} GROUP BY week, week_on HAVING COUNT(*) = 7""",
    ),
    View(
        "months",
        "Every month that has begun.",
        {
            "month": "2024-03",
            "month_on": "its first day",
            "last_on": "its last day",
            "is_over": "1 if its last day is before today, else 0",
        },
        f"""
SELECT month, month_on, MAX(day), CASE WHEN MAX(day) < {TODAY} THEN 1 ELSE 0 END
FROM calendar_day WHERE month_on <= {TODAY} GROUP BY month, month_on""",
    ),
    View(
        "standards",
        "The standards of the register.",
        {
            "standard": "id",
            "position": "place in the register, from 1",
            "register": "name of the register",
            "title": "what it asks",
            "plan": "the practice standard of the improvement plan",
            "force": "statutory, statutory guidance, local or figure",
            "owner": "who answers for it",
            "lead": "what it is first judged by: `in time` (met of due), `rate` (received again, of those received),"
            " `recurring` or `must hold` (up to date of those in scope)",
            "unit": "in which it is told how long something took",
            "limit_words": "the plain limit in force last",
            "limit_took": "the same as a number of `unit`; null in months or years",
        },
        """
SELECT standard, position, register_name, title, plan, force, owner, lead, unit, limit_words, limit_took
FROM standard""",
    ),
    View(
        "targets",
        "Targets, in force from a day to a day, both inclusive.",
        {
            "standard": "id",
            "from_on": "first day",
            "to_on": "last day",
            "green": "per cent from which it is green",
            "amber": "per cent from which it is amber; below is red",
        },
        "SELECT standard, from_on, to_on, green, amber FROM target",
    ),
    View(
        "teams",
        "The teams of today, and to which division each belongs.",
        {"team": "team", "division": "its division today"},
        f"SELECT team, division FROM team WHERE {TODAY} BETWEEN from_on AND to_on",
    ),
)
