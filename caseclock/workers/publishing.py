"""Publishing beside taking in: on a thread of its own, after every batch and from time to time, so that what is in the
log and not on Kafka is always found."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from threading import Event, Thread
from types import TracebackType
from typing import Self

from kafka.errors import KafkaError
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from caseclock.workers.context import Work
from caseclock.workers.heartbeat import beat
from caseclock.workers.retry import Stopped, patiently
from caseclock.workers.status import unpublished
from services.ingest.kafka.publish_log import Publisher

GROUP = "ingest"
A_LOOK = 1.0  # seconds from one look at the log to the next, where no batch came

log = logging.getLogger(__name__)


class Publishing:
    """Publishes while the block lasts, and what is left at its end."""

    def __init__(self, work: Work, publisher: Publisher, now: Callable[[], datetime]) -> None:
        self._work, self._publisher, self._now = work, publisher, now
        self._more, self._end = Event(), Event()
        registry = work.state.registry
        self._events = Gauge("caseclock_unpublished_events", "Events in the log and not on Kafka.", registry=registry)
        self._age = Gauge("caseclock_unpublished_seconds", "Since the oldest of them became known.", registry=registry)
        self._thread = Thread(target=self._run, name="publishing", daemon=True)

    def more(self) -> None:
        """There is more in the log."""
        self._more.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._more.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while True:
            ending = self._end.is_set()
            try:
                patiently(self._work, self._publish)
            except Stopped:
                return
            except KafkaError as wrong:
                log.warning("not published; the next look does it", extra={"why": type(wrong).__name__})
            except Exception:
                log.error("publishing failed; the next look does it", exc_info=True)
            if ending:
                return
            self._tell_how_it_stands()
            self._more.wait(A_LOOK)
            self._more.clear()

    def _tell_how_it_stands(self) -> None:
        with suppress(SQLAlchemyError):  # the next look says it
            lag = unpublished(self._work.engine, self._now())
            self._events.set(lag.events)
            self._age.set(lag.seconds)

    def _publish(self) -> None:
        while self._publisher.publish(self._work.engine, self._now()):
            pass
        beat(self._work.engine, GROUP, self._work.worker, self._now(), swept=True)
