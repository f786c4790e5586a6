"""`python -m benchmarks.scale`: what all of England would need, derived from the generator and from what
`python -m benchmarks.machines` measured last; with `--write` into docs/scale.md."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from datetime import date
from math import ceil
from pathlib import Path

import msgspec

from benchmarks.county import FOLDER
from benchmarks.machines.flow import Flowed
from benchmarks.report import machine
from caseclock.demo.county import County

ENGLAND = 650_000  # referrals a year (DfE, "Characteristics of children in need"), of about 150 councils
COUNCILS = 150
YEARS = 75
FROM, TO = date(2023, 4, 1), date(2024, 3, 31)
CHILDREN = 2000  # with work open in the year: a sample, about a fifth of Norfolk
HEADROOM = 4  # times the peak: a day's backlog is gone in some hours, and a worker may be away
COPIES, DAYS = 3, 30  # of a Kafka topic, and how long case-events are kept

# Assumptions about money, to be replaced by the reader's own.
CORE_HOUR, GB_MONTH = 0.04, 0.10  # pounds
PAGE, KEPT = Path("docs/scale.md"), FOLDER / "machines.json"
BEGIN, END = "<!-- figures: begin (python -m benchmarks.scale --write) -->", "<!-- figures: end -->"


class Demand(msgspec.Struct):
    """What all of England types. `average`, `hour`, `minute`: events a second over the year, in the sample's busiest
    hour (too high rather than too low: the sample's chance is scaled up with it) and in the busiest minute of that
    hour. `size`: bytes of an event on its topic."""

    events: int
    average: float
    hour: float
    minute: float
    size: float
    a_referral: float


class _Typed(msgspec.Struct):
    recordedtime: str | None = None
    type: str = ""


def demand() -> Demand:
    """Scaled by referrals from a sample of the made-up county."""
    typed = msgspec.json.Decoder(_Typed)
    minutes: Counter[str] = Counter()
    referrals = size = 0
    for raw in _of_the_year(typed):
        event = typed.decode(raw)
        minutes[(event.recordedtime or "")[:16]] += 1
        referrals += event.type == "referral.received"
        size += len(raw)
    events, times = sum(minutes.values()), ENGLAND / referrals
    hours: Counter[str] = Counter()
    for minute, count in minutes.items():
        hours[minute[:13]] += count
    a_year = 365.25 * 86400
    return Demand(
        round(events * times),
        events * times / a_year,
        max(hours.values()) * times / 3600,
        _together(minutes, times),
        size / events,
        events / referrals,
    )


def _together(minutes: Counter[str], times: float) -> float:
    """The busiest minute of many councils together: as busy as the mean minute of the busiest hour, and three standard
    deviations more, since each types when it likes. (One council's busiest minute, times 150, would be no minute at
    all.)"""
    hours: Counter[str] = Counter()
    for minute, count in minutes.items():
        hours[minute[:13]] += count
    mean = max(hours.values()) * times / 60
    return float((mean + 3 * mean**0.5) / 60)


def _of_the_year(typed: msgspec.json.Decoder[_Typed]) -> Iterator[bytes]:
    for _, raw in County(CHILDREN, FROM, TO):
        try:
            when = typed.decode(raw).recordedtime
        except ValueError:
            continue  # one of those that must be refused
        if when is not None and FROM.isoformat() <= when[:10] <= TO.isoformat():
            yield raw


def lines(want: Demand, one: Flowed) -> list[str]:
    """The figures, as Markdown."""
    log, clock = (one.bytes.get(name, 0) / one.logged for name in ("event_log", "clock"))
    others = sum(one.bytes.values()) / one.logged - log - clock
    each = sum(one.processor.values()) / one.events  # seconds of processor time an event, all processes
    cores = ceil(want.minute * HEADROOM * each)
    a_year = want.events * (log + clock + others) / 1e9
    kept = want.events / 365.25 * DAYS * want.size * 2 * COPIES / 1e9
    rebuild = one.logged / (one.rebuilt or 1)
    verify = one.logged / (one.verified or 1)
    rows = [
        ("events a referral, in the made-up county", f"{want.a_referral:.1f}"),
        ("events a year", f"{want.events / 1e6:.1f} million"),
        (
            "events a second: average; busiest hour; busiest minute",
            f"{want.average:.1f}; {want.hour:.0f}; {want.minute:.0f}",
        ),
        ("measured through one worker of each, events a second", f"{one.rate:,.0f}"),
        (
            "workers of each for the busiest minute",
            f"{ceil(want.minute * HEADROOM / one.rate)} ({HEADROOM} times the peak; 2 so that one may die)",
        ),
        (
            "a day's outage caught up in",
            f"{want.average * 86400 * 2.5 / one.rate:.0f} seconds (a working day holds about 2.5 times the average)",
        ),
        (
            "processor time an event, all processes",
            f"{each * 1e6:.0f} µs; cores for {HEADROOM} times the peak: {cores}",
        ),
        ("bytes an event on its topic", f"{want.size:.0f}"),
        ("bytes an event in PostgreSQL: log; clocks; the rest", f"{log:.0f}; {clock:.0f}; {others:.0f}"),
        ("a year in PostgreSQL", f"{a_year:.0f} GB"),
        (f"{YEARS} years in PostgreSQL", f"{a_year * YEARS / 1000:.1f} TB"),
        (f"Kafka, {DAYS} days of raw and case-events, {COPIES} copies", f"{kept:.0f} GB"),
        ("rebuild of one year's events", f"{want.events / rebuild / 3600:.1f} hours on two cores"),
        (f"verifying the chain of {YEARS} years", f"{want.events * YEARS / verify / 3600:.1f} hours on one core"),
        (
            "of a council of average size: events a day; a year in PostgreSQL",
            f"{want.events / COUNCILS / 365.25:,.0f}; {a_year / COUNCILS:.2f} GB",
        ),
        (
            f"money a year, at £{CORE_HOUR:.2f} a core-hour and £{GB_MONTH:.2f} a GB-month with a second copy",
            f"£{cores * 2 * CORE_HOUR * 8766:,.0f} for {cores * 2} cores, "
            f"£{(a_year * 2 + kept) * GB_MONTH * 12:,.0f} for the first year's disks",
        ),
    ]
    return [
        "| | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in rows),
        "",
        f"Measured on {machine()}, {one.logged:,} events; broker, database and workers shared the machine.",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"put the figures into {PAGE}")
    asked = parser.parse_args()
    if not KEPT.exists():
        print("first: make bench-machines")
        return 1
    flows = msgspec.json.decode(KEPT.read_bytes(), type=dict[str, Flowed])
    found = lines(demand(), next(iter(flows.values())))
    print("\n".join(found))
    if asked.write:
        before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        page = f"{before}{BEGIN}\n\n" + "\n".join(found) + f"\n\n{END}{rest.split(END)[1]}"
        PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
