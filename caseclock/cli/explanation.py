"""The explanation of a clock in the terminal: the days one under another, counted or skipped."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from caseclock.cli.tables import coloured, table
from schemas import words
from services.timeliness.explain.explain import Explained, Story


def story_table(story: Story) -> RenderableType:
    """The whole story of a child and a standard."""
    out: list[RenderableType] = [
        Text.assemble((story.standard, "bold"), f"  {story.title}"),
        *(Text(line, style="dim") for line in [" ".join(story.rule), *story.about]),
    ]
    if story.why_none is not None:
        out += [Text(), Text(f"There is no clock. {story.why_none}")]
    for place, one in enumerate(story.clocks, start=1):
        out += [Text(), *_clock(one, place, len(story.clocks))]
    return Group(*out)


def _clock(one: Explained, place: int, of: int) -> list[RenderableType]:
    due = words.day(one.clock.due_on) if one.clock.due_on else "past the calendar's end"
    if one.clock.due_at is not None:
        due = words.instant(one.clock.due_at)
    head = Text.assemble(
        f"Clock {place} of {of}: due " if of > 1 else "Due ", (due, "bold"), ", ", coloured(one.status)
    )
    lines = [*one.start, f"The limit: {one.limit}."]
    out: list[RenderableType] = [head, *_lines(lines)]
    if one.days:
        out.append(Padding(_days(one), (0, 0, 0, 4)))
    return [*out, *_lines([*one.sum, *one.end])]


def _lines(lines: list[str]) -> list[RenderableType]:
    return [Padding(line, (0, 0, 0, 2)) for line in lines]


def _days(one: Explained) -> RenderableType:
    made = table(None, "day", "counted", "skipped", right=("counted",))
    made.add_row(words.day(one.clock.started_on), "day 0", "")
    for day in one.days:
        style = "dim" if day.number is None else "bold" if day is one.days[-1] else ""
        made.add_row(words.day(day.day), "" if day.number is None else str(day.number), day.why, style=style)
    return made
