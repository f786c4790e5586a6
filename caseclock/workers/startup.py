"""Says what a worker waits for before it works: its database, then its broker, each for as long as it takes. What
waiting does not mend is refused: a store of another version, topics that are not as declared, a password that is
wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from kafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError

from caseclock.workers import broker as topics_admin
from caseclock.workers.broker import BrokerRefused
from caseclock.workers.context import Work
from caseclock.workers.retry import FIRST, patiently, pause
from schemas.store import versions
from schemas.store.postgres import hopeless
from schemas.store.versions import StoreRefused
from services.ingest.log.guards import guard

T = TypeVar("T")

log = logging.getLogger(__name__)


def wait_for_all(work: Work) -> None:
    """Until the store is open and the topics are there. Raises StoreRefused, TopicsRefused, BrokerRefused, Stopped."""
    patiently(work, lambda: _open(work))
    with_broker(work, lambda: topics_admin.check(work.settings))


def _open(work: Work) -> None:
    try:
        versions.prepare(work.engine, makes=False)
        guard(work.engine)
    except DBAPIError as wrong:
        if (why := hopeless(wrong)) is not None:
            raise StoreRefused(f"the database refuses us: {why}. Is CASECLOCK_DB right?") from None
        raise


def with_broker(work: Work, task: Callable[[], T]) -> T:
    """Does what needs the broker, again and again while the broker is away. What it raises else is raised."""
    wait = FIRST
    while True:
        try:
            done = task()
        except (BrokerRefused, KafkaError) as wrong:
            cause = wrong.__cause__ if isinstance(wrong, BrokerRefused) else wrong
            if not getattr(cause, "retriable", False):
                raise
            log.warning("the broker is away; waiting", extra={"why": type(cause).__name__, "seconds": wait})
            pause(work, wait, f"broker: {type(cause).__name__}")
        else:
            work.state.has("broker")
            return done
        wait = min(wait * 2, work.settings.database_wait)
