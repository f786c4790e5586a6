"""Law 12: what a view and the product's functions say of the same store and moment is the same."""

from __future__ import annotations

from hypothesis import given

from schemas.store.views import VIEWS
from tests.helpers.alike import REFERENCE
from tests.helpers.alike.stores import LIVES, Life, check
from tests.laws.stores import store
from tests.laws.strategies import law


def test_every_view_has_a_reference() -> None:
    assert REFERENCE.keys() == {view.name for view in VIEWS}


@law(20)
@given(LIVES)
def test_every_view_says_what_the_product_says(life: Life) -> None:
    with store() as engine:
        check(engine, life)
