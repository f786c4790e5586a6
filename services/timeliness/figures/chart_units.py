"""Units for a control chart: what was due in each week, brothers and sisters at one meeting as one. Pure.

A clock that names no meeting is a unit of its own. Of a meeting, those in time are one unit and those late another; a
limit in hours and a thing that must not happen are counted child by child, whatever meeting is named. The same as the
view `control_week`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import date, timedelta

from schemas.clock import Clock
from services.timeliness.figures.control import Week

JUDGED = ("met", "missed", "overdue")


class Units:
    """The units of one series (a standard and a group) by the Monday of the week in which they were due."""

    def __init__(self) -> None:
        self._weeks: dict[date, set[tuple[Hashable, bool]]] = {}

    def add(self, clock: Clock, status: str | None) -> None:
        """One clock with its status at the instant asked about."""
        if clock.due_on is None or status not in JUDGED:
            return
        monday = clock.due_on - timedelta(days=clock.due_on.weekday())
        alone = clock.meeting is None or clock.prohibits or clock.due_at is not None
        unit = ("clock", clock.id) if alone else ("meeting", clock.meeting)
        self._weeks.setdefault(monday, set()).add((unit, status == "met"))

    def weeks(self, mondays: Sequence[date]) -> list[Week]:
        """One a week, in the order given; a week with nothing due is `Week(0, 0)`."""
        return [self._week(self._weeks.get(monday, ())) for monday in mondays]

    @staticmethod
    def _week(units: Iterable[tuple[Hashable, bool]]) -> Week:
        found = list(units)
        return Week(len(found), sum(good for _, good in found))
