"""Says which returns do not hold the whole of a period: a figure of it is then of a part. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from schemas.time.calendar import Calendar
from schemas.time.days import ONE_DAY
from services.timeliness.figures.periods import Period
from services.timeliness.history.coverage import Coverage, in_words
from services.timeliness.standards.compiled import Standard


def not_whole(
    standard: Standard, coverage: Mapping[str, Coverage], period: Period, calendar: Calendar, others: bool
) -> str | None:
    """Returns which days the returns hold, of what a standard asks for, where one of them does not hold the whole
    period; else None.

    `coverage` by source; a source that carries nothing of the standard is passed over, for then its clocks are not
    measured. `others`: whether a feed that states nothing speaks too. Then a return of an earlier year is no longer
    what a figure comes from. A rate looks back: the time of the limit before the period belongs to it.
    """
    found = []
    for source in sorted(coverage):
        spans = coverage[source].carried(standard.stop_kinds)
        if not spans or (others and spans[-1][1] < period.first):
            continue
        if not any(_holds(standard, span, period, calendar) for span in spans):
            found.append(f"{source} holds {in_words(spans)}")
    return "; ".join(found) or None


def _holds(standard: Standard, span: tuple[date, date], period: Period, calendar: Calendar) -> bool:
    first, last = span
    if first > period.first or last < period.last:
        return False
    if not standard.file.rate:
        return True
    before = first - ONE_DAY  # the last day of which the return tells nothing
    limit = standard.limits.in_force(before, None, calendar)
    up_on = limit.due_on(before, calendar) if limit is not None else None
    return up_on is None or up_on < period.first
