"""Views of figures: by week and month, and how long things took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial

from schemas.store.views.view import COUNTS
from schemas.time.days import end_of_day
from services.timeliness.figures.kpi import Figure, GroupOf, depends, figures, snapshots
from services.timeliness.figures.periods import Period
from services.timeliness.figures.targets import lead
from tests.helpers.alike.named import week_of
from tests.helpers.alike.seen import CALENDAR, Row, Seen, register

COUNTED = [name for name in COUNTS if not name.startswith("lead")]
FIRST = date(2000, 1, 3)  # the first week that the views show


def groups(seen: Seen) -> dict[str, GroupOf]:
    return {"county": lambda team, day: "county", "division": seen.divisions.of, "team": lambda team, day: team}


def periods(seen: Seen, grain: str) -> list[Period]:
    """Those that have begun, from the first in which a figure could count anything."""
    days = [day for c in seen.clocks for day in (c.started_on, c.due_on, c.ended_on) if day is not None]
    days += [scope.from_on for scope in seen.scopes]
    first = FIRST if grain == "week" else CALENDAR.first
    out, day = [], max(first, min(days, default=seen.today))
    while day <= seen.today:
        period = Period.week_of(day) if grain == "week" else Period.parse(f"{day:%Y-%m}")
        out.append(period)
        day = period.last + timedelta(days=1)
    return out


def named(period: Period, grain: str) -> Row:
    return week_of(period.first) if grain == "week" else (f"{period.first:%Y-%m}", period.first)


def figures_by(grain: str, seen: Seen) -> Iterator[Row]:
    snapshot = snapshots(register().standards.values())
    for period in periods(seen, grain):
        near = [clock for clock in seen.clocks if depends(period, clock)]
        for kind, group_of in groups(seen).items():
            for figure in figures(near, seen.scopes, snapshot, period, group_of, end_of_day(seen.today)):
                yield figure.standard, kind, figure.group, *named(period, grain), period.last, *_counts(figure)


def _counts(figure: Figure) -> Row:
    good, of, _ = lead(figure)
    return *(getattr(figure, name) for name in COUNTED), good, of


def took_by(grain: str, seen: Seen) -> Iterator[Row]:
    """Of what was completed, how many took how long."""
    found: Counter[Row] = Counter()
    for c in seen.clocks:
        done = c.ended == "stopped" and c.ended_on is not None and c.ended_on <= seen.today
        if c.took is None or c.prohibits or not done or c.status(end_of_day(seen.today)) is None:
            continue
        assert c.ended_on is not None
        period = Period.week_of(c.ended_on) if grain == "week" else Period.parse(f"{c.ended_on:%Y-%m}")
        unit = register().standards[c.standard].unit
        shown = unit if unit in ("working days", "hours") else "days"
        for kind, group_of in groups(seen).items():
            group = group_of(c.team, c.counts_on(seen.today))
            found[c.standard, kind, group, *named(period, grain), c.took, shown] += 1
    return ((*key, n) for key, n in found.items())


ROWS: dict[str, Callable[[Seen], Iterator[Row]]] = {
    "figures_week": partial(figures_by, "week"),
    "figures_month": partial(figures_by, "month"),
    "figures_one_week": partial(figures_by, "week"),
    "took_week": partial(took_by, "week"),
    "took_month": partial(took_by, "month"),
}
