"""Keeps answers that are dear to work out: each is worked out once, however many ask for it at once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The newest answers by their question. Who asks for one that is being worked out waits for it; an answer that
    failed is not kept. `most`: how many are kept."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._found: OrderedDict[Hashable, Future[T]] = OrderedDict()

    def peek(self, question: Hashable) -> T | None:
        """Returns the answer if it is there already, None if it is not."""
        with self._lock:
            answer = self._found.get(question)
        return answer.result() if answer is not None and answer.done() and answer.exception() is None else None

    def get(self, question: Hashable, work_out: Callable[[], T]) -> T:
        """Returns the answer. Raises what working it out raised, to everybody who waited for it."""
        with self._lock:
            answer = self._found.get(question)
            mine = answer is None
            if answer is None:
                answer = self._found[question] = Future()
                while len(self._found) > self._most:
                    self._found.popitem(last=False)
        if mine:
            try:
                answer.set_result(work_out())
            except BaseException as failed:
                with self._lock:
                    if self._found.get(question) is answer:
                        del self._found[question]
                answer.set_exception(failed)
        return answer.result()
