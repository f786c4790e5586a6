"""The nearest right word to one that is wrong, for refusals."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

MANY = 12  # more words than this are no help in a message


def nearest(word: object, choices: Collection[str]) -> str | None:
    """Returns the choice most like a word; None where none is."""
    near = get_close_matches(str(word), choices, n=1) or [each for each in choices if each.startswith(f"{word}_")]
    return near[0] if near else None


def meant(word: object, choices: Collection[str], where: str = "") -> str:
    """Returns "did you mean X?", or where nothing is near which words there are; `where` says it of a long list.

    >>> meant("stopps", ["starts", "stops"]), meant("zzz", ["b", "a"]), meant("zzz", "abcdefghijklm", "see the docs")
    ('did you mean stops?', 'it is one of a, b', 'see the docs')
    """
    if (near := nearest(word, choices)) is not None:
        return f"did you mean {near}?"
    return where if where and len(choices) > MANY else f"it is one of {', '.join(sorted(choices))}"
