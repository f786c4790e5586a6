"""The sweep: finds every clock whose next rung has come, claims it, writes the notices, then delivers.

Time needs no event to pass, so nothing is scheduled: whatever a lost message, an outage or a kill left
undone, the next sweep finds. Looking takes no lock. Only where there is something to tell are those clocks
read and decided again in the writing transaction that claims them, so the lock is short and the claim is for
what is true under it. The claim is the unique key: whoever comes second, on another connection or machine,
inserts nothing and tells nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from schemas.calendar import Calendar
from schemas.store import exclusive, reader
from schemas.tables import GoLive
from services.alerts.channels import Channel
from services.alerts.claim import Claimed, Telling, claim
from services.alerts.golive import go_live_in
from services.alerts.ladder import reason_to_tell
from services.alerts.look import Known, known, live_generation, to_look_at
from services.alerts.outbox import Failure, deliver
from services.alerts.policy import policy_at
from services.alerts.told import CLEARED, Policy, Reason
from services.alerts.waiting import Ahead, ahead

log = logging.getLogger(__name__)

NO_TITLES: Mapping[str, str] = MappingProxyType({})


class Swept(NamedTuple):
    """What one sweep did. `told` and `skipped`: rungs claimed. `notices`: messages written. `waiting`: clocks
    left for later because their child's log is ahead. `sent`, `failures`: as the outbox reports, older
    notices among them."""

    told: int = 0
    skipped: int = 0
    notices: int = 0
    waiting: int = 0
    sent: int = 0
    failures: tuple[Failure, ...] = ()


class Scene(NamedTuple):
    """What one transaction decides by."""

    generation: int
    ahead: Ahead
    policy: Policy
    now: datetime


def sweep(
    engine: Engine,
    calendar: Calendar,
    now: datetime,
    channels: Sequence[Channel] = (),
    titles: Mapping[str, str] = NO_TITLES,
    clocks: Collection[str] | None = None,
) -> Swept:
    """Tell what is true at `now` and was not told, then deliver whatever waits. `titles`: standard id →
    title, for the messages. `clocks`: look at these only (None: at all whose answer may have changed). Fold the
    log first: children whose log is ahead of their clocks are left, for 15 minutes at most."""
    with reader(engine) as connection:
        scene = _scene(connection, calendar, now)
        ids = _ids(connection, scene, clocks) if scene else []
        tellings, waiting = _decide(connection, scene, ids) if scene else ([], 0)
    swept = Swept(waiting=waiting)
    if tellings:
        with exclusive(engine, GoLive) as connection:
            claimed = _tell(connection, calendar, now, {t.known.id for t in tellings}, titles)
        swept = Swept(*claimed, waiting=waiting)
    sent, failures = deliver(engine, channels, now)
    return swept._replace(sent=sent, failures=failures)


def _ids(connection: Connection, scene: Scene, clocks: Collection[str] | None) -> list[str]:
    return to_look_at(connection, scene.generation, scene.now) if clocks is None else sorted(clocks)


def _scene(connection: Connection, calendar: Calendar, now: datetime) -> Scene | None:
    """None before the first fold: there are no clocks to tell of."""
    generation = live_generation(connection)
    if generation is None:
        return None
    policy = policy_at(now, calendar, go_live_in(connection))
    return Scene(generation, ahead(connection, generation, now), policy, now)


def _decide(connection: Connection, scene: Scene, ids: Iterable[str]) -> tuple[list[Telling], int]:
    """What there is to tell of these clocks; and of how many there is, but their child waits."""
    tellings, waiting = [], 0
    for each in known(connection, scene.generation, ids):
        reasons = _reasons(each, scene)
        if reasons and each.child in scene.ahead.waiting:
            waiting += 1
        else:
            tellings += [Telling(each, reason) for reason in reasons]
    return tellings, waiting


def _reasons(each: Known, scene: Scene) -> list[Reason]:
    """One reason; or a clearing and what holds since."""
    reason = reason_to_tell(each.clock, each.told, scene.policy, scene.now)
    if reason is None or reason.rung != CLEARED:
        return [reason] if reason else []
    after = reason_to_tell(each.clock, each.told.plus(reason, scene.now), scene.policy, scene.now)
    return [reason, after] if after else [reason]


def _tell(
    connection: Connection, calendar: Calendar, now: datetime, ids: Iterable[str], titles: Mapping[str, str]
) -> Claimed:
    """Decide again, now that nobody else can claim, on one state of the store, and claim."""
    scene = _scene(connection, calendar, now)
    assert scene is not None, "a live generation is never taken away"
    tellings, _ = _decide(connection, scene, sorted(ids))
    if stalled := sum(t.known.child in scene.ahead.stalled for t in tellings):
        log.warning("told %d rungs of children whose events wait to be folded: is the fold running?", stalled)
    return claim(connection, tellings, now, titles)
