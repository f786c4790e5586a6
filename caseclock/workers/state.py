"""Holds the health of a worker: liveness, readiness and counters. The worker writes it; health checks and Prometheus
read it. Metrics have no child, no event and no team in their labels."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

STUCK = 120.0  # seconds without a move; the longest step, a large batch behind another's lock, is far shorter
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class State:
    """Holds the state of one worker. Safe to be told by one thread and asked by another."""

    def __init__(self, worker: str, clock: Callable[[], float] = monotonic) -> None:
        self.worker = worker
        self._clock = clock
        self._moved = clock()
        self._wanting = {"starting": "starting"}  # what it waits for: the name of it, and why
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Gauge("caseclock_worker", "Which worker this is.", ["worker"], registry=registry).labels(worker).set(1)
        self._ready = Gauge("caseclock_worker_ready", "1 if it can work, 0 while it waits.", registry=registry)
        self.records = Counter(
            "caseclock_records",
            "Records done, by the topic they came from and what became of them.",
            ["topic", "outcome"],
            registry=registry,
        )
        self.batches = Histogram(
            "caseclock_batch_seconds", "From records in hand to their commit.", buckets=_SECONDS, registry=registry
        )
        self.lost = Counter(
            "caseclock_records_lost", "Records deleted from a topic before they were read.", registry=registry
        )
        self.waits = Counter("caseclock_waits", "Times it had to wait, by what for.", ["what"], registry=registry)

    def moved(self) -> None:
        """It is alive."""
        self._moved = self._clock()

    def ready(self) -> None:
        """It can do its work."""
        self.moved()
        self._wanting = {}
        self._ready.set(1)

    def has(self, name: str) -> None:
        """It does not wait for this any more, if it did."""
        self.moved()
        self._wanting = {other: why for other, why in self._wanting.items() if other != name}
        self._ready.set(0 if self._wanting else 1)

    def wanting(self, what: str) -> None:
        """It cannot do its work, for want of something (`name: why`); it waits."""
        self.moved()
        name = what.partition(":")[0]
        self._wanting = {**self._wanting, name: what}
        self._ready.set(0)
        self.waits.labels(name).inc()

    def health(self) -> str | None:
        """None if it moves; else why it should be started again."""
        still = self._clock() - self._moved
        return None if still < STUCK else f"no sign of life for {still:.0f} s"

    def readiness(self) -> str | None:
        """None if it works; else what it waits for."""
        return self.health() or ", ".join(self._wanting.values()) or None
