"""The year that an SSDA903 return is of. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from services.ingest.readers.returns import day, year_to
from services.ingest.readers.ssda903.files import Row


def year_of(episodes: Iterable[Row]) -> tuple[date, date] | None:
    """Returns the first and the last day, inclusive, of the year that a return is of; None where nothing has a day.

    The files name no year. A return holds every episode that was open in its year, from 1 April to 31 March, so what
    ended did so in that year: the year in which most episodes ended, the later of two; where none has ended, that in
    which most began. One slip of the pen does not move it.
    """
    began: Counter[int] = Counter()
    ended: Counter[int] = Counter()
    for row in episodes:
        for column, years in (("DECOM", began), ("DEC", ended)):
            if (on := day(row[column])) is not None:
                years[on.year + ((on.month, on.day) > (3, 31))] += 1
    years = ended or began
    if not years:
        return None
    return year_to(date(max(years, key=lambda year: (years[year], year)), 3, 31))
