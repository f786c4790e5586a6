"""Published figures, their lines and what changed in them, in a terminal and as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.text import Text

from caseclock.audit.publications import KeptLine, Publication
from caseclock.audit.reproduce import Difference
from caseclock.audit.shown import ShownChange, ShownFigure, ShownRestated
from caseclock.audit.what_if import Moved, WhatIf
from caseclock.cli.tables import table
from schemas.time.days import LONDON
from services.alerts.reports.late import Ticks
from services.timeliness.figures.restating import CAUSES, Shown

CHANGES = (
    "child",
    "standard",
    "clock",
    "cause",
    "seq",
    "event",
    "kind",
    "recorded_at",
    "known_at",
    "was_due_on",
    "was_status",
    "was_ended_on",
    "was_team",
    "now_due_on",
    "now_status",
    "now_ended_on",
    "now_team",
    "group",
    "measure",
    "n",
)


def publications_table(found: list[Publication]) -> RenderableType:
    """What was frozen, a line each."""
    if not found:
        return Text("Nothing was frozen.")
    made = table(None, "publication", "from", "to", "as of", "frozen", "for", "log up to", "lines", right=("lines",))
    for one in found:
        as_of, frozen = (f"{at.astimezone(LONDON):%Y-%m-%d %H:%M}" for at in (one.as_of, one.frozen_at))
        made.add_row(
            one.publication,
            one.from_on.isoformat(),
            one.to_on.isoformat(),
            as_of,
            frozen,
            one.purpose,
            f"{one.position:,}",
            f"{one.lines:,}",
        )
    return made


def lines_table(lines: list[KeptLine]) -> RenderableType:
    """Frozen lines, one each."""
    made = table(None, "no.", "child", "standard", "due", "ended", "verdict", "team", "adds")
    for one in lines:
        line = one.line
        adds = ", ".join(f"{measure} {n}" for (_, _, measure), n in sorted(one.added.items()))
        made.add_row(
            str(one.number),
            line.child if line is not None else "[dim]erased[/dim]",
            one.standard,
            _day(line.due_on) if line is not None else "",
            _day(line.ended_on) if line is not None else "",
            (one.verdict or "").replace("_", " "),
            one.team or "",
            adds,
        )
    return made


def differences_table(found: list[Difference]) -> RenderableType:
    """Lines that come out otherwise."""
    made = table("Not as frozen", "child", "standard", "what", "frozen", "again")
    for one in found:
        made.add_row(one.child or "", one.standard, one.what, _told(one.frozen), _told(one.again))
    return made


def restated_tables(found: ShownRestated) -> RenderableType:
    """The figures that moved, and each change."""
    moved = [one for one in found.figures if not one.published == one.rebased == one.now]
    if not moved and not found.changes:
        return Text("Nothing is different.")
    made = table(None, "standard", "group", "measure", "published", "rebased", "now", right=_NUMBERS)
    for one in moved:
        made.add_row(*_figure(one))
    why = table(None, "child", "standard", "cause", "event", "was", "is now", "effect")
    for change in found.changes:
        effect = ", ".join(f"{one.group} {one.measure} {one.n:+d}" for one in change.effect)
        why.add_row(
            change.child or "[dim]erased[/dim]",
            change.standard,
            change.cause,
            change.event or "",
            _shown(change.was),
            _shown(change.now),
            effect,
        )
    causes = [f"{one.cause} ({CAUSES[one.cause]}): {one.changes:,}" for one in found.causes]  # type: ignore[index]
    return Group(made, Text(), why, Text(), *map(Text, causes))


_NUMBERS = ("published", "rebased", "now")


def _figure(one: ShownFigure) -> tuple[str, ...]:
    return one.standard, one.group, one.measure.replace("_", " "), str(one.published), str(one.rebased), str(one.now)


def _shown(one: Shown | None) -> str:
    if one is None:
        return "not there"
    parts = (one.due_on and f"due {one.due_on}", (one.status or "").replace("_", " "), one.team)
    return ", ".join(part for part in parts if part)


def change_rows(changes: Iterable[ShownChange]) -> Iterator[tuple[Any, ...]]:
    """A row for each change, group and measure."""
    for change in changes:
        told = msgspec.structs.astuple(change)[:9]
        for one in change.effect:
            yield (*told, *_flat(change.was), *_flat(change.now), one.group, one.measure, one.n)


def _flat(one: Shown | None) -> tuple[Any, ...]:
    return (None,) * 4 if one is None else (one.due_on, one.status, one.ended_on, one.team)


def _day(day: Any) -> str:
    return "" if day is None else str(day)


def _told(line: dict[str, Any] | None) -> str:
    if line is None:
        return ""
    shown = ("due_on", "ended_on", "verdict", "team")
    return ", ".join(f"{name.removesuffix('_on')} {line[name]}" for name in shown if name in line)


def ticks_tables(found: Ticks) -> RenderableType:
    """How often everything was looked at, and what was told late."""
    longest = _lasting(found.longest_gap_s) if found.longest_gap_s is not None else "not known"
    said = Text(f"{found.ticks:,} looks; the longest time between two: {longest}.")
    gaps = table("Too long between two", "from", "to", "", right=("",))
    for gap in found.gaps:
        gaps.add_row(_at(gap.begun_at), _at(gap.ended_at), _lasting(gap.seconds))
    late = table("Told late", "alert", "standard", "team", "step", "came", "told", "because of")
    for one in found.late:
        step = one.rung.replace("_", " ")
        late.add_row(one.alert, one.standard, one.team, step, _at(one.came_at), _at(one.told_at), one.reason)
    return Group(said, *(each for each in (gaps, late) if each.row_count))


def _at(when: datetime) -> str:
    return f"{when.astimezone(LONDON):%Y-%m-%d %H:%M}"


def _lasting(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def what_if_tables(found: WhatIf) -> RenderableType:
    """Figures side by side, and what would be otherwise."""
    figures = table(None, "standard", "group", "measure", "now", "what if", right=("now", "what if"))
    for one in found.figures:
        if one.now != one.what_if:
            figures.add_row(one.standard, one.group, one.measure.replace("_", " "), str(one.now), str(one.what_if))
    made = [("Breaches made", found.breaches_made), ("Breaches unmade", found.breaches_unmade)]
    messages = table("Messages a week", "team", "now", "what if", right=("now", "what if"))
    for told in found.messages:
        if told.now != told.what_if:
            messages.add_row(told.team, f"{told.now:g}", f"{told.what_if:g}")
    said = Text(f"{len(found.deadlines_moved):,} deadlines would be others.")
    return Group(figures, said, *(_moved_table(title, some) for title, some in made if some), messages)


def _moved_table(title: str, found: list[Moved]) -> RenderableType:
    made = table(title, "child", "standard", "due", "", "would be due", "")
    for one in found:
        then = (one.what_if_status or "").replace("_", " ")
        now = (one.status or "").replace("_", " ")
        made.add_row(one.child, one.standard, _day(one.due_on), now, _day(one.what_if_due_on), then)
    return made
