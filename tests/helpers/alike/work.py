"""Views of what waits to be done, and of what was told and came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from schemas.clock import Clock
from schemas.rungs import kind_of
from schemas.time.days import london_day
from services.alerts.reports.promises import standing
from tests.helpers.alike.named import week_of
from tests.helpers.alike.seen import Row, Seen, working_days


def _about(seen: Seen, clock: Clock) -> Row:
    now = {row.id: row.team_now for row in seen.of("clock")}
    division = seen.divisions.of(clock.team, clock.counts_on())
    return clock.standard, clock.team, division, now[clock.id], clock.child, clock.id, clock.due_on


def overdue_now(seen: Seen) -> Iterator[Row]:
    waiting = {record.subject for record in _waiting(seen)}
    for clock in _running(seen, "overdue"):
        assert clock.due_on is not None
        alerts = [a for a in seen.of("alert") if seen.called(a.clock) == clock.id]
        told = sorted((a for a in alerts if not a.skipped), key=lambda a: a.id)
        told.sort(key=lambda a: a.told_at, reverse=True)
        answers = [k for k in seen.of("acknowledgement") if k.alert in {a.id for a in alerts}]
        last = max(answers, key=lambda k: (k.at, k.id), default=None)
        yield (
            *_about(seen, clock),
            (seen.today - clock.due_on).days,
            working_days(seen.today) - working_days(clock.due_on),
            clock.booked_on,
            told[0].rung if told else None,
            last.reason if last else None,
            last.by_on if last else None,
            clock.child in waiting,
            clock.faults,
        )


def due_next(seen: Seen) -> Iterator[Row]:
    for clock in _running(seen, "running", "due_soon"):
        if clock.due_on is not None and clock.due_on <= seen.today + timedelta(days=14):
            late = clock.booked_on is not None and clock.booked_on > clock.due_on
            yield *_about(seen, clock), (clock.due_on - seen.today).days, clock.booked_on, late


def _running(seen: Seen, *statuses: str) -> Iterator[Clock]:
    return (clock for clock in seen.clocks if not clock.prohibits and clock.status(seen.now) in statuses)


def overdue_ages(seen: Seen) -> Iterator[Row]:
    found: dict[Row, list[Any]] = {}
    for standard, team, division, *_, due_on, _, over, _, _, _, _, _, _ in overdue_now(seen):
        age = next((name, least) for name, least, most in _AGES if over <= most)
        found.setdefault((standard, team, division, *age), []).append(due_on)
    return ((*key, len(days), min(days)) for key, days in found.items())


_AGES = (("1-5", 1, 5), ("6-20", 6, 20), ("21-60", 21, 60), ("61+", 61, 10**6))


def due_next_days(seen: Seen) -> Iterator[Row]:
    found: dict[Row, list[tuple[bool, bool]]] = {}
    for standard, team, division, _, _, _, due_on, left, booked_on, late in due_next(seen):
        booked = booked_on is not None and booked_on <= due_on
        found.setdefault((standard, team, division, due_on, left), []).append((booked, late))
    for key, booked in found.items():
        yield *key, len(booked), sum(one for one, _ in booked), sum(late for _, late in booked)


def promises(seen: Seen) -> Iterator[Row]:
    clocks = {clock.id: clock for clock in seen.clocks}
    alerts = {alert.id: alert for alert in seen.of("alert")}
    for answer in seen.of("acknowledgement"):
        alert = alerts[answer.alert]
        outcome = standing(clocks.get(seen.called(alert.clock)), answer.by_on, seen.now)
        yield alert.standard, alert.team, *week_of(london_day(answer.at)), answer.by_on, outcome


def alerts_week(seen: Seen) -> Iterator[Row]:
    answered = {answer.alert for answer in seen.of("acknowledgement")}
    found: dict[Row, Counter[str]] = {}
    for alert in seen.of("alert"):
        day = london_day(alert.told_at)
        division = seen.divisions.of(alert.team, day)
        key = alert.standard, alert.team, division, *week_of(day), kind_of(alert.rung)
        counts = found.setdefault(key, Counter())
        counts["skipped" if alert.skipped else "told"] += 1
        counts["answered"] += alert.id in answered
    return ((*key, c["told"], c["skipped"], c["answered"]) for key, c in found.items())


def notices(seen: Seen) -> Iterator[Row]:
    found: dict[str, list[Any]] = {}
    for notice in seen.of("notice"):
        found.setdefault(_state(seen, notice), []).append(notice.created_at)
    return ((state, len(times), min(times)) for state, times in found.items())


def _state(seen: Seen, notice: Any) -> str:
    tries = sorted((a for a in seen.of("attempt") if a.notice == notice.id), key=lambda a: a.number)
    left = any(delivery.notice == notice.id for delivery in seen.of("delivery"))
    if any(a.outcome == "delivered" for a in tries) or (notice.recipient is None and left):
        return "delivered"
    last = tries[-1] if tries else None
    if last is not None and last.outcome == "sent":
        return "sent"
    return "failed" if last is not None and last.outcome == "refused" and last.next_try_at else "waiting"


def _waiting(seen: Seen) -> list[Any]:
    settled = {one.quarantined for one in seen.of("settled")}
    return [record for record in seen.of("quarantine") if record.erased_at is None and record.id not in settled]


ROWS: dict[str, Callable[[Seen], Iterator[Row]]] = {
    "overdue_now": overdue_now,
    "due_next": due_next,
    "overdue_ages": overdue_ages,
    "due_next_days": due_next_days,
    "promises": promises,
    "alerts_week": alerts_week,
    "notices": notices,
}
waiting_in_quarantine = _waiting
