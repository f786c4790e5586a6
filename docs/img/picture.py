"""Takes the README's picture of `caseclock run` into run.svg, from what it really prints below its heading.

python docs/img/picture.py
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.terminal_theme import MONOKAI

from caseclock.cli.overview import overview_table
from caseclock.demo.live_through import Plan, live_through
from caseclock.queries.overview import overview
from caseclock.runtime import now, open_store, rules

WIDTH = 118  # columns


def main() -> None:
    with TemporaryDirectory() as folder, open(os.devnull, "w") as nowhere:
        engine, plan = open_store(f"sqlite:///{folder}/county.db"), Plan.ending(now())
        live_through(engine, rules(), plan, lambda what, done, of: None)
        found = overview(engine, rules(), plan.at, newest=1)
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True, highlight=False)
        console.print(overview_table(found, console))
        engine.dispose()
    console.save_svg(str(Path(__file__).with_name("run.svg")), title="make run", theme=MONOKAI)


if __name__ == "__main__":
    main()
