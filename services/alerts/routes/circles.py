"""Covers that lead round in a circle: on such a day nobody in it answers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from services.alerts.routes.line import Absence, Person


def circle(people: Mapping[str, Person], who: str, absence: Absence) -> tuple[date, tuple[str, ...]] | None:
    """Returns the first day of an absence on which its covers lead back to who is absent, and those in the circle.
    None where there is no such day; covers change only on days on which somebody's absence begins."""
    begins = {other.first for person in people.values() for other in person.absences}
    for day in sorted({absence.first} | {first for first in begins if absence.first < first <= absence.last}):
        round_ = [who]
        cover = absence.cover
        while cover is not None and cover not in round_:
            round_.append(cover)
            away = people[cover].absence(day) if cover in people else None
            cover = away.cover if away is not None else None
        if cover == who and len(round_) > 1:
            return day, tuple(round_)
    return None
