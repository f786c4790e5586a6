"""Which returns do not hold the whole of a period."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.time.calendar import england
from services.timeliness.figures.periods import Period
from services.timeliness.figures.whole import not_whole
from services.timeliness.history.coverage import Coverage
from services.timeliness.standards.register import load

REGISTER = load()
YEAR = (date(2023, 4, 1), date(2024, 3, 31))
NEXT = (date(2024, 4, 1), date(2025, 3, 31))
HOLDS = "cin-census/201 holds 2023-04-01 to 2024-03-31"


def carrying(kind: str, *spans: tuple[date, date]) -> dict[str, Coverage]:
    return {"cin-census/201": Coverage({kind: spans})}


def told(standard: str, period: str, coverage: dict[str, Coverage], others: bool = False) -> str | None:
    return not_whole(REGISTER.standards[standard], coverage, Period.parse(period), england(), others)


@pytest.mark.parametrize(
    ("period", "others", "says"),
    [
        ("2023-04-01..2024-03-31", False, None),
        ("2023-Q4", False, None),
        ("2023", False, HOLDS),  # begins before the year
        ("2024", False, HOLDS),  # ends after it
        ("2022", False, HOLDS),
        ("2024-Q2", False, HOLDS),
        ("2024", True, HOLDS),  # of the first quarter the figure comes from the return
        ("2024-Q2", True, None),  # a live feed tells by then
    ],
)
def test_a_period_that_is_not_all_in_the_year_of_the_return(period: str, others: bool, says: str | None) -> None:
    assert told("icpc-15wd", period, carrying("conference.held", YEAR), others) == says


def test_two_years_in_a_row_hold_what_lies_across_them() -> None:
    both = (YEAR[0], NEXT[1])
    assert told("icpc-15wd", "2024", carrying("conference.held", both)) is None


def test_a_gap_between_two_years_is_seen() -> None:
    spans = (YEAR, (date(2024, 4, 2), NEXT[1]))
    said = "cin-census/201 holds 2023-04-01 to 2024-03-31 and 2024-04-02 to 2025-03-31"
    assert told("icpc-15wd", "2024", carrying("conference.held", *spans)) == said


def test_what_carries_nothing_of_the_standard_is_passed_over() -> None:
    assert told("icpc-15wd", "2024", carrying("referral.received", YEAR)) is None


def test_each_return_that_holds_a_part_is_named() -> None:
    coverage = carrying("conference.held", YEAR) | {
        "cin-census/202": Coverage({"conference.held": ((date(2023, 1, 1), date(2024, 12, 31)),)}),
        "cin-census/203": Coverage({"conference.held": (NEXT,)}),
    }
    assert told("icpc-15wd", "2023-Q3", coverage) == "cin-census/203 holds 2024-04-01 to 2025-03-31"


def test_days_on_which_only_some_of_the_kinds_are_carried_are_not_held() -> None:
    kinds = REGISTER.standards["assessment-45wd"].stop_kinds
    assert Coverage({"a": (YEAR,), "b": ((date(2023, 6, 1), NEXT[1]),)}).carried(["a", "b"]) == (
        (date(2023, 6, 1), YEAR[1]),
    )
    assert Coverage(dict.fromkeys(kinds, (YEAR,))).carried(kinds) == (YEAR,)
    assert Coverage({"a": (YEAR,)}).carried(["a", "b"]) == ()


def test_a_rate_looks_back_by_its_limit() -> None:
    one, two = carrying("referral.received", YEAR), carrying("referral.received", (YEAR[0], NEXT[1]))
    assert told("re-referral-12m", "2023-04-01..2024-03-31", one) == HOLDS
    assert told("re-referral-12m", "2024-Q2", two) is None  # 31 March 2023 is up on 31 March 2024
    assert told("re-referral-12m", "2024-03-31..2024-06-30", two) == "cin-census/201 holds 2023-04-01 to 2025-03-31"
