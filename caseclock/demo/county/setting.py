"""Says what every family of one run has in common: the span, its days, the odds of each year, the staff."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import blake2b

from caseclock.demo.county.days import Days
from caseclock.demo.county.draw import Chances
from caseclock.demo.county.published import Odds, odds, referrals_in_month, reporting_year, seen_before
from caseclock.demo.county.staffing import Staff

BEFORE = 8 * 365  # days the county has been running when the span begins: longer than most stays in care
MARGIN = 60  # days before even that: appointments made, days typed wrong
AFTER = 3 * 365  # days past the span for which plans are laid (they are not sent)
NOT_WORKED = 0.07  # referrals on a day nobody works, against one that is worked
TOGETHER = 1.76  # children referred together, on average


class Setting:
    """One run. `first` and `last`: the span's first and last day as ordinals, both inclusive."""

    def __init__(self, from_on: date, to_on: date, seed: int, bad_rate: float = 0.0) -> None:
        if from_on > to_on:
            raise ValueError(f"the county cannot run from {from_on} to {to_on}: give the earlier day first")
        self.first, self.last = from_on.toordinal(), to_on.toordinal()
        self.seed, self.bad_rate = seed, bad_rate
        self.days = Days(self.first - BEFORE - MARGIN, self.last + AFTER)
        self.staff = Staff(seed, self.days.first, self.days.last)
        weights = _expected(self.days, self.first - BEFORE, self.last)
        self.families = round(sum(weights.values()))
        self.arrivals = Chances(weights)
        self._odds = {
            day: odds(reporting_year(date.fromordinal(day))) for day in _years(self.days.first, self.days.last)
        }
        self._year_starts = sorted(self._odds, reverse=True)

    def code(self, name: str) -> str:
        """Returns what the ids of a record begin with: made of a child's or family's name, which is not in it."""
        return blake2b(f"{self.seed} {name}".encode(), digest_size=5).hexdigest()

    def odds_on(self, day: int) -> Odds:
        """The odds of the reporting year in which `day` falls."""
        return self._odds[next((start for start in self._year_starts if start <= day), self._year_starts[-1])]


def _new_families(month: date) -> float:
    year = reporting_year(month)
    again = (seen_before(year - 1) + seen_before(year)) / 2  # those who closed a year ago are among them
    return referrals_in_month(month) * (1 - again) / TOGETHER


def _years(first: int, last: int) -> list[int]:
    """The first days (1 April) of the reporting years that touch the span."""
    earliest, latest = reporting_year(date.fromordinal(first)), reporting_year(date.fromordinal(last))
    return [date(year - 1, 4, 1).toordinal() for year in range(earliest, latest + 1)]


def _expected(days: Days, first: int, last: int) -> dict[int, float]:
    """Families never seen before expected on each day, from the referrals published for its month."""
    expected: dict[int, float] = {}
    day = first
    while day <= last:
        month = date.fromordinal(day).replace(day=1)
        following = (month + timedelta(days=31)).replace(day=1).toordinal()
        shares = {n: 1.0 if days.works(n) else NOT_WORKED for n in range(month.toordinal(), following)}
        scale = _new_families(month) / sum(shares.values())
        expected |= {n: shares[n] * scale for n in range(day, min(following, last + 1))}
        day = following
    return expected
