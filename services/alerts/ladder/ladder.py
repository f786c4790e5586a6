"""The ladder: what a manager should be told now, less what was told before. Pure; `now` is an argument.

Only the latest rung that is still true is told; the earlier ones that nobody told are claimed as skipped with
it, so an outage ends in one message and not in five. What is no longer true is never told late: a clock that
was met before anybody looked tells nothing.

A visit due on 5 March and not made: on 27 February `due_soon_5wd`, from midnight on 6 March `missed`, on 12
March `still_missed_5wd` one level up; made on 13 March, `cleared`. Nobody having looked before 12 March: only
the third, and the first two claimed as skipped.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from schemas.clock import Clock
from schemas.rungs import BOOKED_LATE, CLEARED, HANDED_OVER, MISSED, PROMISE_BROKEN, WITHDRAWN
from schemas.time.days import ONE_DAY, london_day, start_of_day
from services.alerts.ladder.model import (
    LEVELS,
    AlertHistory,
    PastRung,
    Policy,
    Reason,
    Watched,
    Withdrawal,
    is_before_due,
)

Rung = tuple[str, datetime]  # its name, and the instant it comes


def reason_to_tell(
    clock: Watched | None, told: AlertHistory, policy: Policy, now: datetime, withdrawal: Withdrawal | None = None
) -> Reason | None:
    """The one thing to tell about a clock at `now`, or None. `clock` is None where the event that began it was
    withdrawn; `withdrawal`, where that is news of its own. After a `cleared` there may be one thing more: ask again
    with `told.plus(reason, now)`."""
    newest = told.newest()
    if (policy.go_live is not None and now < policy.go_live) or (newest is not None and now < newest):
        return None  # before anybody is told; or a sweep of the past, which takes nothing back
    status = clock.clock.status(now) if clock is not None else None
    bad = told.bad
    if bad and not _still_bad(clock, status, bad):
        last = bad[-1]
        return Reason(CLEARED, last.due_on, told.spell, last.team, max(t.level for t in bad))
    if clock is None:
        return _withdrawn(withdrawal, told, policy, now)
    if clock.clock.due_on is None:
        return None
    if status == "overdue":
        return _after_due(clock, told, policy, now)
    if status in ("running", "due_soon"):
        return _before_due(clock, told, policy, now)
    return None


def in_one_list(reason: Reason, clock: Watched | None, withdrawal: Withdrawal | None, since: datetime | None) -> Reason:
    """Returns the reason as the first telling after a change of rules or software gives it: what should have been told
    by `since`, when managers were last told by the old ones, goes to the team manager in one list, and so does what is
    taken back. What came later is told as ever."""
    if since is None:
        return reason
    if reason.rung == CLEARED:
        return msgspec.structs.replace(reason, already=True, anew=True)
    came = dict(clock.rungs).get(reason.rung) if clock is not None else withdrawal.at if withdrawal else None
    if came is None or came >= since or reason.already:
        return reason
    return msgspec.structs.replace(reason, level=0, already=True, anew=True)


def _withdrawn(withdrawal: Withdrawal | None, told: AlertHistory, policy: Policy, now: datetime) -> Reason | None:
    """The start of open work was withdrawn: told once, whether or not anything had been told of it."""
    if withdrawal is None or withdrawal.at > now or any(t.rung == WITHDRAWN for t in told.rungs):
        return None
    if policy.go_live is not None and withdrawal.at < policy.go_live:
        return None
    return Reason(WITHDRAWN, withdrawal.due_on, told.spell, withdrawal.team)


def _still_bad(clock: Watched | None, status: str | None, bad: tuple[PastRung, ...]) -> bool:
    """Whether the bad news stands: overdue, by whichever due day; or booked too late, if that was all."""
    if clock is None or status == "overdue":
        return clock is not None
    only_booked = all(t.rung == BOOKED_LATE and t.due_on == clock.clock.due_on for t in bad)
    return only_booked and status in ("running", "due_soon") and _booked_late(clock.clock)


def _booked_late(clock: Clock) -> bool:
    booked, due = clock.booked_on, clock.due_on
    return booked is not None and due is not None and booked > due and not clock.prohibits


def _before_due(clock: Watched, told: AlertHistory, policy: Policy, now: datetime) -> Reason | None:
    """Booked too late, which is told at once; else the latest warning, unless it is booked in time."""
    claimed = _claimed(clock, told)
    come = [rung for rung in clock.rungs if rung[1] <= now and is_before_due(rung[0])]
    booked_late = _booked_late(clock.clock)
    if booked_late and BOOKED_LATE not in claimed:
        return _reason(clock, told, (BOOKED_LATE, now), 0, come)
    if clock.clock.booked_on is not None and not booked_late:
        return None
    if not come or come[-1][0] in claimed or _before_go_live(come[-1], policy):
        return None
    return _reason(clock, told, come[-1], 0, come)


def _after_due(clock: Watched, told: AlertHistory, policy: Policy, now: datetime) -> Reason | None:
    """The latest of the ladder's own rung, a promise broken and the monthly count; else tell a new team."""
    come = [rung for rung in clock.rungs if rung[1] <= now]
    ladder = [rung for rung in come if not is_before_due(rung[0])]
    above = len(ladder)
    silenced = told.promise is not None and told.promise.by_on >= london_day(now)
    if silenced:
        ladder = [rung for rung in ladder if rung[0] == MISSED]
    fresh: list[tuple[Rung, int]] = []  # with the level each is told at
    if ladder and ladder[-1][0] not in _claimed(clock, told):
        fresh.append((ladder[-1], len(ladder) - 1))
    if (broken := _broken_promise(clock.clock, told, now)) is not None:
        fresh.append((broken, max(1, len(ladder) - 1)))
    if (month := _month(clock, told, policy)) is not None:  # a promise does not silence the count
        fresh.append((month, above))
    if not fresh:
        return _handed_over(clock, told, now)
    rung, level = max(fresh, key=lambda each: (each[0][1], each[1]))  # of two at one instant, the higher
    if rung in ladder and _before_go_live(rung, policy):
        return _reason(clock, told, rung, 0, come, already=True)
    return _reason(clock, told, rung, level, [*come, *(each for each, _ in fresh)])


