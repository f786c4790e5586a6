"""Figures, counted by hand: an initial conference due on Tuesday 23 January 2024, seen from January and after."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from schemas.clock import Clock
from schemas.time.days import end_of_day
from services.timeliness.figures.kpi import Figure, figures, nearest_rank
from services.timeliness.figures.periods import Period
from services.timeliness.figures.targets import Lead, lead
from services.timeliness.fold.child import ScopeSpell

SNAPSHOT = {"allocated-qualified": "must_hold", "core-group-later": "recurring"}


def clock(**more: Any) -> Clock:
    plain = {
        "id": "c",
        "standard": "icpc-15wd",
        "child": "C1",
        "started_on": date(2024, 1, 2),
        "cause": "e",
        "due_on": date(2024, 1, 23),
        "team": "north",
    }
    return Clock(**(plain | more))


def january(*clocks: Clock, as_of: date = date(2024, 2, 29)) -> Figure:
    (figure,) = counted(clocks, as_of=as_of)
    return figure


def counted(
    clocks: Any, scopes: Any = (), period: str = "2024-01", as_of: date | datetime = date(2024, 2, 29)
) -> list[Figure]:
    """The rows by team, as of an instant or the end of a day."""
    at = as_of if isinstance(as_of, datetime) else end_of_day(as_of)
    return figures(clocks, scopes, SNAPSHOT, Period.parse(period), lambda team, day: team, at)


def test_work_never_finished_is_missed_in_the_period_it_was_due_in() -> None:
    figure = january(clock())
    assert (figure.due, figure.met, figure.missed, figure.open, figure.overdue) == (1, 0, 1, 1, 1)


def test_what_is_not_yet_past_due_is_open_and_not_due() -> None:
    figure = january(clock(), as_of=date(2024, 1, 23))
    assert (figure.due, figure.open, figure.overdue) == (0, 1, 0)


def test_done_early_is_met_at_once_though_due_later_in_the_period() -> None:
    done = clock(ended="stopped", ended_on=date(2024, 1, 10), took=6.0)
    figure = january(done, as_of=date(2024, 1, 12))
    assert (figure.due, figure.met, figure.completed, figure.completed_in_time, figure.p50) == (1, 1, 1, 1, 6.0)


def test_completed_counts_by_the_day_it_was_done_and_due_by_the_day_it_was_due() -> None:
    late = clock(ended="stopped", ended_on=date(2024, 2, 5), took=24.0)
    assert (january(late).due, january(late).completed) == (1, 0)
    (february,) = counted([late], period="2024-02")
    assert (february.due, february.completed, february.completed_in_time) == (0, 1, 0)


def test_a_void_counts_as_late_only_after_the_due_day() -> None:
    on_time = january(clock(ended="voided", ended_on=date(2024, 1, 23)))
    late = january(clock(ended="voided", ended_on=date(2024, 1, 24)))
    assert (on_time.due, on_time.voided, on_time.voided_late) == (0, 1, 0)
    assert (late.due, late.voided, late.voided_late) == (0, 0, 1)


def test_cancelled_up_to_the_due_day_and_missed_after_it() -> None:
    assert january(clock(ended="cancelled", ended_on=date(2024, 1, 23))).cancelled == 1
    after = january(clock(ended="cancelled", ended_on=date(2024, 1, 24)))
    assert (after.cancelled, after.due, after.missed) == (0, 1, 1)


def test_not_measured_is_beside_and_in_no_percentage() -> None:
    figure = january(clock(unmeasured="the feed does not carry conference.held"))
    assert (figure.not_measured, figure.due, figure.open) == (1, 0, 0)


def test_percentiles_are_the_nearest_rank() -> None:
    done = [clock(id=str(n), ended="stopped", ended_on=date(2024, 1, 20), took=float(n)) for n in (1, 2, 3, 40)]
    figure = january(*done)
    assert (figure.p25, figure.p50, figure.p75) == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("count", "per_cent", "rank"),
    [(1, 25, 1), (1, 75, 1), (2, 50, 1), (3, 50, 2), (4, 25, 1), (5, 25, 2), (10, 75, 8), (100, 25, 25), (101, 25, 26)],
)
def test_the_nearest_rank_is_the_smallest_value_with_that_share_at_or_below_it(
    count: int, per_cent: int, rank: int
) -> None:
    assert nearest_rank([float(n) for n in range(1, count + 1)], per_cent) == rank
    assert sum(n <= rank for n in range(1, count + 1)) * 100 >= per_cent * count
    assert sum(n < rank for n in range(1, count + 1)) * 100 < per_cent * count


def test_of_nothing_completed_there_is_no_percentile() -> None:
    figure = january(clock())
    assert (figure.completed, figure.p25, figure.p50, figure.p75) == (0, None, None, None)


def test_what_took_an_unknown_time_is_completed_and_in_no_percentile() -> None:
    done = clock(ended="stopped", ended_on=date(2024, 1, 20), took=None)
    assert (january(done).completed, january(done).p50) == (1, None)


def test_the_days_of_the_period_are_both_in_it() -> None:
    first, last = clock(id="a", due_on=date(2024, 1, 1)), clock(id="b", due_on=date(2024, 1, 31))
    outside = clock(id="c", due_on=date(2023, 12, 31)), clock(id="d", due_on=date(2024, 2, 1))
    assert january(first, last, *outside).due == 2


def test_done_on_the_first_and_on_the_last_day_is_completed_in_the_period() -> None:
    days = (date(2023, 12, 31), date(2024, 1, 1), date(2024, 1, 31), date(2024, 2, 1))
    done = [
        clock(id=str(n), started_on=date(2023, 12, 1), ended="stopped", ended_on=day, took=1.0)
        for n, day in enumerate(days)
    ]
    assert january(*done).completed == 2


def test_stopped_by_as_of_counts_and_stopped_later_does_not() -> None:
    done = clock(ended="stopped", ended_on=date(2024, 1, 26), took=18.0)
    before = january(done, as_of=date(2024, 1, 25))
    assert (before.due, before.missed, before.completed, before.open, before.overdue) == (1, 1, 0, 1, 1)
    after = january(done, as_of=date(2024, 1, 26))
    assert (after.due, after.missed, after.completed, after.completed_in_time, after.open) == (1, 1, 1, 0, 0)


def test_what_had_not_begun_is_in_no_figure() -> None:
    assert counted([clock()], as_of=date(2024, 1, 1)) == []


def test_open_and_overdue_are_of_the_periods_end_though_asked_later() -> None:
    done_in_february = clock(ended="stopped", ended_on=date(2024, 2, 5), took=24.0)
    assert (january(done_in_february).open, january(done_in_february).overdue) == (1, 1)
    due_in_february = clock(due_on=date(2024, 2, 6))
    assert (january(due_in_february).open, january(due_in_february).overdue) == (1, 0)


def test_open_and_overdue_are_of_as_of_where_that_is_earlier_than_the_periods_end() -> None:
    figure = january(clock(due_on=date(2024, 1, 29)), as_of=date(2024, 1, 20))
    assert (figure.open, figure.overdue, figure.due) == (1, 0, 0)


def test_recorded_late_is_among_the_met_and_only_there() -> None:
    met = clock(ended="stopped", ended_on=date(2024, 1, 22), recorded_late=True)
    missed = clock(id="d", ended="stopped", ended_on=date(2024, 1, 24), recorded_late=True)
    figure = january(met, missed)
    assert (figure.met, figure.missed, figure.recorded_late) == (1, 1, 1)


def test_a_duty_that_lapsed_with_childhood_is_missed_if_it_was_due_before() -> None:
    """Grown up on 26 January: due before that it is missed, due on the eve or after it is cancelled."""
    missed = january(clock(lasts_to=date(2024, 1, 25)))
    assert (missed.due, missed.missed, missed.cancelled, missed.open) == (1, 1, 0, 0)
    cancelled = january(clock(lasts_to=date(2024, 1, 23)))
    assert (cancelled.due, cancelled.cancelled, cancelled.open) == (0, 1, 0)


def test_a_limit_in_hours_is_due_on_the_day_of_its_instant_and_late_after_it() -> None:
    due_at = datetime(2024, 1, 23, 14, tzinfo=UTC)
    hours = {"started_at": due_at - timedelta(hours=72), "due_at": due_at, "started_on": date(2024, 1, 20)}
    late = clock(**hours, ended="stopped", ended_on=date(2024, 1, 23), ended_at=due_at + timedelta(minutes=1))
    assert (january(late).met, january(late).missed) == (0, 1)
    assert (january(late).completed, january(late).completed_in_time) == (1, 0)
    on_time = clock(**hours, ended="stopped", ended_on=date(2024, 1, 23), ended_at=due_at)
    assert (january(on_time).met, january(on_time).completed_in_time) == (1, 1)
    (at_due,) = counted([clock(**hours)], as_of=due_at)
    (after,) = counted([clock(**hours)], as_of=due_at + timedelta(seconds=1))
    assert (at_due.due, at_due.open, after.due, after.overdue) == (0, 1, 1, 1)


def test_what_must_not_happen_is_met_after_its_last_day_and_missed_when_it_does() -> None:
    quiet = {"standard": "re-referral-12m", "prohibits": True, "started_on": date(2023, 1, 23)}
    ongoing = january(clock(**quiet), as_of=date(2024, 1, 23))
    assert (ongoing.due, ongoing.open) == (0, 1)
    over = january(clock(**quiet), as_of=date(2024, 1, 24))
    assert (over.due, over.met, over.open, over.completed) == (1, 1, 0, 0)
    happened = clock(**quiet, ended="stopped", ended_on=date(2024, 1, 23), broken=True)
    broken = january(happened, as_of=date(2024, 1, 23))
    assert (broken.due, broken.missed, broken.completed) == (1, 1, 0)


def test_a_clock_without_a_due_day_is_open_and_never_due() -> None:
    undated = clock(due_on=None)
    assert (january(undated).due, january(undated).open, january(undated).overdue) == (0, 1, 0)
    unmeasured = january(clock(due_on=None, unmeasured="not carried"))
    assert (unmeasured.not_measured, unmeasured.open) == (1, 0)
    later = counted([clock(due_on=None, unmeasured="not carried")], period="2024-02")
    assert later == [], "it counts where it began, and once"


# -- groups ------------------------------------------------------------------------------------------------------------


def test_it_counts_for_the_group_of_its_team_on_the_due_day_or_the_day_it_ended_if_earlier() -> None:
    moved = date(2024, 1, 20)  # the team goes to another division
    late = clock(id="a")
    early = clock(id="b", ended="stopped", ended_on=date(2024, 1, 19), took=13.0)
    rows = figures(
        [late, early],
        [],
        SNAPSHOT,
        Period.parse("2024-01"),
        lambda team, day: "new" if day >= moved else "old",
        end_of_day(date(2024, 1, 31)),
    )
    assert [(row.group, row.met, row.missed) for row in rows] == [("new", 0, 1), ("old", 1, 0)]


def test_work_open_at_the_periods_end_counts_for_whoever_was_responsible_then() -> None:
    """Handed from alpha to beta in February, it is alpha's open work of January and beta's breach of March."""
    handed = '[["2024-01-10","alpha"],["2024-02-14","beta"]]'
    moved = clock(started_on=date(2024, 1, 10), due_on=date(2024, 3, 5), team="beta", teams=handed)

    def rows(month: str) -> dict[str, tuple[int, int]]:
        found = figures([moved], [], {}, Period.parse(month), lambda team, day: team, end_of_day(date(2024, 6, 30)))
        return {figure.group: (figure.open, figure.due) for figure in found}

    assert [rows(month) for month in ("2024-01", "2024-02", "2024-03")] == [
        {"alpha": (1, 0)},
        {"beta": (1, 0)},
        {"beta": (1, 1)},
    ]


def test_rows_are_in_order_of_standard_and_group_and_empty_ones_left_out() -> None:
    done_before = clock(id="d", team="east", ended="stopped", ended_on=date(2023, 12, 29), due_on=date(2024, 1, 2))
    long_over = clock(
        id="e",
        team="west",
        started_on=date(2023, 1, 2),
        due_on=date(2023, 1, 23),
        ended="stopped",
        ended_on=date(2023, 1, 20),
    )
    rows = counted(
        [clock(id="a", team="south"), clock(id="b", standard="cp-visit"), clock(id="c"), done_before, long_over]
    )
    named = [(row.standard, row.group) for row in rows]
    assert named == [("cp-visit", "north"), ("icpc-15wd", "east"), ("icpc-15wd", "north"), ("icpc-15wd", "south")]
    assert all((row.from_on, row.to_on) == (date(2024, 1, 1), date(2024, 1, 31)) for row in rows)


# -- snapshots ---------------------------------------------------------------------------------------------------------


def group(**more: Any) -> Clock:
    return clock(standard="core-group-later", **more)


def test_a_recurring_duty_is_in_scope_while_its_clock_runs_and_up_to_date_until_it_is_due() -> None:
    running, overdue = group(id="a", due_on=date(2024, 1, 31)), group(id="b", due_on=date(2024, 1, 30))
    ended = group(id="c", ended="cancelled", ended_on=date(2024, 1, 12))
    (figure,) = counted([running, overdue, ended])
    assert (figure.in_scope, figure.up_to_date) == (2, 1)


def test_a_one_off_duty_has_no_snapshot() -> None:
    assert (january(clock()).in_scope, january(clock()).up_to_date) == (None, None)


def spell(child: str = "C1", first: date = date(2024, 1, 2), last: date | None = None) -> ScopeSpell:
    return ScopeSpell("allocated-qualified", child, "north", first, last)


def gap(child: str = "C1", **more: Any) -> Clock:
    return clock(id=child, standard="allocated-qualified", child=child, due_on=date(2024, 1, 30), **more)


def test_what_must_hold_is_up_to_date_without_a_gap_at_the_periods_end() -> None:
    filled = gap("C2", ended="stopped", ended_on=date(2024, 1, 31))
    (figure,) = counted([gap("C1"), filled], [spell("C1"), spell("C2"), spell("C3")])
    assert (figure.in_scope, figure.up_to_date) == (3, 2)
    (before,) = counted([gap("C1"), filled], [spell("C1"), spell("C2"), spell("C3")], as_of=date(2024, 1, 30))
    assert (before.in_scope, before.up_to_date) == (3, 1)


def test_a_spell_counts_where_it_covers_the_periods_end_both_its_days_included() -> None:
    end = date(2024, 1, 31)
    spells = [
        spell("C1", first=end),
        spell("C2", last=end),
        spell("C3", first=end + timedelta(days=1)),
        spell("C4", last=end - timedelta(days=1)),
    ]
    (figure,) = counted([], spells)
    assert (figure.in_scope, figure.up_to_date) == (2, 2)


def test_a_rate_is_of_what_began_in_the_period_and_says_nothing_of_time() -> None:
    rate = {"standard": "re-referral-12m", "due_on": date(2025, 1, 10), "prohibits": True}
    clocks = [
        clock(id="a", started_on=date(2024, 1, 10), begun_again=False, **rate),
        clock(id="b", started_on=date(2024, 1, 31), begun_again=True, **rate),
        clock(id="c", started_on=date(2024, 2, 1), begun_again=True, **rate),
    ]
    row = january(*clocks)
    assert (row.received, row.received_again) == (2, 1)
    assert lead(row) == Lead(1, 2, snapshot=False)
