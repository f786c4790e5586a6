"""The short form of `make chaos` (docs/chaos.md): everything dies once, and what comes out is what one machine makes.

And what the harness itself decides.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from deploy.stack.needs import Missing
from deploy.stack.places import ROOT
from tests.chaos import report
from tests.chaos.lateness import Spread
from tests.chaos.planting import apply, plants
from tests.chaos.run import Plan, run
from tests.chaos.schedule import DEEDS, asked_for, schedule
from tests.chaos.stage import folder_of_its_own
from tests.chaos.stream import stream
from tests.chaos.verdict import MUST_BE_0

ENDING = date(2026, 11, 20)
SHORT = "kill in a batch,statements cancelled,broker killed,kill:alerts,database killed:alerts,kill:timeliness"


def test_everything_dies_once_and_nothing_is_lost() -> None:
    deeds = asked_for(1, SHORT)
    plan = Plan(stream(1, 1500, ENDING), deeds, 1, rate=60, each=1, ending=ENDING)
    try:
        with folder_of_its_own() as place:
            ran = run(plan, place, lambda line: None)
    except Missing as wrong:
        reason = f"needs Kafka and PostgreSQL: {wrong}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    plain = report.as_plain(plan, ran)
    assert not report.failed(plain), report.as_text(plain)
    assert set(plain["must_be_0"]) == set(MUST_BE_0)
    assert len(plain["deeds"]) == len(deeds)


def test_the_same_seed_gives_the_same_stream_and_deeds() -> None:
    assert stream(3, 500, ENDING) == stream(3, 500, ENDING)
    assert schedule(3, 20) == schedule(3, 20)
    assert stream(4, 500, ENDING) != stream(3, 500, ENDING)
    assert schedule(4, 20) != schedule(3, 20)


def test_every_deed_is_done_before_any_is_done_again() -> None:
    done = Counter(deed.what for deed in schedule(1, 2 * len(DEEDS)))
    assert done == dict.fromkeys(DEEDS, 2)


def test_a_deed_that_is_none_is_refused() -> None:
    assert [(d.what, d.service) for d in asked_for(1, "kill:alerts, kill in a batch")] == [
        ("kill", "alerts"),
        ("kill in a batch", "ingest"),
    ]
    for wrong in ("kil", "kill:alert", ""):
        with pytest.raises(ValueError, match="is no deed"):
            asked_for(1, wrong)


def test_the_stream_holds_what_it_says() -> None:
    made = stream(5, 1500, ENDING)
    ids = Counter(one.event for one in made.records if one.event)
    aside = {json.loads(raw)["id"] for raw in made.aside}
    assert len(ids.keys() | aside) == made.events >= 1450
    assert sum(n - 1 for n in ids.values()) == made.duplicates > 50
    assert sum(one.event is None for one in made.records) == made.poison > 10
    typed = [json.loads(one.value or b"")["recordedtime"] for one in made.records if one.event]
    late = sum(one > following for one, following in pairwise(typed))
    assert late > len(typed) / 10  # disorder


def test_a_spread_is_by_nearest_rank() -> None:
    assert Spread.of_these([]) is None
    assert Spread.of_these([3.0]) == Spread(3.0, 3.0, 3.0, 1)
    assert Spread.of_these([float(n) for n in range(1, 101)]) == Spread(50.0, 95.0, 100.0, 100)
    assert Spread.of_these([1.0, 2.0, 3.0]) == Spread(2.0, 3.0, 3.0, 3)


@pytest.mark.parametrize("plant", plants(), ids=lambda plant: plant.name)
def test_what_is_planted_fits_the_code(plant) -> None:  # type: ignore[no-untyped-def]
    """Where it does not, make the same mistake again in the code as it is now: docs/chaos.md."""
    apply(plant.patch, ROOT, check=True)
    assert asked_for(1, plant.deeds)
    assert set(plant.caught_by) <= {*MUST_BE_0, *report.AFTER_OUTAGES, "never quiet"}
