"""Law 3: live = rebuilt = replayed. Kept up as events come in, folded anew, and folded from the same log elsewhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.timeliness.table.catch_up import rebuild
from tests.laws.rows import counts, rows
from tests.laws.stores import CALENDAR, digest_of, fold, register, store, take
from tests.laws.strategies import Given, families, law


@given(families(), st.lists(st.integers(1, 6), max_size=6), st.randoms(use_true_random=False))
@law(24)
def test_kept_up_in_batches_it_is_what_a_rebuild_and_a_replay_make(
    family: list[Given], sizes: list[int], random
) -> None:
    arriving = list(family)
    random.shuffle(arriving)
    with store() as live, store() as replayed:
        left = arriving
        for size in sizes:
            take(live, left[:size])
            fold(live)
            left = left[size:]
        take(live, left)
        fold(live)
        kept_up, counted = rows(live), counts(live)
        rebuilt = rebuild(live, register(), CALENDAR)
        assert rebuilt.equal, "the digest of what was kept up is not that of what was built anew"
        assert rows(live) == kept_up, "spells, faults and rungs too"
        assert counts(live) == counted, "what was added and taken away is what is counted anew"
        take(replayed, arriving)
        assert digest_of(replayed) == rebuilt.digest


@given(families())
@law(10)
def test_folding_again_folds_nobody(family: list[Given]) -> None:
    with store() as engine:
        take(engine, family)
        fold(engine)
        before = rows(engine)
        assert fold(engine) == 0
        assert rows(engine) == before
