"""Whether a week differs from the weeks before it by more than chance: a p-chart. Pure, and in whole numbers.

The units are meetings, not children: brothers and sisters seen at one conference are late or in time together, and
counted singly they would make every week look unusual. `n` units were due in a week, `good` of them in time. The mean
is that of the 52 weeks before (the week judged is not among them); a week outside mean ± 3 standard errors is a signal,
and anything inside is noise that a meeting should not chase.

    >>> judged(Week(20, 8), Week(1000, 900))
    'lower'
    >>> judged(Week(20, 17), Week(1000, 900)) is None
    True

Shewhart's limits, as in NHS England's "Making Data Count". The views reckon the same (`signal` in `control_week`).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Literal, NamedTuple

BEFORE = 52  # weeks that make the mean
ENOUGH = 30  # units in them, fewer say nothing
_THREE_SQUARED = 9

Signal = Literal["higher", "lower"]


class Week(NamedTuple):
    """Units due, and those of them in time."""

    n: int
    good: int


class Point(NamedTuple):
    """A week as it is drawn. `mean`, `low`, `high`: shares from 0 to 1, the limits cut off there; None where there is
    not enough before it. `signal`: None inside the limits."""

    week: Week
    mean: float | None
    low: float | None
    high: float | None
    signal: Signal | None


def chart(weeks: Sequence[Week]) -> list[Point]:
    """One point a week, for weeks in order and without gaps (a week with nothing due is `Week(0, 0)`)."""
    return [_point(week, _sum(weeks[max(0, at - BEFORE) : at])) for at, week in enumerate(weeks)]


def judged(week: Week, before: Week) -> Signal | None:
    """Which limit it is outside of, by what was due and in time before. On a limit is inside.

    |good/n - G/N| > 3 sqrt(G/N (1 - G/N) / n), squared and freed of fractions, so that no rounding decides.
    """
    if before.n < ENOUGH or not week.n:
        return None
    apart = week.good * before.n - before.good * week.n
    if apart * apart <= _THREE_SQUARED * before.good * (before.n - before.good) * week.n:
        return None
    return "higher" if apart > 0 else "lower"


def _point(week: Week, before: Week) -> Point:
    if before.n < ENOUGH:
        return Point(week, None, None, None, None)
    mean = before.good / before.n
    if not week.n:
        return Point(week, mean, None, None, None)
    reach = 3 * sqrt(mean * (1 - mean) / week.n)
    return Point(week, mean, max(0.0, mean - reach), min(1.0, mean + reach), judged(week, before))


def _sum(weeks: Sequence[Week]) -> Week:
    return Week(sum(week.n for week in weeks), sum(week.good for week in weeks))
