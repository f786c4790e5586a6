"""Periods of care out of the episodes of one child. Pure. `docs/feeds.md` has the rules in words.

Episodes under V3 and V4 (a series of short breaks) are taken out first and make periods of their own. Of the
others, one whose REC is X1 joins the next where that begins on its DEC. The beginning of a period is known
where its first episode is RNE S, or is the first after an end other than X1; else care began earlier than the
return tells.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

SHORT_BREAKS = ("V3", "V4")
JOINS = "X1"
REASONS = ("S", "P", "L", "T", "U", "B")  # RNE: why an episode is new
UNCLEAR = "?"  # one that is no code, or none: taken for a move, or for the beginning of care


class Episode(NamedTuple):
    """One row of episodes.csv. `dec` None while open. `ordinal` among those that begin on one day,
    counted from the one that ends last: next year's return no longer holds what ended before."""

    decom: date
    dec: date | None
    rne: str
    ls: str
    need: str
    place: str
    provider: str
    rec: str
    change: str
    home: tuple[str, str]  # the postcode and the number of the placement, as far as the return has them
    line: int
    ordinal: int = 0

    @property
    def key(self) -> tuple[str, int]:
        return (self.decom.isoformat(), self.ordinal)


@dataclass(frozen=True)
class CarePeriod:
    """One period of care: its episodes in order.

    `known`: whether care began on the first DECOM (else earlier). `end`: the last day, inclusive, None while
    open: the last DEC, or the first DECOM of the next period if that is earlier (`superseded`; `next_known`:
    whether care is known to begin then). `after`: the end of the period before, if any.
    """

    episodes: tuple[Episode, ...]
    known: bool
    short_breaks: bool
    end: date | None
    superseded: bool
    next_known: bool
    after: date | None

    @property
    def key(self) -> tuple[str, int]:
        return self.episodes[0].key

    def holds(self, day: date) -> bool:
        """Whether a day lies in it, both ends inclusive. With an unknown beginning it reaches back to the end
        of the period before."""
        if self.end is not None and day > self.end:
            return False
        if self.known:
            return day >= self.episodes[0].decom
        return self.after is None or day > self.after


def in_order(episodes: Iterable[Episode]) -> list[Episode]:
    """By DECOM, then DEC (open last), then whatever else they say; those that say the same are one."""
    once = {episode._replace(line=0): episode for episode in episodes}
    ordered = [once[same] for same in sorted(once, key=_place)]
    numbered: list[Episode] = []
    for episode in reversed(ordered):
        after = numbered[-1] if numbered and numbered[-1].decom == episode.decom else None
        numbered.append(episode._replace(ordinal=after.ordinal + 1 if after else 0))
    return numbered[::-1]


def _place(episode: Episode) -> tuple[object, ...]:
    return (episode.decom, episode.dec or date.max, *episode[2:])


def periods(ordered: list[Episode]) -> list[CarePeriod]:
    """The periods of care of one child, short breaks among them, from episodes in order."""
    care = [episode for episode in ordered if episode.ls not in SHORT_BREAKS]
    breaks = [episode for episode in ordered if episode.ls in SHORT_BREAKS]
    return [*_periods(care, short_breaks=False), *_periods(breaks, short_breaks=True)]


def _periods(ordered: list[Episode], *, short_breaks: bool) -> list[CarePeriod]:
    runs: list[list[Episode]] = []
    for episode in ordered:
        if runs and _joins(runs[-1][-1], episode):
            runs[-1].append(episode)
        else:
            runs.append([episode])
    known = [_begins(before[-1] if before else None, run[0]) for before, run in pairwise([[], *runs])]
    made: list[CarePeriod] = []
    for index, run in enumerate(runs):
        following = runs[index + 1][0].decom if index + 1 < len(runs) else None
        last = run[-1].dec
        superseded = following is not None and (last is None or following < last)
        made.append(
            CarePeriod(
                tuple(run),
                known[index],
                short_breaks,
                following if superseded else last,
                superseded,
                index + 1 < len(runs) and known[index + 1],
                made[-1].end if made else None,
            )
        )
    return made


def _joins(episode: Episode, following: Episode) -> bool:
    return episode.rec == JOINS and episode.dec == following.decom


def _begins(before: Episode | None, first: Episode) -> bool:
    if first.rne in ("S", UNCLEAR):
        return True
    return before is not None and before.dec is not None and before.rec != JOINS
