"""Says how many messages managers get, and which alerts nobody acts on: whether telling is calm, and of use.

Both are read from the notices and alerts of a store. `caseclock alerts --load` fills one by living through a made-up
county (`caseclock.demo.alert_load`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Engine, select

from schemas.store.engine import reader, table_of
from schemas.store.tables import Notice
from schemas.time.days import london_day
from services.alerts.ladder.model import LEVELS
from services.alerts.routes.line import Routes
from services.alerts.sweep.claim import DIGEST

_NOTICE = table_of(Notice)


class Spread(NamedTuple):
    """Holds, of the messages that a person gets in a week: nearest rank over every person and whole week, those
    without any among them."""

    median: int
    p95: int
    most: int


class Load(NamedTuple):
    """For the people at one level. `weeks`: whole ones, Monday to Sunday. A digest comes once a working day at most."""

    level: str
    people: int
    weeks: int
    digests: Spread
    at_once: Spread
    all: Spread


def load(engine: Engine, routes: Routes, first: date, last: date) -> list[Load]:
    """By level, over the whole weeks among the days given, both included."""
    weeks = whole_weeks(first, last)
    digests: Counter[tuple[str, date]] = Counter()
    at_once: Counter[tuple[str, date]] = Counter()
    with reader(engine) as connection:
        for person, kind, at in connection.execute(select(_NOTICE.c.recipient, _NOTICE.c.kind, _NOTICE.c.created_at)):
            counter = digests if kind == DIGEST else at_once
            counter[person or "", _monday(london_day(at))] += 1
    made = []
    for level, people in _levels(routes):
        cells = [(person, week) for person in people for week in weeks]
        if cells:
            made.append(
                Load(
                    level,
                    len(people),
                    len(weeks),
                    _spread(digests[cell] for cell in cells),
                    _spread(at_once[cell] for cell in cells),
                    _spread(digests[c] + at_once[c] for c in cells),
                )
            )
    return made


def whole_weeks(first: date, last: date) -> list[date]:
    """The Mondays of the weeks that lie wholly within the days given, both included."""
    monday = _monday(first + timedelta(days=6))
    count = max(0, (last - monday + timedelta(days=1)).days // 7)
    return [monday + timedelta(weeks=n) for n in range(count)]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _levels(routes: Routes) -> Iterable[tuple[str, Sequence[str]]]:
    """Each level with those who hold a post at it; somebody with several posts counts at the highest."""
    highest: dict[str, int] = {}
    for posts in (*(team.posts for team in routes.teams.values()), routes.county):
        for level, person in enumerate(posts):
            if person is not None:
                highest[person] = max(level, highest.get(person, 0))
    for level, name in enumerate(LEVELS):
        yield name, sorted(person for person, height in highest.items() if height == level)


def _spread(counts: Iterable[int]) -> Spread:
    ranked = sorted(counts)
    return Spread(_rank(ranked, 50), _rank(ranked, 95), ranked[-1])


def _rank(ranked: Sequence[int], per_cent: int) -> int:
    """Nearest rank: the smallest value that so many per cent do not exceed."""
    return ranked[max(0, -(-len(ranked) * per_cent // 100) - 1)]
