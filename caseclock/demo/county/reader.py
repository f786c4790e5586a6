"""The county as a reader, and as a file."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from random import Random

from caseclock.demo.county.families import families, share_kept
from caseclock.demo.county.setting import Setting
from caseclock.demo.county.story import tell
from caseclock.demo.county.workforce import workforce

BAD_RATE = 0.0002  # of events, those sent once more in a state that must be refused
KEY = 10  # digits before each event: the minute it was typed, for sorting


class Events:
    """Events in the order in which they were typed, as a reader."""

    def __init__(self, lines: Sequence[bytes] | None = None) -> None:
        self._lines = lines
        self.size: int | None = None if lines is None else len(lines)

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        return ((n, line[KEY:]) for n, line in enumerate(self._sorted(), start=1))

    def __len__(self) -> int:
        return len(self._sorted())

    def place(self, position: int) -> str:
        return f"made-up county, event {position}"

    def _sorted(self) -> Sequence[bytes]:
        return self._lines or ()


class County(Events):
    """Events of `children` children with work open at some time from `from_on` to `to_on` (both inclusive). The same
    arguments give the same bytes on any machine. Made when first read or counted; until then `size` is None.

    Who was known before the first day comes with the history that still matters; what is typed after the last day is
    left out. `bad_rate`: of events, those sent once more in a state that must be refused. Raises ValueError for a span
    that ends before it begins, or for no children.
    """

    def __init__(self, children: int, from_on: date, to_on: date, seed: int = 1, *, bad_rate: float = BAD_RATE) -> None:
        if children < 1:
            raise ValueError(f"a county needs at least one child, not {children}")
        super().__init__()
        self._children, self._setting = children, Setting(from_on, to_on, seed, bad_rate)

    def split(self, on: date) -> tuple[Events, Events]:
        """Returns what was typed before the London day `on`, and what from then."""
        lines = self._sorted()
        first = self._setting.days.instant(on.toordinal(), 0)
        at = bisect_left(lines, b"%010d" % first)
        return Events(lines[:at]), Events(lines[at:])

    def _sorted(self) -> Sequence[bytes]:
        if self._lines is None:
            lines: list[bytes] = []
            random = Random(0)
            for family in families(self._setting, random, self._children):
                tell(family, self._setting, random.random, lines)
            workforce(self._setting, lines)
            lines.sort()
            self._lines, self.size = lines, len(lines)
        return self._lines


def norfolk_children(from_on: date, to_on: date) -> int:
    """Returns how many children pass through a county of Norfolk's size in a span: about 1,150 in care and 500 with a
    protection plan at any time, 6,000 to 9,700 referrals a year. Raises ValueError if it ends before it begins."""
    setting = Setting(from_on, to_on, seed=0)
    return max(1, round(setting.families * share_kept(setting)))


def write_ndjson(reader: Iterable[tuple[int, bytes]], out_path: Path | str) -> int:
    """Writes a reader's events, one a line, and returns how many. The file appears whole or not at all; what stood
    there is replaced. Raises OSError."""
    out = Path(out_path)
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    count = 0
    try:
        with part.open("wb") as file:
            for _, event in reader:
                file.write(event + b"\n")
                count += 1
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return count
