"""Answers as a person likes to see them in a terminal. Colour always says what a word says too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from caseclock.access_log import Look
from caseclock.environment import has_columns
from caseclock.queries.standards import InForce
from schemas import words
from schemas.time.calendar import Calendar
from schemas.time.days import LONDON, london_day
from services.alerts.ladder.wording import say
from services.timeliness.figures.kpi import Figure
from services.timeliness.figures.periods import Period
from services.timeliness.figures.questions import ClockAnswer
from services.timeliness.figures.targets import lead, standing
from services.timeliness.standards.register import Register

COLOURS = {
    "green": "bold green",
    "amber": "bold yellow",
    "red": "bold red",
    "no target": "dim",
    "none due": "dim",
    "met": "green",
    "missed": "red",
    "overdue": "bold red",
    "due_soon": "yellow",
    "running": "",
    "excused": "dim",
    "cancelled": "dim",
    "voided": "dim",
    "not_measured": "dim",
}
_UNITS = {"working days": "wd", "hours": "h"}  # else days
WIDE = 180  # columns, where nobody's terminal says how wide it is


def console(stderr: bool = False) -> Console:
    """A console as wide as the terminal; into a file or a pipe it does not fold lines to 80."""
    made = Console(stderr=stderr, highlight=False)
    said = made.is_terminal or has_columns()
    return made if said else Console(stderr=stderr, highlight=False, width=WIDE)


def table(title: str | None, *columns: str, right: Sequence[str] = ()) -> Table:
    """A quiet table: rules only below the heading."""
    made = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False
    )
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


def coloured(word: str) -> Text:
    return Text(word.replace("_", " "), style=COLOURS.get(word, ""))


def number(value: float | None) -> str:
    """A count with thousands; a nought recedes; absent is empty."""
    return "" if value is None else "[dim]0[/dim]" if value == 0 else f"{value:,g}"


def figures_table(found: list[Figure], register: Register, period: Period, by: str, at: datetime) -> RenderableType:
    """The figures of a period, a line each."""
    if not found:
        return Text("Nothing was due, done or open in that period.")
    counted = (
        "due",
        "met",
        "missed",
        "open",
        "overdue",
        "recorded\nlate",
        "done\ninstead",
        "excused",
        "cancelled",
        "voided",
        "not\nmeasured",
        "median",
    )
    title = f"{words.day(period.first)} to {words.day(period.last)}, by {by}, as of {words.day(london_day(at))}"
    grouped = () if by == "county" else (by,)
    made = table(title, "standard", *grouped, *counted, "lead", "", "stands", right=(*counted, "lead"))
    for figure in found:
        made.add_row(*_figure(figure, register, by, min(period.last, london_day(at))))
    return Group(made, *map(Text, _not_whole(found, register)))


def _not_whole(found: list[Figure], register: Register) -> Iterator[str]:
    """Yields a line for each thing that returns do not hold of the period, with the standards it is true of."""
    of: dict[str, list[str]] = {}
    for figure in found:
        if figure.not_whole is not None:
            of.setdefault(figure.not_whole, []).append(figure.standard)
    for held, standards in of.items():
        named = sorted(set(standards))
        yield f"Not the whole of the period ({held}): {', '.join(named)}"
        if rates := [one for one in named if register.standards[one].file.rate]:
            yield f"A lower bound, since earlier ones are not in the return: {', '.join(rates)}"


def _figure(figure: Figure, register: Register, by: str, on: date) -> list[RenderableType]:
    standard = register.standards[figure.standard]
    first = lead(figure)
    status = standing(first, standard.file.targets, on)
    took = "" if figure.p50 is None else f"{figure.p50:g} {_UNITS.get(standard.unit, 'd')}"
    return [
        figure.standard,
        *([] if by == "county" else [figure.group]),
        number(figure.due),
        number(figure.met),
        number(figure.missed),
        number(figure.open),
        number(figure.overdue),
        number(figure.recorded_late),
        number(figure.instead),
        number(figure.excused),
        number(figure.cancelled),
        number(figure.voided + figure.voided_late),
        number(figure.not_measured),
        took,
        f"{first.good:,}/{first.of:,}" if first.of else "",
        "up to date" if first.snapshot else "again" if figure.received is not None else "in time",
        Text(status if first.per_cent is None else f"{first.per_cent}% {status}", style=COLOURS[status]),
    ]


def clocks_table(found: list[ClockAnswer]) -> RenderableType:
    """Clocks, a line each."""
    if not found:
        return Text("No clocks: nothing is known of them, or nothing began one.")
    made = table(None, "child", "standard", "started", "due", "stopped", "status", "team", "began by", "ended by")
    for clock in found:
        due = _instant(clock.due_at) if clock.due_at else _day(clock.due_on)
        made.add_row(
            clock.child,
            clock.standard,
            _day(clock.started_on),
            due,
            _day(clock.stopped_on),
            coloured(clock.status),
            clock.team,
            clock.cause,
            clock.stop_cause or "",
        )
    return made


def access_table(found: list[Look]) -> RenderableType:
    """Who looked at whom, a line each."""
    if not found:
        return Text("Nobody looked, as far as is kept: without a sign-in it is not known who looks.")
    made = table(None, "when", "who", "child", "team", "what")
    for look in found:
        made.add_row(_instant(look.at), look.person, look.child or "", look.team, look.what)
    return made


def alerts_table(found: list[dict[str, Any]]) -> RenderableType:
    """Alerts, a line each, as they were told."""
    if not found:
        return Text("Nobody was told of anything.")
    made = table(None, "alert", "told", "team", "standard", "child", "step", "due", "to be done by", "promise", "of")
    for alert in found:
        made.add_row(
            alert["alert"],
            _instant(alert["told_at"]),
            alert["team"],
            alert["standard"],
            alert["child"],
            say(alert["rung"]),
            _day(alert["due_on"]),
            _day(alert["acknowledged_by_date"]),
            alert.get("promise") or "",
            alert["acknowledged_by"] or "",
        )
    return made


def quarantine_table(found: list[dict[str, Any]]) -> RenderableType:
    """Shows what was refused, a line each, without the records themselves."""
    if not found:
        return Text("Nothing waits in quarantine.")
    more = ["settled"] if "settled" in found[0] else []
    made = table(None, "no.", "received", "from", "what", "why", *more)
    for one in found:
        settled = [": ".join(filter(None, (one["settled"], one["because"]))).replace("_", " ")] if more else []
        made.add_row(
            str(one["id"]),
            _instant(one["received_at"]),
            one["place"],
            one["code"].replace("_", " "),
            one["reason"],
            *settled,
        )
    return made


def standards_table(found: list[InForce]) -> RenderableType:
    """The standards, a line each."""
    made = table(None, "standard", "what it asks", "limit in force", "since", "force", "source")
    for one in found:
        made.add_row(one.id, one.title, one.limit or "none", _day(one.from_on), one.force, one.source or "")
    return made


def calendar_table(days: list[tuple[date, str]], calendar: Calendar) -> RenderableType:
    """Returns the bank holidays, with the span and the version of the calendar as its title."""
    made = table(f"Bank holidays, {calendar.first} to {calendar.last} ({calendar.version})", "day", "", "name")
    for day, name in days:
        made.add_row(day.isoformat(), f"{day:%a}", name)
    return made


@contextmanager
def stages() -> Iterator[Callable[[str, int, int | None], None]]:
    """A line for each stage of long work, on standard error. Called with its name, how much is done, of how much."""
    columns = (TextColumn("{task.description:<28}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def watch(name: str, done: int, of: int | None) -> None:
            if name not in tasks:
                for task in tasks.values():
                    progress.update(task, total=1, completed=1)
                tasks[name] = progress.add_task(name.capitalize(), total=None)
            progress.update(tasks[name], completed=done, total=of)

        yield watch


def _day(when: date | None) -> str:
    """Short, for a column of many."""
    return "" if when is None else when.isoformat()


def _instant(when: datetime) -> str:
    """Short, London time."""
    return f"{when.astimezone(LONDON):%Y-%m-%d %H:%M}"


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar on standard error. Called with how much is done, and of how much (None: nobody knows)."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
