"""Law 1: the order of arrival, and repetition, change nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.folds import by_id, folded
from tests.laws.rows import rows
from tests.laws.stores import digest_of, store, take
from tests.laws.strategies import Given, absurd, believable, corrected, families, law

ONE_CHILD = st.one_of(corrected(absurd()), corrected(believable()))


@given(ONE_CHILD, st.randoms(use_true_random=False))
@law(150)
def test_a_history_folds_the_same_however_it_is_shuffled(history: list[Given], random) -> None:
    straight = folded(history)
    shuffled = list(history)
    random.shuffle(shuffled)
    again = folded(shuffled)
    assert by_id(again.clocks) == by_id(straight.clocks)
    assert sorted(again.faults) == sorted(straight.faults)
    assert (again.scopes, again.team_now) == (straight.scopes, straight.team_now)


@given(families(), st.data())
@law(20)
def test_a_store_comes_to_the_same_whatever_arrives_first_and_however_often(family: list[Given], data) -> None:
    arriving = data.draw(st.permutations(family))
    arriving += data.draw(st.lists(st.sampled_from(family), max_size=8)) if family else []
    with store() as straight, store() as other:
        assert take(straight, family) == (len(family), len(family), 0, 0)
        assert take(other, arriving) == (len(arriving), len(family), len(arriving) - len(family), 0)
        assert digest_of(straight) == digest_of(other)
        assert rows(straight) == rows(other)
