"""The bank holidays of England and Wales that fall on a weekday, 2010 to 2028: a second source, written out
by hand.

2012-2028: the government's own list at https://www.gov.uk/bank-holidays (compared with a copy where one is at
hand). 2010 and 2011 are older than that list. Their days follow from the Banking and Financial Dealings Act
1971, schedule 1, paragraph 1 (Easter Monday, the last Mondays in May and August, 26 December, and 27 December
where the 25th or 26th is a Sunday), from Good Friday and Christmas Day at common law, and from the royal
proclamations under section 1 of the Act: New Year's Day or the Monday after it, the first Monday in May, a
weekday in place of 25 December 2010 and of 26 December 2010, and the royal wedding on 29 April 2011.
`by_rule` works them out for any year.
"""

from __future__ import annotations

from datetime import date, timedelta

BY_HAND = {
    2010: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2011: "01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27",
    2012: "01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26",
    2013: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2014: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2015: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2016: "01-01 03-25 03-28 05-02 05-30 08-29 12-26 12-27",
    2017: "01-02 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
    2018: "01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26",
    2019: "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
}
HOLIDAYS = sorted(date.fromisoformat(f"{year}-{day}") for year, days in BY_HAND.items() for day in days.split())

# What a proclamation changed in one year only: days that were no holiday after all, days that were one.
MOVED_AWAY = {date(2002, 5, 27), date(2012, 5, 28), date(2020, 5, 4), date(2022, 5, 30)}
ADDED = {
    date(2002, 6, 3),
    date(2002, 6, 4),  # golden jubilee; spring holiday moved to it
    date(2011, 4, 29),  # royal wedding
    date(2012, 6, 4),
    date(2012, 6, 5),  # spring holiday moved; diamond jubilee
    date(2020, 5, 8),  # early May holiday moved to VE day
    date(2022, 6, 2),
    date(2022, 6, 3),  # spring holiday moved; platinum jubilee
    date(2022, 9, 19),  # funeral of Queen Elizabeth II
    date(2023, 5, 8),  # coronation of King Charles III
}


def by_rule(year: int) -> set[date]:
    """The weekdays that are bank holidays in a year, from the Act and the standing proclamations."""
    easter = easter_sunday(year)
    mondays = {_monday_from(date(year, 5, 1)), _monday_from(date(year, 5, 25)), _monday_from(date(year, 8, 25))}
    days = {easter - timedelta(2), easter + timedelta(1)} | mondays
    for day in (date(year, 1, 1), date(year, 12, 26), date(year, 12, 25)):  # Boxing Day keeps its Monday
        while day.weekday() >= 5 or day in days:
            day += timedelta(1)
        days.add(day)
    return days - MOVED_AWAY | {day for day in ADDED if day.year == year}


def _monday_from(day: date) -> date:
    return day + timedelta(-day.weekday() % 7)


def easter_sunday(year: int) -> date:
    """The Gregorian Easter by the anonymous algorithm of 1876."""
    golden, century, rest = year % 19, *divmod(year, 100)
    leap_century, odd_century = divmod(century, 4)
    lunar = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_century - lunar + 15) % 30
    leap, odd = divmod(rest, 4)
    weekday = (32 + 2 * odd_century + 2 * leap - epact - odd) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
