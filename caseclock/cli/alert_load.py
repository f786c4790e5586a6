"""Says how calm telling is, and what comes of it, in a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from caseclock.cli.tables import table


def load_table(found: list[dict[str, Any]]) -> RenderableType:
    """Messages a person and week, by level."""
    if not found:
        return Text("There is no whole week to count.")
    headings = ("digests", "at once", "all")
    made = table(
        f"A person and week: median, p95, most (of {found[0]['weeks']} weeks)",
        "level",
        "people",
        *headings,
        right=("people", *headings),
    )
    for one in found:
        spreads = (one[kind] for kind in ("digests", "at_once", "all"))
        made.add_row(
            one["level"].replace("_", " "),
            f"{one['people']:,}",
            *(f"{s['median']}, {s['p95']}, {s['most']}" for s in spreads),
        )
    return made


def ignored_table(found: list[dict[str, Any]]) -> RenderableType:
    """Shows what became of bad news, by standard."""
    if not found:
        return Text("Nothing was told long enough ago to judge.")
    headings = ("told", "answered", "cleared", "ignored")
    made = table(None, "standard", *headings, "of 100", right=(*headings, "of 100"))
    for one in found:
        made.add_row(one["standard"], *(f"{one[h]:,}" for h in headings), f"{100 * one['ignored'] / one['told']:.0f}")
    return made
