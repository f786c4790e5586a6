"""Law 2: a retracted event leaves no trace but itself in the log."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import Engine

from services.timeliness.fold.child import UNCLEAR
from tests.laws.folds import by_id, folded
from tests.laws.rows import rows
from tests.laws.stores import digest_of, store, take
from tests.laws.strategies import LONG_AFTER, Given, absurd, believable, corrected, families, law, make


def withdrawing(victim: Given, ident: str = "w1") -> Given:
    """Recorded after everything else, so that nothing says the fact again."""
    event = victim.event
    common = {"child": event.subject, "source": event.source, "recorded": LONG_AFTER}
    return make(ident, "event.retracted", event.day, {}, retracts=event.id, **common)


def without(history: list[Given], victim: Given) -> list[Given]:
    """What is left where the victim and every version of its fact never were; of a withdrawal, where it alone never
    was."""
    if victim.event.kind == "event.retracted":
        return [told for told in history if told is not victim]
    gone = {(victim.event.source, victim.event.id)}
    while True:
        more = {name for told in history for name in [_names(told)] if not name.isdisjoint(gone) and not name <= gone}
        if not more:
            return [told for told in history if _names(told).isdisjoint(gone)]
        gone = gone.union(*more)


def _names(told: Given) -> frozenset[tuple[str, str]]:
    event = told.event
    return frozenset((event.source, id) for id in (event.id, event.replaces, event.retracts) if id is not None)


@given(st.one_of(corrected(absurd()), corrected(believable())), st.integers(0, 99))
@law(200)
def test_clocks_are_those_of_a_history_without_it(history: list[Given], which: int) -> None:
    assume(history)
    victim = history[which % len(history)]
    with_both, never = folded([*history, withdrawing(victim)]), folded(without(history, victim))
    assert by_id(with_both.clocks) == by_id(never.clocks)
    assert _but_for_unclear(with_both.faults) == _but_for_unclear(never.faults)
    assert with_both.scopes == never.scopes


def _but_for_unclear(faults: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """A version without a time of recording beside a withdrawal is shown: it is of the log, not of the life."""
    return sorted(fault for fault in faults if fault[2] != UNCLEAR)


@given(families(), st.integers(0, 99))
@law(16)
def test_a_store_comes_to_what_it_would_be_without_it(family: list[Given], which: int) -> None:
    """Merges and statements of coverage among them, withdrawn after everything was folded once."""
    assume(family)
    victim = family[which % len(family)]
    with store() as told, store() as never:
        take(told, family)
        before = digest_of(told)
        take(told, [withdrawing(victim)])
        take(never, without(family, victim))
        assert digest_of(told) == digest_of(never)
        assert _shown(told) == _shown(never)
        take(told, [withdrawing(withdrawing(victim), "w2")])
        assert digest_of(told) == before, "a withdrawal withdrawn leaves no trace either"


def _shown(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    return {name: [row for row in some if UNCLEAR not in row] for name, some in rows(engine).items()}
