"""The table of a run: on a terminal, and as Markdown for docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
from typing import NamedTuple

from rich.table import Table

from benchmarks.timing import Measured, Took

BEGIN, END = "<!-- table: begin (make bench ARGS=--write) -->", "<!-- table: end -->"
MIB = 1024 * 1024

# measure, its part ("" for all of it together), and what the row is called
ROWS = (
    ("decode", "decode", "decode"),
    ("fold", "put in order", "put histories in order"),
    ("fold", "fold", "fold (histories decoded already)"),
    ("import", "", "import"),
    ("import", "take in", "· take in: validated, chained, stored"),
    ("import", "catch up", "· catch up: read, folded, clocks stored"),
    ("rebuild", "rebuild", "full rebuild, compared and swapped"),
    ("duckdb", "", "DuckDB, one thread"),
    ("duckdb", "read", "· read the file"),
    ("duckdb", "clocks and figures", "· five standards and their figures"),
    ("duckdb on every core", "", "DuckDB, every core"),
)
HEAD = ("processor", "clock", "MiB")


class Cell(NamedTuple):
    """Events a second by processor time and by the clock; bytes at the highest; microseconds an event."""

    by_cpu: float
    by_clock: float
    memory: int
    each: float


class Run:
    """What was measured, by number of events and name."""

    def __init__(self) -> None:
        self._measured: dict[int, dict[str, Measured]] = {}
        self._load = os.getloadavg()[0]

    @property
    def sizes(self) -> list[int]:
        return sorted(self._measured)

    def add(self, events: int, name: str, measured: Measured) -> None:
        self._measured.setdefault(events, {})[name] = measured
        self._load = max(self._load, os.getloadavg()[0])

    def cell(self, events: int, name: str, part: str) -> Cell | None:
        measured = self._measured[events].get(name)
        if measured is None:
            return None
        parts = measured.parts.values() if not part else [measured.parts[part]]
        took = Took(sum(p.wall for p in parts), sum(p.cpu for p in parts))
        return Cell(
            measured.events / took.cpu, measured.events / took.wall, measured.memory, took.cpu / measured.events * 1e6
        )

    def ratio(self, name: str, part: str) -> float | None:
        """Processor time an event at the greatest size over that at the smallest."""
        first, last = (self.cell(size, name, part) for size in (self.sizes[0], self.sizes[-1]))
        return last.each / first.each if first and last and len(self.sizes) > 1 else None

    def equal(self) -> bool | None:
        """Whether DuckDB's figures are ours at every size; None where that was not asked."""
        pairs = [
            (of["figures"].told["figures"], of[name].told["figures"])
            for of in self._measured.values()
            for name in ("duckdb", "duckdb on every core")
            if "figures" in of and name in of
        ]
        return all(ours == theirs for ours, theirs in pairs) if pairs else None

    def remarks(self) -> list[str]:
        said = [
            f"{machine()}; the machine is shared, its load was {self._load:.1f} at most: processor time is the"
            " fairer number."
        ]
        for size, of in self._measured.items():
            if "fold" in of and "import" in of:
                taken = of["import"].told["taken"]
                said.append(
                    f"{size:,} events: {taken['accepted']:,} accepted, {taken['duplicate']:,} duplicates,"
                    f" {taken['rejected']:,} rejected; {of['fold'].told['clocks']:,} clocks."
                )
        for size, of in self._measured.items():
            if "figures" in of:
                took = of["figures"].parts["figures of a month"]
                said.append(f"{size:,} events: the figures of a month, all standards, in {took.wall:.2f} s.")
        equal = self.equal()
        if equal is not None:
            cells = sum(len(of["figures"].told["figures"]) for of in self._measured.values())
            verdict = "equal to ours" if equal else "NOT EQUAL to ours"
            said.append(f"DuckDB's due, met and missed by standard and month are {verdict} ({cells:,} rows compared).")
        return said


def tables(run: Run) -> list[Table]:
    """One table for a terminal."""
    table = Table(title="Events a second, of processor time and by the clock; memory at its highest")
    table.add_column("", no_wrap=True)
    for size in run.sizes:
        for head in HEAD:
            table.add_column(f"{size:,}\n{head}", justify="right", no_wrap=True)
    table.add_column("cost,\nratio", justify="right", no_wrap=True)
    for row in _rows(run):
        table.add_row(*row)
    return [table]


def page_with(page: str, run: Run) -> str:
    """The page with this run's table between its marks."""
    before, rest = page.split(BEGIN)
    heads = [f"{size:,}: {head}" for size in run.sizes for head in HEAD]
    lines = [
        "| " + " | ".join(["", *heads, "cost, ratio"]) + " |",
        "|---" + "|---:" * (len(heads) + 1) + "|",
        *("| " + " | ".join(row) + " |" for row in _rows(run)),
        "",
        *(f"- {remark}" for remark in run.remarks()),
    ]
    return f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{rest.split(END)[1]}"


def _rows(run: Run) -> list[list[str]]:
    found = []
    for name, part, title in ROWS:
        cells = [run.cell(size, name, part) for size in run.sizes]
        if any(cells):
            ratio = run.ratio(name, part)
            found.append([title, *(text for cell in cells for text in _spelt(cell)), f"{ratio:.2f}" if ratio else ""])
    return found


def _spelt(cell: Cell | None) -> list[str]:
    if cell is None:
        return ["", "", ""]
    return [f"{cell.by_cpu:,.0f}", f"{cell.by_clock:,.0f}", f"{cell.memory / MIB:,.0f}"]


def machine() -> str:
    """What this was measured on."""
    return f"{os.cpu_count()} cores ({platform.machine()}, {_model()}), Python {platform.python_version()}"


def _model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()
