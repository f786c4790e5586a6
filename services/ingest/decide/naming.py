"""Finds a child's ids in a text, however they are spelt there. Pure.

A record that was refused may be anything: cut short, in other quotes, with escapes, a line of a table. So it is read as
text, with its escapes undone, in either case of letters. An id stands by itself: no letter or digit before it or after.

>>> names = Names({"C7"})
>>> names.within("{'subject': '\\\\u00437'"), names.within("note-c7-1"), names.within("C70"), names.within("AC7")
(True, True, False, False)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

_WHEN = (  # as JSON, a return or a person writes it
    r"(?<!\d)(?:\d{4}-\d\d-\d\d|\d\d?/\d\d?/\d{4})(?:[t ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:z|[+-]\d\d:\d\d)?)?(?!\d)"
)
_ROUNDS = 3  # an escape may itself be escaped, in a text within a text
_ESCAPE = re.compile(
    r"\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|%([0-9a-f]{2})|&\#x([0-9a-f]{1,6});|&\#([0-9]{1,7});|\\([^ux])", re.IGNORECASE
)
# no shape: soft hyphens, marks of direction and of no width, a byte order mark, the NULs between letters of UTF-16
_UNSEEN = re.compile("[\0\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_LAID_OUT = "nrtbfv"  # what stands for a line end, a tab ... after a backslash


class Names:
    """The ids of one child. `others`: ids of other children of which one of these is a part (C1-2, of C1); where they
    stand they are not taken for it, and neither are days and hours for a number."""

    def __init__(self, ids: Collection[str], others: Collection[str] = ()) -> None:
        self.ids, self.others = frozenset(ids), frozenset(others)
        self._found = re.compile(_alone(ids)).search
        self._not_it = re.compile(f"{_alone(others)}|{_WHEN}" if others else _WHEN).sub

    def within(self, text: str | None) -> bool:
        """Whether a text names the child."""
        return bool(text) and any(self._found(self._not_it(" ", spelling)) for spelling in _spellings(text or ""))


def _alone(ids: Collection[str]) -> str:
    longest_first = sorted({one.casefold() for one in ids}, key=lambda one: (-len(one), one))
    return rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first))})(?![^\W_])"


def _spellings(text: str) -> Iterator[str]:
    """The text as it stands, then with its escapes undone, and theirs; with and without what is not seen."""
    for _ in range(_ROUNDS):
        yield text.casefold()
        plain = unicodedata.normalize("NFKC", _ESCAPE.sub(_undone, text))
        if plain == text:
            break
        text = plain
        yield text.casefold()
        text = _UNSEEN.sub("", text)
    yield _UNSEEN.sub("", text).casefold()


def _undone(found: re.Match[str]) -> str:
    four, two, percent, hexadecimal, decimal, other = found.groups()
    if other is not None:
        return " " if other.lower() in _LAID_OUT else other
    number = int(decimal) if decimal else int(four or two or percent or hexadecimal, 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else " "
