"""Text in a CSV file that a spreadsheet may open."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def no_formula(value: object) -> object:
    """Returns a cell with an apostrophe before text that a spreadsheet would take for a formula; any other as it is.

    >>> no_formula("=1+1"), no_formula("North"), no_formula(-3)
    ("'=1+1", 'North', -3)
    """
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA) else value
