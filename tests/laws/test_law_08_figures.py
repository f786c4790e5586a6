"""Law 8: due = met + missed, in every figure; and what stands beside it adds up too."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.time.days import end_of_day
from services.timeliness.figures.kpi import Figure, figures
from services.timeliness.figures.periods import Period
from tests.laws.folds import folded
from tests.laws.stores import register
from tests.laws.strategies import Given, absurd, believable, corrected, law

ADDED_UP = [
    "due",
    "met",
    "missed",
    "completed",
    "completed_in_time",
    "open",
    "overdue",
    "recorded_late",
    "cancelled",
    "voided",
    "voided_late",
    "not_measured",
    "in_scope",
    "up_to_date",
]
SNAPSHOT = {
    s.id: "must_hold" if s.file.measure == "must_hold" else "recurring"
    for s in register().standards.values()
    if s.recurring or s.file.measure == "must_hold"
}
HISTORIES = st.one_of(corrected(absurd()), corrected(believable()))
DAYS = st.dates(date(2011, 1, 1), date(2027, 12, 31))


def of(history: list[Given], period: Period, as_of: date, by: str) -> list[Figure]:
    told = folded(history)
    groups = {"county": lambda team, day: "county", "team": lambda team, day: team}
    return figures(told.clocks, told.scopes, SNAPSHOT, period, groups[by], end_of_day(as_of))


@given(HISTORIES, DAYS, st.integers(0, 800), DAYS)
@law(150)
def test_due_is_met_and_missed_and_teams_add_up_to_the_county(
    history: list[Given], first: date, days: int, as_of: date
) -> None:
    period = Period(first, first + timedelta(days=days))
    county = of(history, period, as_of, "county")
    for figure in county:
        assert figure.due == figure.met + figure.missed
        assert figure.overdue <= figure.open
        assert figure.completed_in_time <= figure.completed
        assert figure.recorded_late <= figure.met
        assert (figure.up_to_date or 0) <= (figure.in_scope or 0)
    summed: dict[str, Counter[str]] = {}
    for figure in of(history, period, as_of, "team"):
        assert figure.due == figure.met + figure.missed
        summed.setdefault(figure.standard, Counter()).update({n: getattr(figure, n) or 0 for n in ADDED_UP})
    assert {f.standard: Counter({n: getattr(f, n) or 0 for n in ADDED_UP}) for f in county} == summed


@given(HISTORIES, DAYS)
@law(150)
def test_every_clock_due_is_counted_once_and_has_nowhere_to_hide(history: list[Given], as_of: date) -> None:
    """Over all time, each clock that has begun is due, cancelled, voided, not measured, or not yet ripe."""
    told = folded(history)
    instant = end_of_day(as_of)
    for figure in of(history, Period(date(1990, 1, 1), date(2040, 12, 31)), as_of, "county"):
        begun = [c for c in told.clocks if c.standard == figure.standard and c.status(instant) is not None]
        ripe = [c for c in begun if c.due_on is not None and c.status(instant) not in ("running", "due_soon")]
        undated = sum(c.status(instant) == "not_measured" for c in begun if c.due_on is None)
        beside = figure.cancelled + figure.voided + figure.voided_late + figure.not_measured
        assert figure.due + beside == len(ripe) + undated
        assert figure.open == sum(c.status(instant) in ("running", "due_soon", "overdue") for c in begun)


@given(HISTORIES, DAYS, st.integers(1, 400))
@law(100)
def test_periods_side_by_side_add_up(history: list[Given], first: date, days: int) -> None:
    """What falls due in one period and in the next is what falls due in both: no day is counted twice or left out."""
    middle, last = first + timedelta(days=days), first + timedelta(days=2 * days)
    as_of = date(2028, 6, 30)

    def total(period: Period) -> Counter[str]:
        names = ("due", "met", "missed", "completed", "cancelled", "voided", "voided_late", "not_measured")
        return sum(
            (Counter({n: getattr(f, n) for n in names}) for f in of(history, period, as_of, "county")), Counter()
        )

    both = total(Period(first, middle)) + total(Period(middle + timedelta(days=1), last))
    assert both == total(Period(first, last))
