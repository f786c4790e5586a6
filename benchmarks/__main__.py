"""`python -m benchmarks`: measures, prints the table and, with `--write`, puts it into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import msgspec
from rich.console import Console

from benchmarks.county import file_of
from benchmarks.measures import MEASURES, forget
from benchmarks.report import Run, page_with, tables
from benchmarks.timing import Measured

SIZES, QUICK = (100_000, 1_000_000), (20_000,)
NEEDS = {"rebuild": "import", "figures": "import"}


def main() -> int:
    if sys.argv[1:2] == ["views"]:
        from benchmarks import views

        return views.main(sys.argv[2:])
    asked = _asked()
    console = Console(stderr=True)
    run = Run()
    for events in asked.events:
        path = file_of(events)
        for name in MEASURES:
            if asked.only and name not in asked.only:
                continue
            with console.status(f"{events:,} events: {name}"):
                run.add(events, name, _measure(name, events))
        forget(path)
    out = Console()
    for table in tables(run):
        out.print(table)
    for line in run.remarks():
        out.print(line)
    if asked.write:
        page = Path("docs/benchmarks.md")
        page.write_text(page_with(page.read_text(encoding="utf-8"), run), encoding="utf-8")
    return 0 if run.equal() is not False else 1


def _measure(name: str, events: int) -> Measured:
    """In a process of its own, so that its memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.measures", name, str(events)], stdout=subprocess.PIPE, check=True
    )
    return msgspec.json.decode(done.stdout, type=Measured)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast, beside DuckDB.")
    parser.add_argument("--quick", action="store_true", help=f"only {QUICK[0]:,} events")
    parser.add_argument("--events", type=int, nargs="+", help="other numbers of events", metavar="N")
    parser.add_argument("--only", nargs="+", choices=list(MEASURES), help="only these measures")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    asked = parser.parse_args()
    asked.events = asked.events or (QUICK if asked.quick else SIZES)
    if asked.only:
        asked.only = [name for name in MEASURES if name in {*asked.only, *(NEEDS.get(n) for n in asked.only)}]
    return asked


if __name__ == "__main__":
    raise SystemExit(main())
