"""Law 11: other ids of events and other names of sources, naming one another alike, change no verdict."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.clock import Clock
from services.timeliness.fold.child import Folded
from tests.laws.folds import folded
from tests.laws.strategies import Given, absurd, believable, corrected, coverage, law

OF_NAMES = {"id", "cause", "stop_cause", "aliases"}  # what a clock says of which events, and not of the child


@given(st.one_of(corrected(absurd()), corrected(believable())), st.integers(0, 2**32))
@law(250)
def test_other_names_change_no_verdict(history: list[Given], seed: int) -> None:
    assert verdicts(folded(renamed(history, seed))) == verdicts(folded(history))


@given(corrected(absurd(max_size=10)), coverage(), st.integers(0, 2**32))
@law(60)
def test_nor_where_a_source_says_what_it_carries(history: list[Given], stated: list[Given], seed: int) -> None:
    assert verdicts(folded(renamed(history + stated, seed))) == verdicts(folded(history + stated))


def renamed(history: list[Given], seed: int) -> list[Given]:
    """The same events under other ids, from sources of other names, in another order of both."""
    sources = {g.event.source for g in history}
    named = {(g.event.source, id) for g in history for id in (g.event.id, g.event.replaces, g.event.retracts) if id}
    dice = random.Random(seed)
    shuffled = [f"s{n}" for n in range(len(sources))]
    dice.shuffle(shuffled)
    source_of = dict(zip(sorted(sources), shuffled, strict=True))
    numbers = list(range(len(named)))
    dice.shuffle(numbers)
    id_of = dict(zip(sorted(named), (f"n{number:03}" for number in numbers), strict=True))

    def other(g: Given) -> Given:
        event = g.event
        more: dict[str, Any] = {"id": id_of[event.source, event.id], "source": source_of[event.source]}
        if event.about == "feed":
            more["subject"] = source_of[event.source]
        for name in ("replaces", "retracts"):
            if (target := getattr(event, name)) is not None:
                more[name] = id_of[event.source, target]
        return Given(msgspec.structs.replace(event, **more), g.known_at)

    return [other(g) for g in history]


def verdicts(made: Folded) -> tuple[Any, ...]:
    """What is said of the child: clocks, spells, teams and faults, apart from which event said so."""
    faults = sorted((standard, what) for standard, _, what in made.faults)
    return sorted(map(_verdict, made.clocks)), made.scopes, made.team_now, faults, made.endless


def _verdict(clock: Clock) -> str:
    return repr([(name, getattr(clock, name)) for name in clock.__struct_fields__ if name not in OF_NAMES])
