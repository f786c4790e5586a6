"""The pack for a screen or an inbox that others see: no ids, no teams, no count of 1 to 5, and no count from which one
could be worked out.

As in the views called `shared_*`: where a part is small both parts are left out, where the total is, that too; and if
one division alone were left out, the next smallest is left out with it, since it would be the county less the others.
Teams are not shown at all: there nearly everything is small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from caseclock.pack.model import CauseCount, Decision, DueSoon, OverdueOf, Pack, Page, Restated, Row, Stand, TrendWeek
from caseclock.pack.request import PackRequest
from caseclock.runtime import Rules

SMALL = 5
_ALONE = (
    "overdue",
    "overdue_last",
    "recorded_late",
    "instead",
    "excused",
    "cancelled",
    "voided",
    "voided_late",
    "not_measured",
)


def shared(rules: Rules, asked: PackRequest, pack: Pack) -> Pack:
    """The same without what must not be seen."""
    pages = [_page(page) for page in pack.pages]
    return msgspec.structs.replace(
        pack,
        pages=pages,
        decisions=_decisions(pack, pages),
        overdue=[],
        restated_clocks=[],
        overdue_of=_overdue_of(pack.overdue_of),
        due_soon=_due_soon(pack.due_soon),
        restated=[_restated(one) for one in pack.restated],
        causes=_causes(pack.causes),
        quarantined={code: n for code, n in pack.quarantined.items() if not small(n)},
    )


def small(count: int | None) -> bool:
    """Whether a count must not be seen."""
    return count is not None and 1 <= count <= SMALL


def seen(count: int | None) -> int | None:
    return None if small(count) else count


def _level(stand: Stand | None) -> int:
    """2: the total is small; 1: a part of it is; 0: all may be seen."""
    if stand is None or stand.of is None or stand.good is None:
        return 0
    if small(stand.of):
        return 2
    return 1 if small(stand.good) or small(stand.of - stand.good) else 0


def _page(page: Page) -> Page:
    rows = [row for row in page.rows if row.kind != "team"]
    for stand in ("this", "last"):
        rows = _blocked(rows, stand)
    for column in _ALONE:
        rows = _column(rows, column)
    rows = [_rest(row) for row in rows]
    return msgspec.structs.replace(
        page, rows=rows, trend=[_week(week) for week in page.trend], notes=[], due_soon=seen(page.due_soon)
    )


def _blocked(rows: list[Row], name: str) -> list[Row]:
    """Lead figures, with those left out that would give others away."""
    levels = [_level(getattr(row, name)) for row in rows]
    totals = [getattr(row, name).of if getattr(row, name) else None for row in rows]
    for level in (2, 1):
        hidden = [at for at in range(1, len(rows)) if levels[at] >= level]
        if len(hidden) == 1 and levels[0] < level:
            others = [at for at in range(1, len(rows)) if levels[at] < level and totals[at]]
            if others:
                levels[min(others, key=lambda at: (totals[at], rows[at].group))] = level
    return [
        msgspec.structs.replace(row, **{name: _cut(getattr(row, name), level)})
        for row, level in zip(rows, levels, strict=True)
    ]


def _cut(stand: Stand | None, level: int) -> Stand | None:
    if stand is None or not level:
        return stand
    of = None if level == 2 else stand.of
    return Stand(good=None, of=of, per_cent=None, standing="too few to show" if level == 2 else stand.standing)


def _column(rows: list[Row], name: str) -> list[Row]:
    counts = [getattr(row, name) for row in rows]
    shown = [seen(count) for count in counts]
    hidden = [at for at in range(1, len(rows)) if small(counts[at])]
    if len(hidden) == 1 and not small(counts[0]):
        others = [at for at in range(1, len(rows)) if shown[at]]
        if others:
            shown[min(others, key=lambda at: (counts[at], rows[at].group))] = None
    return [msgspec.structs.replace(row, **{name: n}) for row, n in zip(rows, shown, strict=True)]


def _rest(row: Row) -> Row:
    """Returns what else a row says: left out wherever it could say more than the lead does."""
    return msgspec.structs.replace(
        row,
        due=None,
        met=None,
        missed=None,
        completed=None,
        completed_in_time=None,
        open=None,
        p50=None,
        units=None,
        units_good=None,
        oldest=row.oldest if row.overdue else None,
    )


def _week(week: TrendWeek) -> TrendWeek:
    lead = _level(Stand(good=week.good, of=week.of, per_cent=None, standing=""))
    units = _level(Stand(good=week.in_time, of=week.n, per_cent=None, standing=""))
    if lead:
        week = msgspec.structs.replace(week, good=None, of=None)
    if units:
        week = msgspec.structs.replace(week, n=None, in_time=None, low=None, high=None)
    return week


def _decisions(pack: Pack, pages: Sequence[Page]) -> list[Decision]:
    """Those that name no small number: what is stale, below target or a signal, in words."""
    out = [one for one in pack.decisions if one.kind == "Stale data"]
    for page in pages:
        whole = page.whole
        if whole.this.standing == "red":
            facts = f"{_said(whole.this)}; target {page.green:g}%."
            out.append(Decision(kind="Below target", what=page.title, facts=facts))
    for page in pages:
        whole = page.whole
        if whole.signal is not None:
            worse = whole.signal == "lower"
            out.append(
                Decision(
                    kind="Signal: worse" if worse else "Signal: better",
                    what=page.title,
                    facts="Further from the 52 weeks before than chance explains.",
                )
            )
    return out


def _said(stand: Stand) -> str:
    hidden = stand.per_cent is None
    return "Numbers too small to show" if hidden else f"{stand.good} of {stand.of} ({stand.per_cent}%)"


def _overdue_of(rows: Sequence[OverdueOf]) -> list[OverdueOf]:
    """By standard alone."""
    number: Counter[str] = Counter()
    oldest: dict[str, int] = {}
    for row in rows:
        number[row.standard] += row.number or 0
        oldest[row.standard] = max(oldest.get(row.standard, 0), row.oldest or 0)
    return [
        OverdueOf(team="", standard=standard, number=seen(n), oldest=None if small(n) else oldest[standard])
        for standard, n in sorted(number.items())
    ]


def _due_soon(rows: Sequence[DueSoon]) -> list[DueSoon]:
    sums: dict[str, list[int]] = {}
    for row in rows:
        of = sums.setdefault(row.standard, [0, 0, 0, 0])
        for at, n in enumerate((row.first, row.second, row.booked, row.booked_late)):
            of[at] += n or 0
    return [
        DueSoon(team="", standard=standard, first=seen(a), second=seen(b), booked=seen(c), booked_late=seen(d))
        for standard, (a, b, c, d) in sorted(sums.items())
    ]


def _restated(one: Restated) -> Restated:
    """A week as it was and as it is, only where neither, nor their difference, is small."""
    moved = abs((one.was.of or 0) - (one.now.of or 0)), abs((one.was.good or 0) - (one.now.good or 0))
    level = max(_level(one.was), _level(one.now), 2 if any(small(n) for n in moved) else 0)
    was, now = _cut(one.was, level), _cut(one.now, level)
    assert was is not None
    assert now is not None
    return msgspec.structs.replace(one, was=was, now=now, other="")


def _causes(causes: Sequence[CauseCount]) -> list[CauseCount]:
    return [msgspec.structs.replace(one, clocks=seen(one.clocks), lead=None) for one in causes]
