"""Bounds what a question of the past may cost: it folds the whole log again, and anybody on the pages may ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from starlette.exceptions import HTTPException

AT_ONCE = 2  # processors are for those who look at today's work
SECONDS = "30"  # after which to ask again
_BUSY = "Another question about the past is being worked out; ask again in half a minute"


class OneAtATime:
    """Who is waiting for an answer: one question a person, and few in all."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once, self._lock = at_once, Lock()
        self._asking: set[str] = set()

    @contextmanager
    def question_of(self, person: str | None) -> Iterator[None]:
        """Raises a 429 for somebody who is waiting already (nobody signed in is one person), and a 503 where too many
        are."""
        who = person or ""
        with self._lock:
            if who in self._asking:
                raise HTTPException(429, _BUSY, {"retry-after": SECONDS})
            if len(self._asking) >= self._at_once:
                raise HTTPException(503, _BUSY, {"retry-after": SECONDS})
            self._asking.add(who)
        try:
            yield
        finally:
            with self._lock:
                self._asking.discard(who)
