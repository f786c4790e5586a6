"""A long list in pages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")
ROWS = 50
_AROUND = 2  # pages named on either side of the one that is shown


class Page(NamedTuple, Generic[T]):
    """Some rows of `total`: the first shown is number `first` (from 1), on page `number` of `of`."""

    rows: Sequence[T]
    total: int
    first: int
    number: int
    of: int

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def numbers(self) -> list[int | None]:
        """The pages to name: the first, the last and those around this one; None where some are left out."""
        named = sorted({1, self.of, *range(max(1, self.number - _AROUND), min(self.of, self.number + _AROUND) + 1)})
        out: list[int | None] = []
        for number in named:
            if out and out[-1] is not None and number > out[-1] + 1:
                out.append(None if number > out[-1] + 2 else number - 1)
            out.append(number)
        return out


def page_of(rows: Sequence[T], asked: str | None, size: int = ROWS) -> Page[T]:
    """The page asked for, by number; the nearest there is where there is none of that number, the first where it is no
    number."""
    page: Page[T] = page_number(len(rows), asked, size)
    return page._replace(rows=rows[page.first - 1 : page.first - 1 + size])


def page_number(total: int, asked: str | None, size: int = ROWS) -> Page[Any]:
    """The page asked for, its rows still to be fetched."""
    of = max(1, -(-total // size))
    wanted = int(asked) if asked and asked.isascii() and asked.isdigit() and len(asked) < 9 else 1
    number = min(max(wanted, 1), of)
    return Page((), total, (number - 1) * size + 1, number, of)
