"""Drawing by weight. Only `random()` is ever asked of a generator, and only `+`, `*` and `<` done with the answer, so
that the same seed gives the same county on every machine and Python.

    >>> Chances({"assessment": 3, "nfa": 1}).draw(0.8)
    'nfa'
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")
Roll = Callable[[], float]  # a number from 0 (inclusive) to 1 (exclusive)


class Chances(Generic[T]):
    """Outcomes and their weights (any positive numbers; they need not add up to anything)."""

    __slots__ = ("_edges", "_outcomes", "_total")

    def __init__(self, weights: Mapping[T, float]) -> None:
        self._outcomes = [outcome for outcome, weight in weights.items() if weight > 0]
        self._edges = list(accumulate(weight for weight in weights.values() if weight > 0))
        self._total = self._edges[-1]
        self._edges.pop()  # whatever lies beyond the last edge is the last outcome

    def draw(self, roll: float) -> T:
        return self._outcomes[bisect_right(self._edges, roll * self._total)]


def spread(bands: Mapping[tuple[int, int], float], rise: float = 0.0) -> Chances[int]:
    """Whole numbers from bands (both ends inclusive). Within a band the weight climbs evenly: the last number weighs
    `1 + rise` times the first, which is how work heaps up before a deadline."""
    weights: dict[int, float] = {}
    for (low, high), share in bands.items():
        climb = [1 + rise * (n - low) / max(high - low, 1) for n in range(low, high + 1)]
        whole = sum(climb)
        for n, step in zip(range(low, high + 1), climb, strict=True):
            weights[n] = weights.get(n, 0.0) + share * step / whole
    return Chances(weights)


def between(roll: float, low: int, high: int) -> int:
    """A whole number from `low` to `high`, both inclusive, all alike."""
    return low + int(roll * (high - low + 1))
