"""What every family of one run has in common: the span, its days, the odds of each year, the staff."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from services.ingest.readers.county.days import Days
from services.ingest.readers.county.draw import Chances
from services.ingest.readers.county.published import Odds, odds, referrals_in_month, reporting_year
from services.ingest.readers.county.staffing import Staff

BEFORE = 8 * 365  # days the county has been running when the span begins: longer than most stays in care
AFTER = 3 * 365  # days past the span for which plans are laid (they are not sent)
NOT_WORKED = 0.07  # referrals on a day nobody works, against one that is worked
NEW_FAMILIES = 0.36  # families never seen before, for each referral published


class Setting:
    """One run. `first` and `last`: the span's first and last day as ordinals, both inclusive."""

    def __init__(self, from_on: date, to_on: date, seed: int, bad_rate: float = 0.0) -> None:
        if from_on > to_on:
            raise ValueError(f"the county cannot run from {from_on} to {to_on}: give the earlier day first")
        self.first, self.last = from_on.toordinal(), to_on.toordinal()
        self.seed, self.bad_rate = seed, bad_rate
        self.days = Days(self.first - BEFORE, self.last + AFTER)
        self.staff = Staff(seed, self.days.first, self.days.last)
        weights = _expected(self.days, self.first - BEFORE, self.last)
        self.families = round(sum(weights.values()) * NEW_FAMILIES)
        self.arrivals = Chances(weights)
        self._odds = {
            day: odds(reporting_year(date.fromordinal(day)))
            for day in _years(self.days.first, self.days.last)
        }  # fmt: skip
        self._year_starts = sorted(self._odds, reverse=True)

    def odds_on(self, day: int) -> Odds:
        """The odds of the reporting year in which `day` falls."""
        return self._odds[next((start for start in self._year_starts if start <= day), self._year_starts[-1])]


def _years(first: int, last: int) -> list[int]:
    """The first days (1 April) of the reporting years that touch the span."""
    earliest, latest = reporting_year(date.fromordinal(first)), reporting_year(date.fromordinal(last))
    return [date(year - 1, 4, 1).toordinal() for year in range(earliest, latest + 1)]


def _expected(days: Days, first: int, last: int) -> dict[int, float]:
    """Referrals expected on each day: the published ones of its month, shared among the month's days."""
    return {
        day: referrals_in_month(date.fromordinal(day)) * _share(days, day) / _month_shares(days, day)
        for day in range(first, last + 1)
    }


def _share(days: Days, day: int) -> float:
    return 1.0 if days.works(day) else NOT_WORKED


@lru_cache(maxsize=4096)
def _whole_month(days: Days, start: int, end: int) -> float:
    return sum(_share(days, day) for day in range(start, end))


def _month_shares(days: Days, day: int) -> float:
    start = date.fromordinal(day).replace(day=1)
    end = (start + timedelta(days=31)).replace(day=1)
    return _whole_month(days, start.toordinal(), end.toordinal())