def _broken_promise(clock: Clock, told: AlertHistory, now: datetime) -> Rung | None:
    """The promise whose day has ended; told once for each promise. One for a day before the due day needs no
    word of its own: `missed` says it."""
    promise = told.promise
    if promise is None or clock.due_on is None or not clock.due_on <= promise.by_on < london_day(now):
        return None
    said = [t for t in told.rungs if t.spell == told.spell and t.rung.startswith(PROMISE_BROKEN)]
    if any(t.told_at > promise.at for t in said):
        return None
    return _numbered(PROMISE_BROKEN, len(said)), start_of_day(promise.by_on + ONE_DAY)


def _month(clock: Watched, told: AlertHistory, policy: Policy) -> Rung | None:
    """The month's count, once the ladder's last rung is claimed. A month that opened before the last word on
    this clock is not counted again, so months missed in an outage are not made up."""
    ladder = [rung for rung in clock.rungs if not is_before_due(rung[0])]
    newest = told.newest()
    if policy.month is None or newest is None or not ladder or ladder[-1][0] not in _claimed(clock, told):
        return None
    said_since = policy.month[1] <= max(ladder[-1][1], newest)
    return None if said_since or _before_go_live(policy.month, policy) else policy.month


def _handed_over(clock: Watched, told: AlertHistory, now: datetime) -> Reason | None:
    """An overdue clock that came to a team which was told nothing of it in this spell: each team once."""
    teams = {t.team for t in told.bad}
    if not teams or clock.team_now in teams:
        return None
    before = sum(t.rung.startswith(HANDED_OVER) for t in told.bad)
    return _reason(clock, told, (_numbered(HANDED_OVER, before), now), 0, [])


def _reason(
    clock: Watched, told: AlertHistory, rung: Rung, level: int, come: list[Rung], *, already: bool = False
) -> Reason:
    """Tell `rung`, and claim as skipped whatever came no later and nobody told."""
    claimed = _claimed(clock, told) | {rung[0]}
    skipped = tuple(dict.fromkeys(name for name, at in come if at <= rung[1] and name not in claimed))
    due_on = clock.clock.due_on
    assert due_on is not None, "a clock with no due day has nothing to tell"
    highest = len(LEVELS) - 1
    return Reason(rung[0], due_on, told.spell, clock.team_now, min(level, highest), skipped, already)


def _claimed(clock: Watched, told: AlertHistory) -> frozenset[str]:
    return told.claimed(clock.clock.due_on) if clock.clock.due_on is not None else frozenset()


def _before_go_live(rung: Rung, policy: Policy) -> bool:
    return policy.go_live is not None and rung[1] < policy.go_live


def _numbered(rung: str, before: int) -> str:
    """`promise_broken`, then `promise_broken_2`: another claim of the same kind within one spell."""
    return rung if before == 0 else f"{rung}_{before + 1}"
