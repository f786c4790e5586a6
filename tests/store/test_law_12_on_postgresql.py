"""Law 12 on the other database: every view says what the product's functions say of the same store and moment."""

from __future__ import annotations

from hypothesis import given

from schemas.store.engine import connect
from tests.helpers.alike.stores import LIVES, Life, check
from tests.helpers.databases import postgres  # noqa: F401  (a fixture)
from tests.helpers.postgres import Server
from tests.laws.strategies import law


def test_every_view_says_what_the_product_says(postgres: Server) -> None:  # noqa: F811
    @law(8)
    @given(LIVES)
    def on_a_new_store(life: Life) -> None:
        url = postgres.store()
        engine = connect(url)
        try:
            check(engine, life)
        finally:
            engine.dispose()
            postgres.drop(url)

    on_a_new_store()
