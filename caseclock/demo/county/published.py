"""Says what was published about Norfolk, and the odds that follow from it.

`norfolk.csv`: one row for a reporting year (April to March, named after the March), from the Department for Education's
"Characteristics of children in need", council tables c1 (referrals), c2 (how long assessments took, working days), c4
(enquiries and conferences, working days), c6 (referrals by month), d6 (plans reviewed in time) and d7 (how long plans
lasted). Open Government Licence 3.0. Blank: not published. Before the first year and after the last the nearest year
stands in.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

from caseclock.demo.county.draw import Chances, spread

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ASSESSED = 0.905  # of referrals, those that led to an assessment; the rest were decided otherwise
EVER = 1.9  # referrals again at any time, for each one within a year of the last
LOOKED_AFTER = 6100  # referrals in a year at which the odds of care are as they stand
CUT_SHORT = 0.75  # of the short plans published, those planned so; the others are cut short by care

Row = dict[str, int]


@lru_cache(maxsize=1)
def published() -> dict[int, Row]:
    """Reporting year → column → number. A column is left out of a year for which nothing was published."""
    text = files(__package__).joinpath("norfolk.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {int(row["year"]): {name: int(value) for name, value in row.items() if value} for row in rows}


def reporting_year(day: date) -> int:
    return day.year + (day.month > 3)


def nearest(year: int, column: str) -> int:
    """The year whose figure in `column` stands in for `year`."""
    have = [y for y, row in published().items() if column in row]
    return min(have, key=lambda y: (abs(y - year), y))


def figure(year: int, column: str) -> int:
    return published()[nearest(year, column)][column]


def referrals_in_month(day: date) -> int:
    """Published referrals in the month of `day`."""
    return figure(reporting_year(day), f"c6_{MONTHS[day.month - 1]}")


def seen_before(year: int) -> float:
    """Returns, of the referrals of a year, those of families referred before at any time; published are those within
    a year."""
    return EVER * figure(year, "c1_re_referrals") / figure(nearest(year, "c1_re_referrals"), "c1_referrals")


@dataclass(frozen=True, slots=True)
class Odds:
    """Holds what the published figures of one reporting year say will happen to a child referred in it.

    Durations are in working days (`assessment`, `conference`) or days (`plan`).
    """

    outcome: Chances[str]
    not_in_need: float  # of assessments, those that found no child in need
    enquiry_later: float  # of assessments begun without one, those that come to a section 47 enquiry
    conference_after: float  # of enquiries, those that led to a conference
    assessment: Chances[int]
    conference: Chances[int]
    plan: Chances[int]
    comes_back: float  # of closings, those after which the family is referred again some day
    care: float  # how much likelier care is than in a usual year: as many children, from more or fewer referrals
    review_late: float  # of review conferences
    something_new: float  # of cases open for months, those assessed again


def odds(year: int) -> Odds:
    referrals, enquiries = figure(year, "c1_referrals"), figure(year, "c4_enquiries")
    nothing = figure(year, "c1_no_further_action") / referrals
    in_time = figure(year, "d6_reviewed_in_time") / figure(year, "d6_plans_of_3_months")
    return Odds(
        outcome=_outcomes(nothing, enquiries / referrals),
        not_in_need=min(0.6, figure(year, "c1_not_in_need") / referrals / ASSESSED),
        enquiry_later=0.45 * enquiries / referrals / (ASSESSED - 0.5 * enquiries / referrals),
        conference_after=min(0.7, figure(year, "c4_conferences") / enquiries),
        assessment=_assessment(year),
        conference=_conference(year),
        plan=_plan(year),
        comes_back=(seen_before(year) + seen_before(year + 1)) / 2,
        care=LOOKED_AFTER / referrals,
        something_new=min(0.6, max(0.03, 2.4 * (_completed(year) / referrals - 0.89))),
        review_late=(1 - in_time) / 1.4,  # a plan under review has had between one and two in the year
    )


def _completed(year: int) -> int:
    """Assessments completed."""
    year = nearest(year, "c2_0_0")
    return sum(count for column, count in published()[year].items() if column.startswith("c2_"))


def _outcomes(nothing: float, enquiries: float) -> Chances[str]:
    other = {"family_support": 0.045, "duplicate": 0.006, "transfer": 0.005}
    discussed = 0.5 * enquiries  # half of all enquiries begin at the front door
    assessed = 1 - nothing - sum(other.values()) - discussed
    return Chances({"nfa": nothing, **other, "strategy_discussion": discussed, "assessment": assessed})


def _assessment(year: int) -> Chances[int]:
    names = ("0_0", "1_10", "11_20", "21_30", "31_40", "41_45", "46_50", "51_60", "61_")
    count = {name: float(figure(year, f"c2_{name}")) for name in names}
    long = count.pop("61_")
    bands = {(int(low), int(high)): n for low, high in (x.split("_") for x in count) if (n := count[f"{low}_{high}"])}
    heap = {(41, 43): 0.35 * bands[41, 45], (44, 45): 0.65 * bands.pop((41, 45))}
    tail = {(61, 75): 0.55 * long, (76, 100): 0.3 * long, (101, 150): 0.15 * long}
    return spread({**bands, **heap, **tail}, rise=0.5)


def _conference(year: int) -> Chances[int]:
    early, due, late, later = (float(figure(year, f"c4_{x}")) for x in ("0_10", "11_15", "16_20", "21_"))
    quick, soon = 0.2 * early, 0.8 * early
    heap = {(11, 12): 0.22 * due, (13, 15): 0.78 * due}
    return spread({(2, 6): quick, (7, 10): soon, **heap, (16, 20): late, (21, 30): 0.7 * later, (31, 60): 0.3 * later})


def _plan(year: int) -> Chances[int]:
    """Published by the year in which plans end, so the long ones begun in `year` are found in later years. Plans end at
    reviews: their lengths bunch shortly before 3, 9, 15 and 21 months."""
    short = CUT_SHORT * figure(year, "d7_to_3_months")
    half, one = CUT_SHORT * figure(year, "d7_to_6_months"), float(figure(year + 1, "d7_to_1_year"))
    two, more = figure(year + 1, "d7_to_2_years"), figure(year + 2, "d7_over_2_years")
    return spread(
        {
            (14, 60): 0.25 * short,
            (61, 88): 0.75 * short,
            (93, 180): half,
            (186, 225): 0.2 * one,
            (226, 285): 0.6 * one,
            (286, 362): 0.2 * one,
            (366, 480): 0.6 * two,
            (481, 728): 0.4 * two,
            (732, 1100): more,
        }
    )
