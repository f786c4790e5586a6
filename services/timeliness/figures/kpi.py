"""Figures: what a set of clocks comes to for a standard, a group and a period, asked at an instant. Pure.

The lead is `due` = `met` + `missed`: every clock due in the period that has stopped or is past due, so that work never
finished has nowhere to hide. Cancelled, voided and not measured stand beside it, on the same due days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from math import ceil

import msgspec

from schemas.clock import Clock
from schemas.time.days import end_of_day, london_day
from services.timeliness.figures.periods import Period
from services.timeliness.fold.child import ScopeSpell
from services.timeliness.standards.compiled import Standard

GroupOf = Callable[[str, date], str]  # the group of a team on a day


class Figure(msgspec.Struct, kw_only=True, rename={"from_on": "from", "to_on": "to"}):
    """One row. Counts are of clocks.

    `due`: due in the period, not cancelled, and by as-of stopped or past due; `met` + `missed`. `completed`,
    `completed_in_time`: stopped in the period. `open`, `overdue`: at the end of the period, or at as-of if earlier.
    `recorded_late`: done on time, known after the due day. `instead`: of those missed, lawfully done in time in another
    way. `excused`, `cancelled`, `voided` (up to the due day), `voided_late` (after it), `not_measured`: due in the
    period. `received`, `received_again`: for a rate, begun in the period, and of those so many with one begun within
    the limit before; null for the others. `in_scope`, `up_to_date`: for a state or a recurring duty, at the end
    of the period; null for the others. `p25`, `p50`, `p75`: nearest rank over those completed, in the limit's unit.
    `not_whole`: where a return does not hold the whole period, which days it holds; null where all is held.
    """

    standard: str
    group: str
    from_on: date
    to_on: date
    due: int = 0
    met: int = 0
    missed: int = 0
    completed: int = 0
    completed_in_time: int = 0
    open: int = 0
    overdue: int = 0
    recorded_late: int = 0
    instead: int = 0
    excused: int = 0
    cancelled: int = 0
    voided: int = 0
    voided_late: int = 0
    not_measured: int = 0
    received: int | None = None
    received_again: int | None = None
    in_scope: int | None = None
    up_to_date: int | None = None
    p25: float | None = None
    p50: float | None = None
    p75: float | None = None
    not_whole: str | None = None

    def is_empty(self) -> bool:
        return not any(
            (
                self.due,
                self.completed,
                self.open,
                self.overdue,
                self.recorded_late,
                self.excused,
                self.cancelled,
                self.voided,
                self.voided_late,
                self.not_measured,
                self.received,
                self.in_scope,
            )
        )


class _Cell:
    """A figure being counted."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self.took: list[float] = []


def figures(
    clocks: Iterable[Clock],
    scopes: Iterable[ScopeSpell],
    snapshot: dict[str, str],
    period: Period,
    group_of: GroupOf,
    as_of: datetime,
) -> list[Figure]:
    """Rows by standard and group, in that order; all-zero ones left out.

    `snapshot`: for the standards whose lead is a snapshot, `recurring` or `must_hold`.
    """
    count = _Count(snapshot, period, group_of, as_of)
    for clock in clocks:
        count.add(clock)
    for scope in scopes:
        count.add_scope(scope)
    return count.rows()


def snapshots(standards: Iterable[Standard]) -> dict[str, str]:
    """Returns by id how those standards are counted whose lead is a snapshot: `recurring` or `must_hold`."""
    return {
        s.id: "must_hold" if s.file.measure == "must_hold" else "recurring"
        for s in standards
        if s.recurring or s.file.measure == "must_hold"
    }


def depends(period: Period, clock: Clock) -> bool:
    """Whether a period's figures can depend on a clock: begun, due or ended in it, or running at its end."""
    begun_or_due = clock.started_on in period or clock.due_on in period
    still = clock.started_on <= period.last and (clock.ended_on is None or clock.ended_on > period.last)
    return begun_or_due or clock.ended_on in period or still


