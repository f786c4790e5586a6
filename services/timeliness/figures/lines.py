"""Says what each clock of a child adds to the figures of a period, as lines; figures are the sum of lines. Pure.

A line counts by team and division at once, so that figures of the county, of divisions and of teams are all sums of the
same lines. What a child adds beside its clocks (it is in scope of what must hold) is a line without a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

import msgspec

from schemas.clock import Clock
from services.timeliness.figures.kpi import Figure, figures, nearest_rank
from services.timeliness.figures.periods import Period
from services.timeliness.fold.child import ScopeSpell

By = Literal["county", "division", "team"]
Of = tuple[str, str, str]  # division, team, measure
Counts = Mapping[Of, int]
MEASURES = (
    "due",
    "met",
    "missed",
    "completed",
    "completed_in_time",
    "open",
    "overdue",
    "recorded_late",
    "instead",
    "excused",
    "cancelled",
    "voided",
    "voided_late",
    "not_measured",
    "received",
    "received_again",
    "in_scope",
    "up_to_date",
)
_SEPARATOR = "\n"


class Asked(NamedTuple):
    """What figures are asked for: a period, as of an instant, by which divisions. `snapshot`: as `kpi.figures` wants
    it."""

    period: Period
    as_of: datetime
    snapshot: Mapping[str, str]
    division_of: Callable[[str, date], str]

    def group(self, team: str, day: date) -> str:
        return f"{self.division_of(team, day)}{_SEPARATOR}{team}"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a child and a clock (None: the child beside its clocks) add. `causes`: the events that began it and ended
    it. `verdict`: its status at as-of. `took`: how long, of what was completed in the period."""

    child: str
    standard: str
    clock: str | None
    causes: tuple[str, ...] = ()
    started_on: date | None = None
    started_at: datetime | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    ended_on: date | None = None
    ended_at: datetime | None = None
    verdict: str | None = None
    team: str | None = None
    took: float | None = None
    counts: tuple[tuple[str, str, str, int], ...] = ()  # division, team, measure, how many; in order

    @property
    def key(self) -> tuple[str, str]:
        """What a line is known by among those of a child (or of the ids that are one child)."""
        return self.standard, self.clock or f"\n{self.child}"

    @property
    def added(self) -> dict[Of, int]:
        return {(division, team, measure): n for division, team, measure, n in self.counts}


def lines_of(child: str, clocks: Iterable[Clock], scopes: Iterable[ScopeSpell], asked: Asked) -> list[Line]:
    """Returns the lines of one child, those that add something, in the order of their standards and clocks."""
    touching = [clock for clock in clocks if touches(clock, asked.period)]
    found = [line for clock in touching if (line := _of_clock(clock, asked)).counts]
    spells: dict[str, list[ScopeSpell]] = {}
    for spell in scopes:
        spells.setdefault(spell.standard, []).append(spell)
    for standard, theirs in spells.items():
        of_it = [clock for clock in touching if clock.standard == standard]
        alone = [line.added for line in found if line.standard == standard]
        if counts := less(_counted(of_it, theirs, asked), total(alone)):
            found.append(Line(child=child, standard=standard, clock=None, counts=_listed(counts)))
    return sorted(found, key=lambda line: line.key)


def _of_clock(clock: Clock, asked: Asked) -> Line:
    """Returns the line of a clock, also of one that adds nothing."""
    counts = _counted([clock], [], asked)
    completed = any(measure == "completed" for _, _, measure in counts)
    return Line(
        child=clock.child,
        standard=clock.standard,
        clock=clock.id,
        causes=tuple(cause for cause in (clock.cause, clock.stop_cause) if cause is not None),
        started_on=clock.started_on,
        started_at=clock.started_at,
        due_on=clock.due_on,
        due_at=clock.due_at,
        ended_on=clock.ended_on,
        ended_at=clock.ended_at,
        verdict=clock.status(asked.as_of),
        team=clock.team,
        took=clock.took if completed else None,
        counts=_listed(counts),
    )


def touches(clock: Clock, period: Period) -> bool:
    """Whether a period's figures can depend on a clock: due, or ended in it, or running at its end."""
    due, ended = clock.due_on, clock.ended_on
    return (
        (due is not None and due in period)
        or (ended is not None and ended in period)
        or (clock.started_on <= period.last and (ended is None or ended > period.last))
    )


def _counted(clocks: Sequence[Clock], scopes: Sequence[ScopeSpell], asked: Asked) -> dict[Of, int]:
    found: dict[Of, int] = {}
    for figure in figures(clocks, scopes, dict(asked.snapshot), asked.period, asked.group, asked.as_of):
        division, _, team = figure.group.partition(_SEPARATOR)
        for measure in MEASURES:
            if n := getattr(figure, measure) or 0:
                found[division, team, measure] = int(n)
    return found


def _listed(counts: Counts) -> tuple[tuple[str, str, str, int], ...]:
    return tuple((*key, n) for key, n in sorted(counts.items()))


def total(many: Iterable[Counts]) -> dict[Of, int]:
    """Returns the sum of counts."""
    sums: dict[Of, int] = {}
    for counts in many:
        for key, n in counts.items():
            sums[key] = sums.get(key, 0) + n
    return {key: n for key, n in sums.items() if n}


def less(one: Counts, other: Counts) -> dict[Of, int]:
    """Returns what one has more than the other."""
    return {key: n for key in one.keys() | other.keys() if (n := one.get(key, 0) - other.get(key, 0))}


def grouped(counts: Counts, by: By) -> dict[tuple[str, str], int]:
    """Returns counts by group and measure."""
    sums: dict[tuple[str, str], int] = {}
    for (division, team, measure), n in counts.items():
        key = {"county": "county", "division": division, "team": team}[by], measure
        sums[key] = sums.get(key, 0) + n
    return {key: n for key, n in sums.items() if n}


class Shape(msgspec.Struct, frozen=True):
    """Which measures a standard's figures have beside those of all: those of a snapshot, or of a rate. `not_whole`: as
    in a figure."""

    snapshot: bool = False
    rate: bool = False
    not_whole: str | None = None


def figures_from(
    lines: Iterable[tuple[str, float | None, Counts]], shapes: Mapping[str, Shape], period: Period, by: By
) -> list[Figure]:
    """Returns figures as the sum of lines, each a standard, how long it took and what it adds: in the order, and with
    the measures, of `kpi.figures`."""
    sums: dict[tuple[str, str], dict[str, int]] = {}
    took: dict[tuple[str, str], list[float]] = {}
    for standard, lasted, counts in lines:
        for (group, measure), n in grouped(counts, by).items():
            cell = sums.setdefault((standard, group), {})
            cell[measure] = cell.get(measure, 0) + n
            if measure == "completed" and lasted is not None:
                took.setdefault((standard, group), []).append(lasted)
    made = [
        _figure(key, sums[key], sorted(took.get(key, ())), shapes.get(key[0], Shape()), period) for key in sorted(sums)
    ]
    return [figure for figure in made if not figure.is_empty()]


def _figure(key: tuple[str, str], sums: Mapping[str, int], took: list[float], shape: Shape, period: Period) -> Figure:
    standard, group = key
    figure = Figure(standard=standard, group=group, from_on=period.first, to_on=period.last, not_whole=shape.not_whole)
    figure.in_scope = figure.up_to_date = 0 if shape.snapshot else None
    figure.received = figure.received_again = 0 if shape.rate else None
    for measure, n in sums.items():
        setattr(figure, measure, n)
    figure.p25, figure.p50, figure.p75 = (nearest_rank(took, p) for p in (25, 50, 75))
    return figure
