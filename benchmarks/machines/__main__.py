"""`python -m benchmarks.machines`: the workers on a real broker and PostgreSQL, beside Quix Streams hosting the same
functions; prints the table and, with `--write`, puts it into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import msgspec
from rich.console import Console

from benchmarks.county import FOLDER
from benchmarks.machines import flow
from benchmarks.machines.delay import delay
from benchmarks.machines.report import Run, page_with, table
from benchmarks.machines.servers import servers

PAGE = Path("docs/benchmarks.md")
KEPT = FOLDER / "machines.json"  # for `python -m benchmarks.scale`


def main() -> int:
    asked = _asked()
    logging.disable(logging.WARNING)
    console = Console(stderr=True)
    run = Run(asked.events)
    with console.status("starting the broker and PostgreSQL") as doing, servers() as ours:
        for each in (1, 2):
            doing.update(f"{asked.events:,} events through {each} of each worker")
            run.flows[f"{each} of each worker"] = flow.workers(ours, asked.events, each)
        doing.update(f"{asked.events:,} events through Quix Streams")
        run.flows["Quix Streams, one process"] = flow.quix(ours, asked.events)
        KEPT.write_bytes(msgspec.json.encode(run.flows))
        doing.update(f"a hundred events a second for {asked.seconds} s")
        run.delayed = delay(ours, asked.seconds)
    out = Console()
    out.print(table(run))
    for line in run.remarks():
        out.print(line)
    if asked.write:
        PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), run), encoding="utf-8")
    return 0 if run.equal() else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.machines", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000, metavar="N", help="how many (100,000)")
    parser.add_argument("--seconds", type=int, default=60, metavar="S", help="of the steady stream (60)")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE}")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
