"""For which team and division a clock counts while it is open: responsible then, or on the day that decides. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, Protocol

from schemas.clock import Clock
from schemas.time.days import ONE_DAY


class DatedDivisions(Protocol):
    """Which division a team belonged to on a day (see `history.teams.Divisions`)."""

    def of(self, team: str, day: date) -> str: ...

    def spans(self, team: str, first: date, last: date | None) -> Iterable[tuple[date, date | None, str]]: ...

    def steady(self, team: str) -> bool: ...


class Held(NamedTuple):
    """A time, days inclusive (None: it lasts), with the team and the division that a clock counts for in it."""

    first: date
    last: date | None
    team: str
    division: str


def held(clock: Clock, divisions: DatedDivisions) -> tuple[Held, ...]:
    """Returns the times of a clock from its start on, cut where its team or the team's division is another; empty where
    neither ever is. From the day that decides its team (it is due, or ends earlier) nothing changes any more."""
    if (clock.teams is None and divisions.steady(clock.team)) or clock.begun_again is not None:
        return ()
    decides = min((day for day in (clock.due_on, clock.ended_on) if day is not None), default=None)
    spans: list[Held] = []
    ends: list[date | None] = [day for day, _ in clock.held_by()[1:]]
    for (first, team), following in zip(clock.held_by(), [*ends, decides], strict=True):
        last = following - ONE_DAY if following is not None else None
        if last is None or first <= last:
            spans += [Held(since, to, team, division) for since, to, division in divisions.spans(team, first, last)]
    if decides is not None:
        spans.append(Held(max(decides, clock.started_on), None, clock.team, divisions.of(clock.team, decides)))
    return tuple(spans) if len({(each.team, each.division) for each in spans}) > 1 else ()
