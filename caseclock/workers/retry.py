"""Waiting for the database: what was to be done is done when it is back, and nothing is skipped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from caseclock.workers.context import Work
from schemas.store.postgres import passing

T = TypeVar("T")
FIRST = 0.1  # seconds until the first try again; twice as long each time
A_LOOK = 0.5  # seconds from one look at whether to stop to the next

log = logging.getLogger(__name__)


class Stopped(Exception):
    """It is time to stop, and the database is still away. What was to be done is found again by whoever looks."""


def patiently(work: Work, task: Callable[[], T]) -> T:
    """Does it, again and again while the database is away. What it raises else is raised."""
    wait = FIRST
    while True:
        try:
            done = task()
        except DBAPIError as wrong:
            if not passing(wrong):
                raise
            _wait(work, wait, type(wrong.orig).__name__)
        except NoConnection as wrong:
            _wait(work, wait, type(wrong).__name__)
        else:
            work.state.has("database")
            return done
        wait = min(wait * 2, work.settings.database_wait)


def _wait(work: Work, seconds: float, why: str) -> None:
    log.warning("the database is away; waiting", extra={"why": why, "seconds": seconds})
    pause(work, seconds, f"database: {why}")


def pause(work: Work, seconds: float, wanting: str) -> None:
    """Waits, and says what for. Raises Stopped when it is time to stop."""
    work.state.wanting(wanting)
    never = Event()
    while seconds > 0:
        if work.stopping():
            raise Stopped
        never.wait(min(seconds, A_LOOK))
        work.state.moved()
        seconds -= A_LOOK
