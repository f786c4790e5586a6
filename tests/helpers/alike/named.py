"""Views of what figures are of: today, periods, standards, targets, teams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from services.timeliness.figures.periods import Period
from services.timeliness.standards.compiled import Standard
from tests.helpers.alike.seen import CALENDAR, Row, Seen, register


def week_of(day: date) -> tuple[str, date]:
    """The name of a day's ISO week, and its Monday."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}", Period.week_of(day).first


def as_of(seen: Seen) -> Iterator[Row]:
    day = seen.today
    yield day, seen.now, *week_of(day), f"{day:%Y-%m}", day.replace(day=1), CALENDAR.last


def weeks(seen: Seen) -> Iterator[Row]:
    """Those that the calendar has whole."""
    monday = CALENDAR.first + timedelta(days=-CALENDAR.first.weekday() % 7)
    while monday <= seen.today and monday + timedelta(days=6) <= CALENDAR.last:
        last = monday + timedelta(days=6)
        yield *week_of(monday), last, last < seen.today
        monday += timedelta(days=7)


def months(seen: Seen) -> Iterator[Row]:
    first = CALENDAR.first.replace(day=1)
    while first <= seen.today:
        month = Period.parse(f"{first:%Y-%m}")
        yield f"{first:%Y-%m}", first, month.last, month.last < seen.today
        first = month.last + timedelta(days=1)


def standards(seen: Seen) -> Iterator[Row]:
    for at, standard in enumerate(register().standards.values(), start=1):
        file = standard.file
        yield (
            *(standard.id, at, register().name, file.title, file.plan, file.force, file.owner),
            *(_lead(standard), *_limit(standard)),
        )


def _lead(standard: Standard) -> str:
    by_measure = {"must_hold": "must hold", "must_not_happen": "rate" if standard.file.rate else "in time"}
    return by_measure.get(standard.file.measure, "recurring" if standard.recurring else "in time")


def _limit(standard: Standard) -> Row:
    """The unit, the words and the length of the limit that came last of those with no condition."""
    if standard.file.measure == "must_hold":
        return "days", "at all times", 0.0
    plain = [e for e in standard.file.limits if e.within != "none" and not e.given and not e.after]
    entry = max(plain, key=lambda e: e.from_on)
    count, _, unit = (entry.within or entry.before or "").partition(" ")
    words = f"{'before' if entry.before else 'within'} {count} {unit}"
    words = f"not {words}" if standard.file.measure == "must_not_happen" else words
    factor = {"day": 1, "week": 7, "hour": 1, "working day": 1}.get(unit.removesuffix("s"))
    shown = unit if unit in ("hours", "working days", "working day") else "days"
    shown = "working days" if shown == "working day" else shown
    return shown, words, None if factor is None else float(int(count) * factor)


def targets(seen: Seen) -> Iterator[Row]:
    for standard in register().standards.values():
        firsts = sorted(target.from_on for target in standard.file.targets)
        for target in standard.file.targets:
            later = [first for first in firsts if first > target.from_on]
            last = later[0] - timedelta(days=1) if later else date.max
            yield standard.id, target.from_on, last, target.green, target.amber


def teams(seen: Seen) -> Iterator[Row]:
    for team in seen.divisions.names:
        if (division := seen.divisions.of(team, seen.today)) != "unassigned":
            yield team, division


ROWS: dict[str, Callable[[Seen], Iterator[Row]]] = {
    "as_of": as_of,
    "weeks": weeks,
    "months": months,
    "standards": standards,
    "targets": targets,
    "teams": teams,
}
