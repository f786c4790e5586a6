"""Dear answers are worked out once, however many ask at once; questions of the past are few at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from starlette.exceptions import HTTPException

from caseclock.queries.kept import Kept
from caseclock.web.bounded import OneAtATime


def test_many_who_ask_at_once_wait_for_one_answer() -> None:
    kept, together, times = Kept[str](2), Barrier(8), []

    def ask() -> str:
        together.wait()
        return kept.get("q", lambda: times.append(1) or "a")  # type: ignore[func-returns-value]

    with ThreadPoolExecutor(8) as pool:
        assert [each.result() for each in [pool.submit(ask) for _ in range(8)]] == ["a"] * 8
    assert times == [1]


def test_the_oldest_go_and_what_failed_is_not_kept() -> None:
    kept = Kept[int](2)
    assert [kept.get(n, lambda n=n: n) for n in range(3)] == [0, 1, 2]  # type: ignore[misc]
    assert [kept.peek(n) for n in range(3)] == [None, 1, 2]
    with pytest.raises(ZeroDivisionError):
        kept.get("bad", lambda: 1 // 0)
    assert kept.get("bad", lambda: 7) == 7


def test_one_question_a_person_and_few_in_all() -> None:
    bounded = OneAtATime(at_once=2)
    with bounded.question_of("ann"):
        with pytest.raises(HTTPException) as same, bounded.question_of("ann"):
            pass
        with bounded.question_of(None), pytest.raises(HTTPException) as third, bounded.question_of("bob"):
            pass
    assert (same.value.status_code, third.value.status_code) == (429, 503)
    with bounded.question_of("ann"):
        pass
