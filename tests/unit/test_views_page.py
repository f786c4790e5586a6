"""docs/views.md says what the views are."""

from __future__ import annotations

import re

from schemas.store.views import VIEWS
from schemas.store.views.page import PAGE, document


def test_the_page_is_made_from_the_views() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), "run `python -m schemas.store.views.page`"


def test_views_know_no_now_no_calendar_and_no_percentile() -> None:
    known = r"\b(now|current_\w+|date|julianday|strftime|extract|date_trunc|percentile\w*|ntile|to_char|avg)\s*\("
    for view in VIEWS:
        assert not re.search(known, view.sql, re.IGNORECASE), view.name
        assert "%" not in re.sub(r"LIKE '\w+(\|_)?%'", "", view.sql), view.name


def test_a_shared_view_shows_no_child_and_no_team() -> None:
    for view in VIEWS:
        if view.name.startswith("shared_"):
            assert not {"child", "clock", "team", "team_now", "reason", "faults"} & view.columns.keys()
