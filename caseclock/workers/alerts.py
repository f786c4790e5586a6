"""The alerts worker: asks at once about clocks that changed, and from time to time about all whose rung has come."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from prometheus_client import Counter, Gauge

from caseclock.runtime import now, rules
from caseclock.workers import streaming
from caseclock.workers.context import Work
from caseclock.workers.gauges import Standing
from caseclock.workers.heartbeat import beat
from caseclock.workers.retry import patiently
from caseclock.workers.streaming import Duty, Nudge
from schemas.kafka.topics import CLOCK_CHANGES, topics
from services.alerts.channels.configured import channels
from services.alerts.delivery.outbox import deliver
from services.alerts.reports.undelivered import outstanding
from services.alerts.sweep.sweep import Swept, sweep

GROUP = "alerts"


def run(work: Work) -> None:
    """Until told to stop."""
    telling = AlertWork(work)
    topic = topics(work.settings)[CLOCK_CHANGES]
    streaming.run(work, Duty(GROUP, topic, telling.nudged, telling.looked))


class AlertWork:
    """Holds what the worker does, apart from where it is told of it."""

    def __init__(self, work: Work) -> None:
        self._work, self._by = work, rules()
        self._told = Counter("caseclock_told", "Rungs told.", registry=work.state.registry)
        self._channels = channels(work.settings, self._by.routes)
        self._notices = Gauge(
            "caseclock_notices", "Notices not delivered, by state.", ["state"], registry=work.state.registry
        )
        self._unmanned = Gauge(
            "caseclock_teams_unmanned", "Teams with nobody to tell today.", registry=work.state.registry
        )

        self._standing = Standing(work.state.registry)

    def nudged(self, nudges: Sequence[Nudge]) -> None:
        """Sweeps the clocks that records name. A key that is no clock's is of none, and nothing is told."""
        named = {nudge.key.decode(errors="replace").replace("\0", "") for nudge in nudges if nudge.key}
        self._sweep(named)
        self._work.state.records.labels(CLOCK_CHANGES, "done").inc(len(nudges))

    def looked(self) -> None:
        """Sweeps all."""
        self._sweep(None)
        engine, calendar = self._work.engine, self._by.calendar
        patiently(self._work, lambda: self._standing.swept(engine, calendar, now()))
        found = patiently(self._work, lambda: outstanding(self._work.engine, now(), self._by.routes))
        self._notices.labels("waiting").set(found.waiting)
        self._notices.labels("sent").set(found.sent)
        self._notices.labels("failed").set(found.failed)
        self._unmanned.set(len(found.unmanned))
        patiently(self._work, lambda: beat(self._work.engine, GROUP, self._work.worker, now(), swept=True))

    def _sweep(self, clocks: Collection[str] | None) -> None:
        engine, by = self._work.engine, self._by
        with self._work.state.batches.time():
            swept: Swept = patiently(self._work, lambda: sweep(engine, by.calendar, now(), (), by.desk, clocks, now))
            patiently(self._work, self._deliver)
        self._told.inc(swept.told)

    def _deliver(self) -> None:
        deliver(self._work.engine, self._channels, now(), self._by.routes)
