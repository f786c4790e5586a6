"""`python -m tests.chaos [--seed N] [--events N] [--out FOLDER]`: one run. Exit code 0: what must be 0 is; 1: something is
not; 2: misused, or a server cannot be had."""

from __future__ import annotations

import argparse
import logging
import sys
from datetime import date
from pathlib import Path

from caseclock.runtime import now
from deploy.stack.needs import Missing
from deploy.stack.processes import Died
from schemas.time.days import london_day
from tests.chaos import planting, report
from tests.chaos.run import Plan, run
from tests.chaos.schedule import asked_for, schedule
from tests.chaos.stage import folder_of_its_own
from tests.chaos.stream import stream

A_DEED = 12  # seconds that a deed and what follows it take, about


def main() -> int:
    asked = _asked()
    if asked.planted is not None:
        return planting.all_planted(asked.out, asked.planted)
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    ending = asked.ending or london_day(now())
    events = stream(asked.seed, asked.events, ending)
    rate = asked.rate or max(20.0, round(len(events.records) / max(1, A_DEED * len(asked.deeds))))
    plan = Plan(events, asked.deeds, asked.seed, rate, asked.each, ending, asked.outages, asked.patience)
    try:
        with folder_of_its_own(asked.keep) as place:
            if asked.keep:
                print(f"everything is in {place}", file=sys.stderr)
            ran = run(plan, place, lambda line: print(line, file=sys.stderr, flush=True))
    except (Missing, Died) as wrong:
        print(f"chaos: {wrong}", file=sys.stderr)
        return 2
    plain = report.as_plain(plan, ran)
    report.write(plain, asked.out)
    print(report.as_text(plain))
    return int(report.failed(plain))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, another run (1)")
    parser.add_argument("--events", type=int, default=20_000, metavar="N", help="at least so many (20000)")
    parser.add_argument("--deeds", type=int, default=51, metavar="N", help="so many things are done (51)")
    parser.add_argument("--only", metavar="DEED[:SERVICE],...", help="these, in this order, instead")
    parser.add_argument("--outages", type=int, default=4000, metavar="N", help="events of each outage; 0: none (4000)")
    parser.add_argument(
        "--planted", nargs="*", metavar="NAME", help="instead: each wrong code in turn, to be caught; or these"
    )
    parser.add_argument("--rate", type=float, metavar="N", help="records a second (so that the deeds last as long)")
    parser.add_argument("--each", type=int, default=2, metavar="N", help="workers of each service (2)")
    parser.add_argument("--patience", type=float, default=180, metavar="S", help="until all is quiet (180)")
    parser.add_argument("--ending", type=date.fromisoformat, metavar="DAY", help="the county's last (today)")
    parser.add_argument("--out", type=Path, default=Path("report"), metavar="FOLDER", help="(report)")
    parser.add_argument("--keep", action="store_true", help="leave servers' folders and logs there")
    asked = parser.parse_args()
    try:
        asked.deeds = asked_for(asked.seed, asked.only) if asked.only else schedule(asked.seed, asked.deeds)
    except ValueError as wrong:
        parser.error(str(wrong))
    return asked


if __name__ == "__main__":
    sys.exit(main())
