"""Files put together badly: a second, plain reading of each finds nothing lost. A few here; many by `make fuzz`."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.fuzz.run import KINDS, many
from tests.fuzz.taking import Lost, take
from tests.helpers.effort import examples

FEW = 40


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_a_spoilt_file_is_lost(kind: str) -> None:
    assert list(many(kind, range(examples(FEW)))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_plain_reading_would_see_it(kind: str, tmp_path: Path) -> None:
    """With any one record taken out of what was taken or kept, most files are found to have lost something."""
    of, tried, seen = KINDS[kind], 0, 0
    for seed in range(20):
        path = tmp_path / f"given {seed}"
        of.write(Random(f"{kind} {seed}"), path)
        outcome = take(path, of.FORMAT)
        for n in range(len(outcome.log)):
            tried += 1
            less = outcome._replace(log=outcome.log[:n] + outcome.log[n + 1 :])
            try:
                of.check(path, less._replace(places=set() if kind == "903" and n % 2 else less.places))
            except Lost:
                seen += 1
    assert seen > tried / 2 > 10
