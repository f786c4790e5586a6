"""The table of a run of workers: on a terminal, and as Markdown for docs/benchmarks.md."""

from __future__ import annotations

import os

from rich.table import Table

from benchmarks.machines.delay import Delayed
from benchmarks.machines.flow import Flowed
from benchmarks.report import machine

BEGIN, END = "<!-- machines: begin (make bench-machines ARGS=--write) -->", "<!-- machines: end -->"
HEAD = ("", "events a second", "processor, µs an event", "of that", "rebuild, events a second")


class Run:
    """What was measured. `flows` by what the events went through."""

    def __init__(self, events: int) -> None:
        self.events = events
        self.flows: dict[str, Flowed] = {}
        self.delayed: Delayed | None = None

    def equal(self) -> bool:
        """Whether every way led to the same clocks."""
        return len({flow.digest for flow in self.flows.values()}) == 1

    def rows(self) -> list[list[str]]:
        return [[name, *_spelt(flow)] for name, flow in self.flows.items()]

    def remarks(self) -> list[str]:
        said = [
            f"{self.events:,} events of the made-up county, {machine()}; broker, PostgreSQL (fsync on) and workers"
            f" share them. Load at the end {os.getloadavg()[0]:.1f}.",
            f"The clocks are {'equal' if self.equal() else 'NOT EQUAL'} by digest whichever way they came.",
        ]
        if self.delayed is not None:
            d = self.delayed
            said.append(
                f"At 100 events a second, {len(d.seconds):,} of them to be told of at once: from sending an event to"
                f" its notice in the folder {d.at(50):.2f} s (half of them), {d.at(99):.2f} s (99 %),"
                f" {d.seconds[-1]:.2f} s (all); never told: {d.untold}."
            )
        return said


def table(run: Run) -> Table:
    """For a terminal."""
    made = Table(title="From the raw topic to committed clocks")
    for head in HEAD:
        made.add_column(head, justify="left" if head in ("", "of that") else "right")
    for row in run.rows():
        made.add_row(*row)
    return made


def page_with(page: str, run: Run) -> str:
    """The page with this run's table between its marks."""
    before, rest = page.split(BEGIN)
    lines = [
        "| " + " | ".join(HEAD) + " |",
        "|---|---:|---:|---|---:|",
        *("| " + " | ".join(row) + " |" for row in run.rows()),
        "",
        *(f"- {remark}" for remark in run.remarks()),
    ]
    return f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{rest.split(END)[1]}"


def _spelt(flow: Flowed) -> list[str]:
    each = {name: seconds / flow.events * 1e6 for name, seconds in flow.processor.items()}
    parts = ", ".join(f"{name} {micro:.0f}" for name, micro in each.items())
    rebuilt = f"{flow.logged / flow.rebuilt:,.0f}" if flow.rebuilt else ""
    return [f"{flow.rate:,.0f}", f"{sum(each.values()):.0f}", parts, rebuilt]
