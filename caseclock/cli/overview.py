"""The overview in a terminal: the table of standards and divisions, what is worst, what was told."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from caseclock.cli.tables import COLOURS, table
from caseclock.demo.live_through import Lived, Plan
from caseclock.queries.overview import COUNTY, Cell, Overview, Row, named
from caseclock.queries.worklist import Overdue
from schemas import words
from schemas.time.days import LONDON
from services.alerts.reports.summary import SentMessage

STANDARD, CELL = 24, 10  # columns: the longest name of a standard; "100% green"


def overview_table(found: Overview, console: Console) -> RenderableType:
    """All of it, as wide as the console allows."""
    return Group(*_figures(found, console.width), Text(), _key(found), Text(), _worst(found), Text(), *_alerts(found))


def lived_through(plan: Plan, lived: Lived, found: Overview) -> RenderableType:
    """Shows what was done to come to it, and how long that took."""
    stages = words.listing([f"{seconds:.0f} for {what}" for what, seconds in lived.seconds.items()])
    lines = (
        f"A made-up county of {plan.children:,} children, {words.day(plan.from_on)} to {words.instant(found.at)}.",
        f"{found.events:,} events in the log: {lived.history:,} of history, then {lived.live:,} as they came, with"
        f" {lived.sweeps} looks for what to tell.",
        f"{sum(lived.seconds.values()):.0f} seconds: {stages}.",
    )
    return Panel(Text("\n".join(lines)), title="Caseclock", title_align="left", border_style="cyan")


def _figures(found: Overview, width: int) -> Iterable[RenderableType]:
    """The divisions side by side; below one another where they do not fit."""
    title = f"The week to {words.day(found.week.last)}"
    groups = [COUNTY, *found.divisions]
    gap = 1 if STANDARD + (CELL + 2) * len(groups) <= width else 0
    side_by_side = max(2, (width - STANDARD) // (CELL + gap + 1))
    for at in range(0, len(groups), side_by_side):
        if at:
            yield Text()
        yield _figures_of(found, groups[at : at + side_by_side], title if at == 0 else None, gap)


def _figures_of(found: Overview, groups: list[str], title: str | None, gap: int) -> Table:
    made = table(title, "")
    made.padding = (0, 0, 0, gap)
    for group in groups:
        heading = Text(named(group), style="bold", justify="right")
        made.add_column(heading, justify="right", vertical="bottom", min_width=CELL, max_width=CELL)
    for row in found.rows:
        if row.county.lead.of:
            made.add_row(_standard(row), *(_cell(_of(row, group)) for group in groups))
    return made


def _of(row: Row, group: str) -> Cell | None:
    return row.county if group == COUNTY else row.divisions.get(group)


def _standard(row: Row) -> Text:
    return Text.assemble((row.standard, "bold"), "\n", (row.measured, "dim"))


def _cell(cell: Cell | None) -> Text:
    if cell is None or cell.lead.per_cent is None:
        return Text("–\n", style="dim", justify="right")
    counts, style = f"{cell.lead.good:,}/{cell.lead.of:,}", COLOURS[cell.standing]
    said = cell.standing if cell.standing != "no target" else ""
    return Text.assemble(counts, "\n", (f"{cell.lead.per_cent}% {said}".rstrip(), style), justify="right")


def _key(found: Overview) -> Text:
    said = (("green", "on target"), ("amber", "near it"), ("red", "below it"))
    parts = [part for word, means in said for part in ((word, COLOURS[word]), f" {means}   ")]
    none_due = f"\nNone due: {', '.join(found.none_due)}." if found.none_due else ""
    return Text.assemble(*parts, none_due, style="dim")


def _worst(found: Overview) -> RenderableType:
    title = f"Longest overdue, of {found.overdue:,} overdue clocks"
    made = table(title, "due", "days over", "standard", "child", "team", right=("days over",))
    for one in found.worst:
        made.add_row(*_overdue(one))
    return made if found.worst else Text("Nothing is overdue.", style="green")


def _overdue(one: Overdue) -> list[RenderableType]:
    return [one.due_on.isoformat(), Text(f"{one.days:,}", style="bold red"), one.standard, one.child, one.team]


def _alerts(found: Overview) -> Iterable[RenderableType]:
    made = table(f"Told in {found.notices:,} messages", "what", "clocks", right=("clocks",))
    for step in found.told:
        made.add_row(step.what, f"{step.number:,}")
    yield made if found.told else Text("Nobody had to be told of anything.")
    if found.newest:
        yield Text()
        yield Text("The newest messages", style="bold")
        yield from (_message(message) for message in found.newest)


def _message(message: SentMessage) -> RenderableType:
    at = message.created_at.astimezone(LONDON)
    title = f"{message.to} · {words.day(at.date())} {at:%H:%M}"
    return Padding(Panel(Text(message.text), title=title, title_align="left", border_style="dim"), (0, 2))
