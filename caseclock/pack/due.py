"""Says what waits: what is overdue, and what falls due in the two weeks after. By the team responsible now, who can
act, and not by the team that a figure counts it for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from caseclock.pack.model import DueSoon, OverdueOf, Waiting
from caseclock.pack.read import Read
from caseclock.pack.request import AHEAD, PackRequest
from caseclock.runtime import Rules
from schemas.clock import Clock


def overdue(rules: Rules, asked: PackRequest, read: Read) -> list[Waiting]:
    """Every clock overdue as of then, by team, the oldest first."""
    found = [
        _waiting(clock, team, asked, read)
        for clock, team in _open(rules, asked, read)
        if clock.status(asked.as_of) == "overdue"
    ]
    return sorted(found, key=lambda one: (one.team, one.due_on, one.standard, one.child))


def overdue_of(found: Iterable[Waiting]) -> list[OverdueOf]:
    """The same, counted."""
    days: dict[tuple[str, str], list[int]] = {}
    for one in found:
        days.setdefault((one.team, one.standard), []).append(one.days)
    return [
        OverdueOf(team=team, standard=standard, number=len(them), oldest=max(them))
        for (team, standard), them in sorted(days.items())
    ]


def due_soon(rules: Rules, asked: PackRequest, read: Read) -> list[DueSoon]:
    """Returns what falls due in the two weeks after, by standard and team."""
    counts: dict[tuple[str, str], list[int]] = {}
    for clock, team in _open(rules, asked, read):
        due = clock.due_on
        if due is None or not asked.as_of_on < due <= asked.as_of_on + AHEAD:
            continue
        if clock.status(asked.as_of) not in ("running", "due_soon"):
            continue
        of = counts.setdefault((clock.standard, team), [0, 0, 0, 0])
        of[0 if due <= asked.as_of_on + timedelta(days=7) else 1] += 1
        if clock.booked_on is not None:
            of[2 if clock.booked_on <= due else 3] += 1
    return [
        DueSoon(standard=standard, team=team, first=a, second=b, booked=booked, booked_late=late)
        for (standard, team), (a, b, booked, late) in sorted(counts.items())
    ]


def _open(rules: Rules, asked: PackRequest, read: Read) -> Iterable[tuple[Clock, str]]:
    """Clocks that may be open, with the team responsible now; of the division, if one is asked for."""
    for clock in read.clocks:
        if clock.prohibits or clock.unmeasured is not None or clock.ended == "voided":
            continue
        team = read.team_now[clock.child]
        if asked.division is None or rules.divisions.of(team, asked.as_of_on) == asked.division:
            yield clock, team


def _waiting(clock: Clock, team: str, asked: PackRequest, read: Read) -> Waiting:
    promise = read.promises.get(clock.id)
    assert clock.due_on is not None
    return Waiting(
        child=clock.child,
        standard=clock.standard,
        team=team,
        due_on=clock.due_on,
        days=(asked.as_of_on - clock.due_on).days,
        booked_on=clock.booked_on,
        promised_on=promise.by_on if promise else None,
        broken=promise is not None and promise.by_on < asked.as_of_on,
    )
