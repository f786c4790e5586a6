"""Law 12: what a view and the product's functions say of the same store and moment is the same."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given

from schemas.events.event import from_dict
from schemas.store.views import VIEWS
from schemas.time.days import start_of_day
from tests.helpers.alike import REFERENCE
from tests.helpers.alike.stores import LIVES, Life, check
from tests.laws.stores import store
from tests.laws.strategies import Given, law


def test_every_view_has_a_reference() -> None:
    assert REFERENCE.keys() == {view.name for view in VIEWS}


def known(*events: dict[str, Any]) -> list[Given]:
    """A history of one child, known as it happened."""
    plain = {"specversion": "1.0", "source": "s", "subject": "C1"}
    made = [from_dict({**plain, "id": f"e{n}", **event}) for n, event in enumerate(events)]
    return [Given(event, start_of_day(event.day)) for event in made]


REFERRED = known(
    {"type": "referral.received", "occurredon": "2024-01-02", "data": {"referral_id": "R", "source": "school"}}
)
CAME_BACK = known(
    {
        "type": "missing.started",
        "occurredon": "2024-01-02",
        "data": {"missing_id": "M", "category": "missing", "from": "home"},
    },
    {"type": "missing.ended", "time": "2024-01-03T15:00:00Z", "data": {"missing_id": "M"}},
)


@law(20)
@given(LIVES)
@example(Life(REFERRED, 6, 0, leaves=True, promised=[5] * 4, aside=True, routes=False))
@example(Life(CAME_BACK, 0, 0, leaves=False, promised=[], aside=False, routes=False))
def test_every_view_says_what_the_product_says(life: Life) -> None:
    with store() as engine:
        check(engine, life)
