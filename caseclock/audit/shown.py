"""Restated figures as they are shown: by group, each change with its effect. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from caseclock.audit.publications import KeptLine
from caseclock.audit.restate import Restated, Tallied
from services.timeliness.figures.kpi import Figure
from services.timeliness.figures.lines import MEASURES, By, Shape, figures_from, grouped
from services.timeliness.figures.periods import Period
from services.timeliness.figures.restating import CAUSES, Change, Shown

_ORDER = {cause: n for n, cause in enumerate(CAUSES)}
_PLACE = {measure: n for n, measure in enumerate(MEASURES)}


class Effect(msgspec.Struct):
    """So many more in a group and measure."""

    group: str
    measure: str
    n: int


class ShownChange(msgspec.Struct):
    """A change: `seq` to `known_at` are of the event that did it, and null where none did; child and clock are null
    where the cause is an erasure."""

    child: str | None
    standard: str
    clock: str | None
    cause: str
    seq: int | None
    event: str | None
    kind: str | None
    recorded_at: datetime | None
    known_at: datetime | None
    was: Shown | None
    now: Shown | None
    effect: list[Effect]


class ShownFigure(msgspec.Struct):
    """A measure of a standard and group: as published, after what is not of later events, and now."""

    standard: str
    group: str
    measure: str
    published: int
    rebased: int
    now: int


class ShownCause(msgspec.Struct):
    """What a cause comes to: how many changes, and their effect together, by standard."""

    cause: str
    changes: int
    effect: list[dict[str, Any]]


class ShownRestated(msgspec.Struct):
    """A restatement as the command shows it."""

    publication: str
    against: dict[str, Any]
    figures: list[ShownFigure]
    changes: list[ShownChange]
    causes: list[ShownCause]
    unexplained: list[dict[str, Any]]


def published_figures(lines: Iterable[KeptLine], shapes: dict[str, Shape], period: Period, by: By) -> list[Figure]:
    """Returns the figures of frozen lines."""
    return figures_from(((line.standard, line.took, line.added) for line in lines), shapes, period, by)


def shown(restated: Restated, against: dict[str, Any], by: By) -> ShownRestated:
    """Returns a restatement by a group; what changes nothing in any is left out."""
    changes = [found for change in restated.changes if (found := _change(change, by)).effect]
    changes.sort(key=_in_order)
    return ShownRestated(
        restated.kept.shown.publication,
        against,
        _figures(restated, by),
        changes,
        _causes(changes),
        _unexplained(restated.left, by),
    )


def _in_order(change: ShownChange) -> tuple[Any, ...]:
    step = change.seq or 0
    return (change.standard, change.child or "", step, _ORDER[change.cause], change.clock or "")  # type: ignore[index]


def _change(change: Change, by: By) -> ShownChange:
    happened = change.happened
    return ShownChange(
        change.child,
        change.standard,
        change.clock,
        change.cause,
        happened.seq if happened else None,
        happened.event if happened else None,
        happened.kind if happened else None,
        happened.recorded_at if happened else None,
        happened.known_at if happened else None,
        change.was,
        change.now,
        [Effect(group, measure, n) for (group, measure), n in sorted(grouped(change.added, by).items(), key=_placed)],
    )


def _placed(item: tuple[tuple[str, str], int]) -> tuple[str, int]:
    (group, measure), _ = item
    return group, _PLACE[measure]


def _by_group(of: Tallied, by: By) -> dict[tuple[str, str, str], int]:
    return {(standard, *key): n for standard, counts in of.items() for key, n in grouped(counts, by).items()}


def _figures(restated: Restated, by: By) -> list[ShownFigure]:
    published, rebased, now = (_by_group(of, by) for of in (restated.published, restated.rebased, restated.now))
    keys = sorted(published.keys() | rebased.keys() | now.keys(), key=lambda key: (key[0], key[1], _PLACE[key[2]]))
    return [ShownFigure(*key, published.get(key, 0), rebased.get(key, 0), now.get(key, 0)) for key in keys]


def _causes(changes: list[ShownChange]) -> list[ShownCause]:
    found = []
    for cause in CAUSES:
        of_it = [change for change in changes if change.cause == cause]
        sums: dict[tuple[str, str, str], int] = {}
        for change in of_it:
            for one in change.effect:
                key = change.standard, one.group, one.measure
                sums[key] = sums.get(key, 0) + one.n
        effect = [{"standard": s, "group": g, "measure": m, "n": n} for (s, g, m), n in sorted(sums.items()) if n]
        if of_it:
            found.append(ShownCause(cause, len(of_it), effect))
    return found


def _unexplained(left: Tallied, by: By) -> list[dict[str, Any]]:
    return [{"standard": s, "group": g, "measure": m, "n": n} for (s, g, m), n in sorted(_by_group(left, by).items())]
