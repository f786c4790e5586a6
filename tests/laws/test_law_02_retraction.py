"""Law 2: a retracted event leaves no trace but itself in the log."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.laws.folds import by_id, folded
from tests.laws.rows import rows
from tests.laws.stores import digest_of, store, take
from tests.laws.strategies import Given, absurd, believable, corrected, families, law, make


def withdrawing(victim: Given, ident: str = "w1") -> Given:
    event = victim.event
    return make(ident, "event.retracted", event.day, {}, child=event.subject, source=event.source, retracts=event.id)


@given(st.one_of(corrected(absurd()), corrected(believable())), st.integers(0, 99))
@law(200)
def test_clocks_are_those_of_a_history_without_it(history: list[Given], which: int) -> None:
    assume(history)
    victim = history[which % len(history)]
    without = [told for told in history if told is not victim]
    with_both, never = folded([*history, withdrawing(victim)]), folded(without)
    assert by_id(with_both.clocks) == by_id(never.clocks)
    assert (sorted(with_both.faults), with_both.scopes) == (sorted(never.faults), never.scopes)


@given(families(), st.integers(0, 99))
@law(25)
def test_a_store_comes_to_what_it_would_be_without_it(family: list[Given], which: int) -> None:
    """Merges and statements of coverage among them, withdrawn after everything was folded once."""
    assume(family)
    victim = family[which % len(family)]
    with store() as told, store() as never:
        take(told, family)
        before = digest_of(told)
        take(told, [withdrawing(victim)])
        take(never, [other for other in family if other is not victim])
        assert digest_of(told) == digest_of(never)
        assert rows(told) == rows(never)
        take(told, [withdrawing(withdrawing(victim), "w2")])
        assert digest_of(told) == before, "a withdrawal withdrawn leaves no trace either"
