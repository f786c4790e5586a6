"""Views of what chance explains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from schemas.time.days import end_of_day
from services.timeliness.figures.chart_units import Units
from services.timeliness.figures.control import BEFORE, Week, judged
from services.timeliness.figures.periods import Period
from tests.helpers.alike.figures import groups
from tests.helpers.alike.named import week_of
from tests.helpers.alike.seen import Row, Seen

LOOKED_AT = 1100  # days


def control(seen: Seen) -> Iterator[Row]:
    """Every week of the last three years in which something was due, beside the 52 before it."""
    since = Period.week_of(seen.today - timedelta(days=LOOKED_AT)).first
    since += timedelta(days=7 if since < seen.today - timedelta(days=LOOKED_AT) else 0)
    series: dict[tuple[str, str, str], Units] = {}
    for clock in seen.clocks:
        if clock.begun_again is not None or clock.due_on is None or clock.due_on < since:
            continue
        for kind, group_of in groups(seen).items():
            group = group_of(clock.team, clock.counts_on(seen.today))
            units = series.setdefault((clock.standard, kind, group), Units())
            units.add(clock, clock.status(end_of_day(seen.today)))
    mondays = [since + timedelta(days=7 * n) for n in range((seen.today - since).days // 7 + 1)]
    for key, units in series.items():
        weeks = units.weeks(mondays)
        for at, (monday, week) in enumerate(zip(mondays, weeks, strict=True)):
            before = weeks[max(0, at - BEFORE) : at]
            was = Week(sum(each.n for each in before), sum(each.good for each in before))
            if week.n:
                yield *key, *week_of(monday), week.n, week.good, was.n, was.good, judged(week, was)


ROWS: dict[str, Callable[[Seen], Iterator[Row]]] = {"control_week": control, "control_one_week": control}
