"""The made-up county against what was published about Norfolk. The tolerances are what chance does to a county of some
3,500 families a year, brothers and sisters being counted one by one."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from county_counts import Counts, count, reviewed_in_time, shares, working_days

from caseclock.demo.county import County, norfolk_children
from caseclock.demo.county.published import MONTHS, published

YEAR = (date(2023, 4, 1), date(2024, 3, 31))
EARLIER = (date(2016, 4, 1), date(2017, 3, 31))  # a year in which assessments were quicker and less alike
ASSESSMENT = {
    "0_0": (0, 0),
    "1_10": (1, 10),
    "11_20": (11, 20),
    "21_30": (21, 30),
    "31_40": (31, 40),
    "41_45": (41, 45),
    "46_50": (46, 50),
    "51_60": (51, 60),
    "61_": (61, 9999),
}
CONFERENCE = {"0_10": (0, 10), "11_15": (11, 15), "16_20": (16, 20), "21_": (21, 9999)}
PLAN = {
    "to_3_months": (0, 91),
    "to_6_months": (92, 182),
    "to_1_year": (183, 364),
    "to_2_years": (365, 730),
    "over_2_years": (731, 9999),
}


@pytest.fixture(scope="module")
def year() -> Counts:
    return count(County(norfolk_children(*YEAR), *YEAR, seed=1, bad_rate=0))


@pytest.fixture(scope="module")
def earlier() -> Counts:
    return count(County(norfolk_children(*EARLIER) // 4, *EARLIER, seed=2, bad_rate=0))


def within(day: date, year: tuple[date, date] = YEAR) -> bool:
    return year[0] <= day <= year[1]


def published_shares(year: int, table: str, bands: dict[str, tuple[int, int]]) -> list[float]:
    row = published()[year]
    whole = sum(row[f"{table}_{band}"] for band in bands)
    return [100 * row[f"{table}_{band}"] / whole for band in bands]


def near(ours: list[float], theirs: list[float], points: float) -> None:
    for mine, official in zip(ours, theirs, strict=True):
        assert mine == pytest.approx(official, abs=points), (ours, theirs)


def test_yearly_totals(year: Counts) -> None:
    row = published()[2024]
    referrals = sum(within(day) for days in year.referred.values() for day in days)
    assert 6000 * 0.95 <= referrals <= 9700
    for ours, official, tolerance in (
        (referrals, row["c1_referrals"], 0.08),
        (sum(within(done) for _, done in year.assessed), 5535, 0.12),
        (sum(within(day) for day in year.enquired.values()), row["c4_enquiries"], 0.12),
        (sum(within(day) for _, day in year.conferred), row["c4_conferences"], 0.2),
        (sum(within(day) for day in year.plans_ended.values()), row["d7_plans_ended"], 0.3),
    ):
        assert ours == pytest.approx(official, rel=tolerance)


def test_referrals_follow_the_months(year: Counts) -> None:
    row, ours = (
        published()[2024],
        Counter(day.month for days in year.referred.values() for day in days if within(day)),
    )
    off = [ours[n] / row[f"c6_{month}"] - 1 for n, month in enumerate(MONTHS, start=1)]
    assert np.mean(np.abs(off)) < 0.12
    assert max(map(abs, off)) < 0.3


def test_referred_again_within_a_year(year: Counts) -> None:
    referrals = again = 0
    for days in year.referred.values():
        inside = [day for day in days if within(day)]
        referrals += len(inside)
        again += sum(any(0 < (day - before).days <= 365 for before in days) for day in inside)
    assert 100 * again / referrals == pytest.approx(19.0, abs=3.5)


def test_assessments_heap_before_the_45th_day(year: Counts) -> None:
    took = working_days(pair for pair in year.assessed if within(pair[1]))
    near(shares(took, ASSESSMENT.values()), published_shares(2024, "c2", ASSESSMENT), 4)
    assert np.percentile(took, [25, 50, 75]) == pytest.approx([31, 40, 45], abs=2)
    last_days = Counter(took.tolist())
    assert min(last_days[n] for n in (44, 45)) > 2 * max(last_days[n] for n in (46, 47, 48, 49, 50))


def test_another_year_has_its_own_shape(earlier: Counts) -> None:
    took = working_days(pair for pair in earlier.assessed if within(pair[1], EARLIER))
    near(shares(took, ASSESSMENT.values()), published_shares(2017, "c2", ASSESSMENT), 5)


def test_conferences_heap_on_days_13_to_15(year: Counts) -> None:
    took = working_days(pair for pair in year.conferred if within(pair[1]))
    near(shares(took, CONFERENCE.values()), published_shares(2024, "c4", CONFERENCE), 7)
    assert shares(took, [(13, 15)])[0] > 50
    assert 3 < shares(took, [(16, 9999)])[0] < 12


def test_plans_last_as_long_and_are_as_many(year: Counts) -> None:
    lasted = np.array([(day - year.plans[p][0]).days for p, day in year.plans_ended.items() if within(day)])
    near(shares(lasted, PLAN.values()), published_shares(2024, "d7", PLAN), 9)
    assert len(settled_plans(year)) == pytest.approx(365, rel=0.25)


def settled_plans(year: Counts) -> list[list[date]]:
    """Plans open at the end of the year that have run for 3 months."""
    last = YEAR[1]
    running = (plan for name, plan in year.plans.items() if year.plans_ended.get(name, date.max) > last)
    return [plan for plan in running if (last - plan[0]).days >= 91]


def test_reviews_are_in_time(year: Counts) -> None:
    plans = settled_plans(year)
    assert 87 < 100 * sum(reviewed_in_time(plan, YEAR) for plan in plans) / len(plans) < 98


def test_children_in_care_at_the_end_of_the_year(year: Counts) -> None:
    looked_after = sum(year.care_ended.get(name, date.max) > YEAR[1] for name in year.care)
    assert 1000 <= looked_after <= 1300


def test_visits_under_a_plan_come_about_every_ten_working_days(year: Counts) -> None:
    gaps = working_days(pair for days in year.visits.values() for pair in pairwise(days) if within(pair[1]))
    assert 8 <= np.median(gaps) <= 10
    assert 10 < shares(gaps, [(11, 9999)])[0] < 30


def test_recorded_within_days_with_a_long_tail(year: Counts) -> None:
    typed = np.array(year.typed_after)
    assert typed.min() >= 0
    assert np.mean(typed <= 3) > 0.85
    assert 0.002 < np.mean(typed > 14) < 0.03


TABLES = {
    "c1": ("c1_children_in_need_referrals", {"c1_referrals": "Referrals", "c1_not_in_need": "Not_in_Need"}),
    "c2": ("c2_children_in_need_assessments", {"c2_0_0": "Same_day", "c2_41_45": "41-45_days", "c2_61_": "61+_days"}),
    "c4": ("c4_children_in_need_section_47s", {"c4_enquiries": "Section47", "c4_21_": "Duration_21+_days"}),
    "c6": ("c6_children_in_need_referrals_by_month", {"c6_apr": "April", "c6_mar": "March"}),
    "d6": ("d6_cpps_reviewed", {"d6_reviewed_in_time": "Reviewed_within_timescales"}),
    "d7": ("d7_cpps_ending", {"d7_plans_ended": "CPP_End", "d7_over_2_years": "2_years_or_more"}),
}


@pytest.mark.parametrize("table", TABLES)
def test_the_figures_kept_are_the_published_ones(table: str, shared_data: Path) -> None:
    name, columns = TABLES[table]
    (path,) = (shared_data / "dfe_stats").glob(f"{name}*.csv")
    with path.open(encoding="utf-8-sig") as file:
        norfolk = [row for row in csv.DictReader(file) if row["la_name"] == "Norfolk"]
    official = {
        (int(row["time_period"]), ours): int(row[theirs])
        for row in norfolk
        for ours, theirs in columns.items()
        if row[theirs].isdigit()
    }
    kept = {(year, column): value for year, row in published().items() for column, value in row.items()}
    compared = {key: kept[key] for key in official if key in kept}
    assert len(compared) >= 10
    assert compared == {key: official[key] for key in compared}
