"""Alerts that nobody acted on, by standard, so that a rule nobody heeds is seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Engine, select

from schemas.rungs import CLEARED
from schemas.store.aliases import current
from schemas.store.engine import reader, table_of
from schemas.store.tables import Acknowledgement, Alert
from schemas.time.calendar import Calendar
from schemas.time.days import london_day
from services.alerts.ladder.model import is_bad

WORKING_DAYS = 5

_ALERT, _ACK = table_of(Alert), table_of(Acknowledgement)


class Heeded(NamedTuple):
    """Holds, of one standard: the pieces of bad news told long enough ago to judge; how many of them were answered,
    or else cleared, within the time; and the rest."""

    standard: str
    told: int
    answered: int
    cleared: int
    ignored: int


def ignored(engine: Engine, calendar: Calendar, now: datetime, working_days: int = WORKING_DAYS) -> list[Heeded]:
    """By standard, most ignored first. An alert has until the end of the `working_days`-th working day after the day on
    which it was told; one of which that day has not ended is left out. An answer to any alert of the same spell of the
    clock counts for all that were told of it before. Raises OutOfCalendar."""
    today = london_day(now)
    bad, cleared, answered = _read(engine)
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    until: dict[date, date] = {}
    for standard, spell, told_at in bad:
        told_on = london_day(told_at)
        last = until.setdefault(told_on, calendar.add_working_days(told_on, working_days))
        if last >= today:
            continue
        count = counts[standard]
        count[0] += 1
        if _within(answered[spell], told_at, last):
            count[1] += 1
        elif _within(cleared[spell], told_at, last):
            count[2] += 1
    found = [Heeded(s, told, a, c, told - a - c) for s, (told, a, c) in counts.items()]
    return sorted(found, key=lambda one: (-one.ignored, one.standard))


_Spell = tuple[str, int]  # a clock, and which of its spells
_Times = defaultdict[_Spell, list[datetime]]


def _read(engine: Engine) -> tuple[list[tuple[str, _Spell, datetime]], _Times, _Times]:
    """The bad news told, as (standard, spell, when); when each spell was cleared; when it was answered."""
    bad: list[tuple[str, _Spell, datetime]] = []
    cleared: _Times = defaultdict(list)
    answered: _Times = defaultdict(list)
    a, now_called = _ALERT.c, current(_ALERT.c.clock)
    with reader(engine) as connection:
        query = select(a.standard, now_called, a.spell, a.rung, a.told_at).where(a.skipped.is_(False))
        for standard, clock, spell, rung, told_at in connection.execute(query):
            if rung == CLEARED:
                cleared[clock, spell].append(told_at)
            elif is_bad(rung):
                bad.append((standard, (clock, spell), told_at))
        answers = select(now_called, a.spell, _ACK.c.at).join_from(_ACK, _ALERT, a.id == _ACK.c.alert)
        for clock, spell, at in connection.execute(answers):
            answered[clock, spell].append(at)
    return bad, cleared, answered


def _within(times: Iterable[datetime], told_at: datetime, last: date) -> bool:
    return any(told_at <= at and london_day(at) <= last for at in times)
