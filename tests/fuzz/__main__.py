"""`make fuzz`: many spoilt files of each kind, each read twice; ends with 1 where anything of one was lost."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.fuzz.run import KINDS, many, one


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("--files", type=int, default=10_000, help="of each kind")
    asked.add_argument("--kind", choices=KINDS, action="append", help="else all")
    asked.add_argument("--first", type=int, default=0, help="the first seed")
    asked.add_argument("--keep", type=Path, help="write the file of --first and --kind there, and try it alone")
    given = asked.parse_args()
    kinds = given.kind or list(KINDS)
    if given.keep is not None:
        print("refused whole" if one(kinds[0], given.first, given.keep) else "taken")
        return 0
    lost = 0
    for kind in kinds:
        began = time.monotonic()
        for found in many(kind, range(given.first, given.first + given.files)):
            lost += 1
            print(f"{kind} --first {found.seed}: {found.what}", flush=True)
        print(f"{kind}: {given.files:,} files in {time.monotonic() - began:.0f} s, {lost} lost so far", flush=True)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
