"""`python -m deploy.stack start [--each N] | stop | status`."""

from __future__ import annotations

import argparse
import sys

from deploy.stack.needs import Missing
from deploy.stack.places import folder
from deploy.stack.processes import Died
from deploy.stack.stack import Stack


def main() -> int:
    """0 done, 1 refused or nothing runs, 2 misused."""
    parser = argparse.ArgumentParser(prog="python -m deploy.stack", description=__doc__)
    parser.add_argument("what", choices=("start", "stop", "status"))
    parser.add_argument("--each", type=int, default=1, metavar="N", help="how many of each worker (1)")
    asked = parser.parse_args()
    if asked.each < 0:
        parser.error("--each must be 0 or more")
    stack = Stack(folder())
    try:
        if asked.what == "start":
            stack.start(asked.each)
        elif asked.what == "stop":
            stack.stop()
        else:
            return 0 if stack.status() else 1
    except (Missing, Died) as wrong:
        print(f"stack: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
