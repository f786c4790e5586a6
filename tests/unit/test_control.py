"""Control limits of a p-chart, against sums done by hand."""

from __future__ import annotations

import pytest

from services.timeliness.figures.control import BEFORE, ENOUGH, Week, chart, judged


def test_limits_by_hand() -> None:
    """900 of 1,000: the mean is 0.9, and of 100 three standard errors are 3 * 0.03 = 0.09."""
    point = chart([Week(1000, 900), Week(100, 95)])[1]
    assert (point.mean, point.low, point.high) == (0.9, pytest.approx(0.81), pytest.approx(0.99))
    assert point.signal is None


@pytest.mark.parametrize(("good", "signal"), [(80, "lower"), (81, None), (82, None), (99, None), (100, "higher")])
def test_on_the_limit_is_inside(good: int, signal: str | None) -> None:
    assert judged(Week(100, good), Week(1000, 900)) == signal


def test_limits_end_at_none_and_all() -> None:
    point = chart([Week(100, 90), Week(4, 1)])[1]
    assert (point.high, point.signal) == (1.0, "lower")


def test_all_in_time_so_far_makes_one_late_a_signal() -> None:
    assert judged(Week(10, 9), Week(200, 200)) == "lower"
    assert judged(Week(10, 10), Week(200, 200)) is None


def test_too_few_before_say_nothing() -> None:
    assert judged(Week(10, 0), Week(ENOUGH - 1, ENOUGH - 1)) is None
    assert chart([Week(ENOUGH - 1, 0), Week(10, 10)])[1].mean is None


def test_a_week_with_nothing_due_is_no_signal() -> None:
    point = chart([Week(100, 90), Week(0, 0)])[1]
    assert (point.mean, point.low, point.signal) == (0.9, None, None)


def test_the_mean_is_of_the_weeks_before_and_of_no_more_than_a_year() -> None:
    weeks = [Week(1000, 0), *[Week(10, 9)] * BEFORE, Week(10, 9)]
    assert chart(weeks)[-1].mean == pytest.approx(0.9)
    assert chart(weeks)[-2].mean == pytest.approx((51 * 9) / (1000 + 51 * 10))
