"""Law 8 again: what the views add up is what a figure counts, on any day, whatever happened."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.clock import Clock
from schemas.time.days import end_of_day
from services.timeliness.figures.counts import MEASURES, Counted, Counts, part_of
from services.timeliness.figures.held import held
from services.timeliness.figures.kpi import Figure, GroupOf, figures
from services.timeliness.figures.periods import Period
from services.timeliness.fold.child import Folded
from services.timeliness.history.teams import Divisions
from tests.laws.folds import folded
from tests.laws.strategies import Given, absurd, believable, corrected, law
from tests.laws.test_law_08_figures import DAYS, SNAPSHOT

DIVISIONS = Divisions(
    {
        "north": [(date.min, date(2016, 6, 14), "A"), (date(2016, 6, 15), date.max, "B")],
        "south": [(date.min, date.max, "B")],
    }
)
STANDING = ("opened", "overdue", "in_scope", "up_to_date")
HISTORIES = st.one_of(corrected(absurd()), corrected(believable()))


def counts_of(told: Folded, settled: bool) -> Counts:
    counts = Counts()
    for clock in told.clocks:
        counts.clock(counted(clock, told, settled))
    counts.scopes(told.scopes, told.clocks, DIVISIONS.spans)
    return counts


def counted(clock: Clock, told: Folded, settled: bool) -> Counted:
    over = settled and clock.ended_on is not None and clock.ended_on <= told.known_on
    return Counted(clock, DIVISIONS.of(clock.team, clock.counts_on()), over, held(clock, DIVISIONS))


def summed(counts: Counts, period: Period, today: date, by: int) -> dict[tuple[str, str], Counter[str]]:
    """As the views do it; `by`: 1 by team, 2 by division."""
    parts = {part_of(period.first + timedelta(days=n)) for n in range((period.last - period.first).days + 1)}
    found: dict[tuple[str, str], Counter[str]] = {}
    for key, cell in counts.cells.items():
        (standard, *_, part, from_on), group = key, str(key[by])
        if from_on > today:
            continue
        into = found.setdefault((standard, group), Counter())
        for name, count in zip(MEASURES, cell, strict=True):
            if (part <= max(parts)) if name in STANDING else (part in parts):
                into[name] += count
    return found


def told_by(figure: Figure) -> dict[str, int]:
    found = {name: getattr(figure, name) for name in MEASURES if name not in STANDING}
    found |= {"opened": figure.open, "overdue": figure.overdue}
    if SNAPSHOT.get(figure.standard) == "must_hold":
        found |= {"in_scope": figure.in_scope, "up_to_date": figure.up_to_date}
    elif figure.in_scope is not None:  # beside those open, and those of them not overdue
        not_overdue = figure.open - figure.overdue
        found |= {"in_scope": figure.in_scope - figure.open, "up_to_date": (figure.up_to_date or 0) - not_overdue}
    return {name: count for name, count in found.items() if count}


def check(history: list[Given], today: date, period: Period, settled: bool) -> None:
    told = folded(history)
    groupings: tuple[tuple[int, GroupOf], ...] = ((1, lambda team, day: team), (2, DIVISIONS.of))
    for by, group_of in groupings:
        rows = figures(told.clocks, told.scopes, SNAPSHOT, period, group_of, end_of_day(today))
        ours = summed(counts_of(told, settled), period, today, by)
        assert {key: dict(+count) for key, count in ours.items() if +count} == {
            (figure.standard, figure.group): told_by(figure) for figure in rows if told_by(figure)
        }
        assert not any(-count for count in ours.values()), "nothing is ever fewer than none"


@given(HISTORIES, DAYS, st.integers(0, 400))
@law(150)
def test_any_week_and_month_on_any_day(history: list[Given], today: date, ago: int) -> None:
    """Nothing is taken for settled: the sums are right on every day, also on one before the end of the history."""
    day = today - timedelta(days=ago)
    check(history, today, Period.week_of(day), settled=False)
    check(history, today, Period.parse(f"{day:%Y-%m}"), settled=False)


@given(HISTORIES, st.integers(0, 400))
@law(150)
def test_on_a_day_after_all_was_known_what_is_settled_may_count_always(history: list[Given], ago: int) -> None:
    """Weeks and months that have begun, as of the last day on which anything became known."""
    today = max(folded(history).known_on, date(2011, 1, 1))
    day = today - timedelta(days=ago)
    check(history, today, Period.week_of(day), settled=True)
    check(history, today, Period.parse(f"{day:%Y-%m}"), settled=True)


@given(HISTORIES, st.integers(0, 40))
@law(150)
def test_work_open_at_a_period_s_end_counts_for_who_was_responsible_then(history: list[Given], after: int) -> None:
    """Weeks that end just before the team of a clock changed, looked at then and later."""
    changed = {since for clock in folded(history).clocks for since, _ in clock.held_by()[1:]}
    for day in sorted(changed)[:3]:
        for today in (day + timedelta(days=after), max(folded(history).known_on, day)):
            check(history, today, Period.week_of(day - timedelta(days=7)), settled=today >= folded(history).known_on)


@given(HISTORIES)
@law(50)
def test_what_is_added_and_taken_away_leaves_nothing(history: list[Given]) -> None:
    told = folded(history)
    counts = counts_of(told, settled=True)
    for clock in told.clocks:
        counts.clock(counted(clock, told, True), -1)
    counts.scopes(told.scopes, told.clocks, DIVISIONS.spans, -1)
    assert not any(any(cell) for cell in counts.cells.values())
    assert not any(counts.took.values())