class _Count:
    def __init__(self, snapshot: dict[str, str], period: Period, group_of: GroupOf, as_of: datetime) -> None:
        self.snapshot, self.period, self.group_of, self.as_of = snapshot, period, group_of, as_of
        self.today = london_day(as_of)
        self.end = min(end_of_day(period.last), as_of)  # when open and overdue are looked at
        self.end_day = min(period.last, self.today)
        self.cells: dict[tuple[str, str], _Cell] = {}
        self.open_gaps: set[tuple[str, str]] = set()

    def rows(self) -> list[Figure]:
        out = []
        for key in sorted(self.cells):
            cell = self.cells[key]
            figure = cell.figure
            took = sorted(cell.took)
            figure.p25, figure.p50, figure.p75 = (nearest_rank(took, p) for p in (25, 50, 75))
            if not figure.is_empty():
                out.append(figure)
        return out

    def _cell(self, standard: str, team: str, day: date) -> _Cell:
        group = self.group_of(team, day)
        cell = self.cells.get((standard, group))
        if cell is None:
            none_or_0 = 0 if standard in self.snapshot else None
            figure = Figure(
                standard=standard,
                group=group,
                from_on=self.period.first,
                to_on=self.period.last,
                in_scope=none_or_0,
                up_to_date=none_or_0,
            )
            cell = self.cells[(standard, group)] = _Cell(figure)
        return cell

    def add(self, clock: Clock) -> None:
        status = clock.status(self.as_of)
        if status is None:
            return
        due = clock.due_on is not None and self.period.first <= clock.due_on <= self.period.last
        cell = self._cell(clock.standard, clock.team, clock.counts_on(self.today))
        figure = cell.figure
        if clock.begun_again is not None:
            begun = clock.started_on in self.period
            figure.received = (figure.received or 0) + begun
            figure.received_again = (figure.received_again or 0) + (begun and clock.begun_again)
        if status == "voided":
            if due and clock.ended_on is not None and clock.due_on is not None and clock.ended_on > clock.due_on:
                figure.voided_late += 1
            elif due:
                figure.voided += 1
        elif status == "not_measured":
            figure.not_measured += due or (clock.due_on is None and clock.started_on in self.period)
            self._completed(cell, clock)
        elif status in ("cancelled", "excused"):
            figure.cancelled += due and status == "cancelled"
            figure.excused += due and status == "excused"
            self._completed_or_open(cell, clock)
        else:
            if due and (status in ("met", "missed", "overdue")):
                figure.due += 1
                figure.met += status == "met"
                figure.missed += status != "met"
                figure.recorded_late += status == "met" and clock.recorded_late
                figure.instead += status != "met" and clock.instead is not None
            self._completed_or_open(cell, clock)

    def _completed(self, cell: _Cell, clock: Clock) -> None:
        """Counts work done in the period; where it is not measured, only if it was seen to begin and to end."""
        figure = cell.figure
        seen = clock.unmeasured is None or clock.took is not None
        stopped = (
            clock.ended == "stopped" and not clock.prohibits and clock.ended_by(self.as_of, self.today) == "stopped"
        )
        if stopped and seen and clock.ended_on in self.period:
            figure.completed += 1
            figure.completed_in_time += not clock.ended_late()
            if clock.took is not None:
                cell.took.append(clock.took)

    def _completed_or_open(self, cell: _Cell, clock: Clock) -> None:
        self._completed(cell, clock)
        at_end = clock.status(self.end)
        if at_end in ("running", "due_soon", "overdue"):
            on = clock.started_on if clock.begun_again is not None else min(clock.due_on or self.end_day, self.end_day)
            figure = self._cell(clock.standard, clock.team_on(on), on).figure
            figure.open += 1
            figure.overdue += at_end == "overdue"
            if self.snapshot.get(clock.standard) == "recurring":
                figure.in_scope = (figure.in_scope or 0) + 1
                figure.up_to_date = (figure.up_to_date or 0) + (at_end != "overdue" and not clock.after_excuse)
            else:
                self.open_gaps.add((clock.standard, clock.child))

    def add_scope(self, scope: ScopeSpell) -> None:
        """A spell that covers the end of the period: of what must hold, or one in which nothing was done yet."""
        day = self.end_day
        if scope.from_on <= day and (scope.to_on is None or day <= scope.to_on):
            figure = self._cell(scope.standard, scope.team, day).figure
            figure.in_scope = (figure.in_scope or 0) + 1
            figure.up_to_date = (figure.up_to_date or 0) + self._holds(scope)

    def _holds(self, scope: ScopeSpell) -> bool:
        return not scope.undone and (scope.standard, scope.child) not in self.open_gaps


def nearest_rank(sorted_values: list[float], per_cent: int) -> float | None:
    """The nearest-rank percentile: the smallest value that at least that share does not exceed."""
    if not sorted_values:
        return None
    return sorted_values[ceil(per_cent / 100 * len(sorted_values)) - 1]
