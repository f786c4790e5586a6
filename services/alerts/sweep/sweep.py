"""The sweep: finds every clock whose next rung has come, claims it, writes the notices, then delivers.

Time needs no event to pass, so nothing is scheduled: whatever a lost message, an outage or a kill left
undone, the next sweep finds. Looking takes no lock. Only where there is something to tell are those clocks
read and decided again in the writing transaction that claims them, so the lock is short and the claim is for
what is true under it. The claim is the unique key: whoever comes second, on another connection or machine,
inserts nothing and tells nothing.

With routes, what can wait is left unclaimed until the digest of the working day falls due; the day is claimed in the
same transaction. So nothing is told twice, nothing is lost, and what ceased to be true meanwhile is never told.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from schemas.rungs import CLEARED
from schemas.store.engine import add_rows, exclusive, reader
from schemas.store.tables import DigestDay, GoLive
from schemas.time.calendar import Calendar
from services.alerts.channels import Channel
from services.alerts.delivery.outbox import deliver
from services.alerts.delivery.post import Failure
from services.alerts.ladder.ladder import in_one_list, reason_to_tell
from services.alerts.ladder.model import Policy, Reason
from services.alerts.ladder.policy import policy_at
from services.alerts.message.desk import MessageContext
from services.alerts.sweep.ahead import Ahead, ahead
from services.alerts.sweep.anew import Anew, anew
from services.alerts.sweep.candidates import (
    Candidate,
    candidates,
    live_generation_if_any,
    newest_digest_day,
    to_look_at,
)
from services.alerts.sweep.claim import AT_ONCE, DIGEST, Claimed, NewAlert, claim
from services.alerts.sweep.go_live import go_live_in
from services.alerts.sweep.ticks import Looked, leave_tick
from services.alerts.sweep.timing import PATIENCE, Timing, timing_at
from services.alerts.sweep.today import note_today

log = logging.getLogger(__name__)


class Swept(NamedTuple):
    """Holds what one sweep did. `told` and `skipped`: rungs claimed. `notices`: messages written. `waiting`: clocks
    left for later because their child's log is ahead. `held`: rungs left for the next digest. `sent`, `failures`: as
    the outbox reports, older notices among them."""

    told: int = 0
    skipped: int = 0
    notices: int = 0
    waiting: int = 0
    sent: int = 0
    failures: tuple[Failure, ...] = ()
    held: int = 0


class Scene(NamedTuple):
    """Holds what one transaction decides by. `timing`: None where everything is told at once."""

    generation: int
    ahead: Ahead
    policy: Policy
    now: datetime
    timing: Timing | None
    anew: Anew
    whole: bool


class Decided(NamedTuple):
    """Holds what to tell now, how many clocks wait for their child's log, how many rungs for the digest; `timing` as
    it came out."""

    tellings: list[NewAlert]
    waiting: int
    held: int
    timing: Timing | None


def sweep(
    engine: Engine,
    calendar: Calendar,
    now: datetime,
    channels: Sequence[Channel] = (),
    desk: MessageContext = MessageContext(),
    clocks: Collection[str] | None = None,
    wall: Callable[[], datetime] | None = None,
) -> Swept:
    """Tell what is true at `now` and was not told, then deliver whatever waits. `clocks`: look at these only (None: at
    all whose answer may have changed, and only then is a digest written). Fold the log first: children whose log is
    ahead of their clocks are left, for 15 minutes at most. `wall` tells the time, for the row that a look at all leaves
    (None: it is `now`)."""
    begun_at = wall() if wall else now
    rungs: frozenset[str] = frozenset()
    with reader(engine) as connection:
        scene = _scene(connection, calendar, now, desk, clocks is None)
        ids = _ids(connection, scene, clocks) if scene else []
        found = _decide(connection, scene, ids) if scene else None
    swept = Swept()
    if scene is not None and found is not None:
        swept = Swept(waiting=found.waiting, held=found.held)
        digest = found.timing is not None and found.timing.digest is not None
        whole = clocks is None and (digest or found.timing is None)
        if found.tellings or digest or (whole and not scene.anew.noted):
            with exclusive(engine, GoLive) as connection:
                claimed = _tell(connection, calendar, now, {t.known.id for t in found.tellings}, desk, whole)
            rungs = claimed.rungs
            swept = swept._replace(told=claimed.told, skipped=claimed.skipped, notices=claimed.notices)
    if clocks is None:
        note_today(engine, now)
    sent, failures = deliver(engine, channels, now, desk.routes)
    swept = swept._replace(sent=sent, failures=failures)
    if clocks is None:
        counts = Looked(len(ids), swept.told, swept.skipped, swept.held, swept.waiting, len(failures))
        leave_tick(engine, now, begun_at, wall() if wall else now, counts, rungs)
    return swept


def _ids(connection: Connection, scene: Scene, clocks: Collection[str] | None) -> list[str]:
    return to_look_at(connection, scene.generation, scene.now) if clocks is None else sorted(clocks)


def _scene(
    connection: Connection, calendar: Calendar, now: datetime, desk: MessageContext, whole: bool
) -> Scene | None:
    """None before the first fold: there are no clocks to tell of. `whole`: whether all clocks are looked at, so that a
    digest may be written."""
    generation = live_generation_if_any(connection)
    if generation is None:
        return None
    timing = None
    if desk.routes is not None:
        timing = timing_at(now, calendar, desk.routes, newest_digest_day(connection))
        timing = timing if whole else timing.no_digest()
    policy = policy_at(now, calendar, go_live_in(connection))
    since = anew(connection, generation, desk.release, by_digest=desk.routes is not None)
    return Scene(generation, ahead(connection, generation, now), policy, now, timing, since, whole)


def _decide(connection: Connection, scene: Scene, ids: Iterable[str]) -> Decided:
    """Returns what there is to tell of these clocks now."""
    pairs, waiting, held = [], 0, 0
    for each in candidates(connection, scene.generation, ids):
        reasons = _reasons(each, scene)
        if not scene.whole and any(reason.anew for reason in reasons):
            held += len(reasons)  # it belongs in the one list
            continue
        if reasons and each.child in scene.ahead.waiting:
            waiting += 1
        elif reasons:
            pairs.append((each, reasons))
    timing = _patient(scene, waiting)
    tellings = [
        [NewAlert(each, reason) for reason in reasons]
        for each, reasons in pairs
        if timing is None or any(timing.lets_go(each.standard, reason) for reason in reasons)
    ]
    told = [telling for some in tellings for telling in some]
    return Decided(told, waiting, held + sum(len(reasons) for _, reasons in pairs) - len(told), timing)


def _patient(scene: Scene, waiting: int) -> Timing | None:
    """A digest that has just fallen due waits for children whose log is ahead, so that they need not wait a day."""
    timing = scene.timing
    if timing is None or timing.since is None or not waiting or scene.now - timing.since >= PATIENCE:
        return timing
    return timing.no_digest()


def _reasons(each: Candidate, scene: Scene) -> list[Reason]:
    """One reason; or a clearing and what holds since. As the one list has it, where the rules changed."""
    return [in_one_list(each_, each.clock, each.withdrawal, scene.anew.since) for each_ in _plain_reasons(each, scene)]


def _plain_reasons(each: Candidate, scene: Scene) -> list[Reason]:
    reason = reason_to_tell(each.clock, each.told, scene.policy, scene.now, each.withdrawal)
    if reason is None or reason.rung != CLEARED:
        return [reason] if reason else []
    after = reason_to_tell(each.clock, each.told.plus(reason, scene.now), scene.policy, scene.now, each.withdrawal)
    return [reason, after] if after else [reason]


def _tell(
    connection: Connection, calendar: Calendar, now: datetime, ids: Iterable[str], desk: MessageContext, whole: bool
) -> Claimed:
    """Decide again, now that nobody else can claim, on one state of the store, and claim."""
    scene = _scene(connection, calendar, now, desk, whole)
    assert scene is not None, "a live generation is never taken away"
    tellings, _, _, timing = _decide(connection, scene, sorted(ids))
    if stalled := sum(t.known.child in scene.ahead.stalled for t in tellings):
        log.warning("told %d rungs of children whose events wait to be folded: is the fold running?", stalled)
    day = timing.digest if timing is not None else None
    if day is not None:
        add_rows(connection, DigestDay, [{"day": day, "written_at": now}])
    if whole and (day is not None or timing is None):
        scene.anew.note(connection, now)
    return claim(connection, tellings, now, desk, AT_ONCE if day is None else DIGEST)
