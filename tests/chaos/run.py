"""One run: everything is started, the stream flows while the deeds are done, then all is left in peace and judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from threading import Event
from time import monotonic
from typing import NamedTuple

from sqlalchemy import Engine, select

from caseclock.runtime import now
from caseclock.workers.ingest import GROUP
from caseclock.workers.raw_lag import raw_lag
from caseclock.workers.status import status
from schemas.store.engine import reader, table_of
from schemas.store.tables import Heartbeat
from tests.chaos.deeds import Deeds
from tests.chaos.lateness import Spread, lateness
from tests.chaos.outages import After, outages
from tests.chaos.schedule import SERVICES, Deed
from tests.chaos.sender import Sender
from tests.chaos.slow import Imports
from tests.chaos.stage import Stage, stage
from tests.chaos.stream import Stream
from tests.chaos.truth import without_faults
from tests.chaos.verdict import Verdict, verdict
from tests.chaos.watch import Watch

CALM = 45.0  # seconds that a calm deed waits for recovery, at most
A_LOOK = 0.2


class Done(NamedTuple):
    """A deed that was done: when it began and ended, and when what was sent by then was folded, in seconds of the
    run."""

    deed: Deed
    begun: float
    ended: float
    recovered: float | None


class Ran(NamedTuple):
    """What a run was like. `ended`: by worker, how often it ended by itself."""

    deeds: list[Done]
    verdict: Verdict
    recovery: Spread | None
    lateness: Spread | None
    seconds: float
    ended: dict[str, int]
    sent_again: int
    quiet: bool
    outages: dict[str, After]


class Plan(NamedTuple):
    """`rate`: records a second. `each`: workers of each service at first. `outages`: events for each outage of simulated
    time, 0 for none. `patience`: seconds until all is quiet at the end, at most."""

    stream: Stream
    deeds: Sequence[Deed]
    seed: int
    rate: float
    each: int
    ending: date
    outages: int = 0
    patience: float = 180.0


def run(plan: Plan, folder: Path, say: Callable[[str], None]) -> Ran:
    """Raises Missing where a server cannot be had, Died where one does not start."""
    with stage(folder) as here:
        for service in SERVICES:
            for _ in range(plan.each):
                here.crew.add(service)
        here.crew.wait()
        say("everything runs")
        with Watch(here.store, here.crew) as watch:
            imports = Imports(here.database.url, plan.stream.aside, len(plan.deeds))
            sender = Sender(here.settings, plan.stream.records, plan.rate)
            sender.start()
            done = _do_all(plan, here, watch, sender, imports, say)
            at, quiet = _left_in_peace(plan, here, sender, imports, say)
            seconds = watch.moment()
        here.crew.stop()
        say("judging")
        truth = without_faults(plan.stream, at)
        found = verdict(here, plan.stream, truth)
        late = Spread.of_these(lateness(here.store))
        after = outages(here, plan.seed, plan.ending, plan.outages) if plan.outages else {}
    finished = [one._replace(recovered=watch.reached(need, one.ended)) for one, need in done]
    recovery = Spread.of_these([one.recovered - one.ended for one in finished if one.recovered is not None])
    return Ran(finished, found, recovery, late, seconds, here.crew.ended, sender.again, quiet, after)


def _do_all(
    plan: Plan, here: Stage, watch: Watch, sender: Sender, imports: Imports, say: Callable[[str], None]
) -> list[tuple[Done, int]]:
    """Each deed with how many events were sent when it ended."""
    deeds, done, never = Deeds(here, imports, plan.seed), [], Event()
    for deed in plan.deeds:
        never.wait(deed.then)
        begun = watch.moment()
        deeds.do(deed)
        ended, need = watch.moment(), sender.events() + imports.taken
        done.append((Done(deed, round(begun, 1), round(ended, 1), None), need))
        say(f"{begun:6.1f} s  {deed.what} ({deed.service}), {ended - begun:.1f} s")
        if deed.calm:
            _until(lambda need=need, ended=ended: watch.reached(need, ended) is not None, CALM)  # type: ignore[misc]
    return done


def _left_in_peace(
    plan: Plan, here: Stage, sender: Sender, imports: Imports, say: Callable[[str], None]
) -> tuple[datetime, bool]:
    """A moment after which everything true was looked at once more; and whether all became quiet."""
    sent = _until(sender.done, plan.patience + len(plan.stream.records) / plan.rate)
    imports.rest(here.store)
    say("all is sent; waiting until all is quiet")
    quiet = _until(lambda: _quiet(here), plan.patience)
    at = now()
    swept = _until(lambda: _swept(here.store, at), 60)
    return at, sent and quiet and swept


def _until(so: Callable[[], bool], seconds: float) -> bool:
    """Whether it came to be so."""
    end, never = monotonic() + seconds, Event()
    while not so():
        if monotonic() > end:
            return False
        never.wait(A_LOOK)
    return True


def _quiet(here: Stage) -> bool:
    """Nothing is on its way, anywhere."""
    stands = status(here.store, now())
    unpublished = stands.unpublished.events if stands.unpublished else stands.events
    return not (raw_lag(here.settings, GROUP) or stands.unfolded.events or unpublished or stands.undelivered)


def _swept(store: Engine, since: datetime) -> bool:
    """Whether a sweep of all was begun since then, and ended: they are 2 s apart, and short."""
    beat = table_of(Heartbeat)
    with reader(store) as connection:
        ends = connection.execute(select(beat.c.swept_at).where(beat.c.service == "alerts")).scalars()
        return any(end is not None and (end - since).total_seconds() > 5 for end in ends)
