"""The report of a run: for the eye, and as JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.chaos.lateness import Spread
from tests.chaos.run import Plan, Ran
from tests.chaos.verdict import MUST_BE_0

AFTER_OUTAGES = {
    "outage: notices lost": "lost",
    "outage: notices repeated": "repeated",
    "outage: told in a flood": "flood",
    "outage: told too late": "late",
}


def as_plain(plan: Plan, ran: Ran) -> dict[str, Any]:
    """Everything, for JSON."""
    stream = plan.stream
    return {
        "seed": plan.seed,
        "county_ends_on": plan.ending.isoformat(),
        "events": stream.events,
        "records_sent": len(stream.records) + ran.sent_again,
        "duplicates": stream.duplicates,
        "poison": stream.poison,
        "by_another_way": len(stream.aside),
        "records_a_second": plan.rate,
        "seconds": round(ran.seconds, 1),
        "clocks": ran.verdict.clocks,
        "rungs_told": ran.verdict.managers.told,
        "notices_received": ran.verdict.managers.received,
        "must_be_0": {**ran.verdict.figures, **_after(ran)},
        "outages": {name: {**one._asdict(), "lateness": _spread(one.lateness)} for name, one in ran.outages.items()},
        "became_quiet": ran.quiet,
        "recovery_seconds": _spread(ran.recovery),
        "alert_lateness_seconds": _spread(ran.lateness),
        "ended_by_themselves": ran.ended,
        "deeds": [
            {
                "at": done.begun,
                "until": done.ended,
                "what": done.deed.what,
                "service": done.deed.service,
                "recovered_at": None if done.recovered is None else round(done.recovered, 1),
            }
            for done in ran.deeds
        ],
    }


def _after(ran: Ran) -> dict[str, int]:
    """What must be 0 after all outages."""
    return {
        figure: sum(getattr(one, name) for one in ran.outages.values())
        for figure, name in AFTER_OUTAGES.items()
        if ran.outages
    }


def failed(plain: Mapping[str, Any]) -> bool:
    """Whether anything that must be 0 is not, or the system never became quiet."""
    return any(plain["must_be_0"].values()) or not plain["became_quiet"]


def as_text(plain: Mapping[str, Any]) -> str:
    return "\n".join(_lines(plain))


def write(plain: Mapping[str, Any], folder: Path) -> None:
    """chaos-SEED.json and chaos-SEED.txt."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"chaos-{plain['seed']}"
    (folder / f"{name}.json").write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
    (folder / f"{name}.txt").write_text(as_text(plain) + "\n", encoding="utf-8")


def _lines(plain: Mapping[str, Any]) -> Iterator[str]:
    yield f"chaos, seed {plain['seed']}, county up to {plain['county_ends_on']}: {'FAILED' if failed(plain) else 'passed'}"
    yield ""
    yield (
        f"{plain['events']:,} events in {plain['records_sent']:,} records ({plain['duplicates']:,} duplicates,"
        f" {plain['poison']:,} poison) and {plain['by_another_way']:,} by another way,"
        f" {plain['records_a_second']:,.0f} a second, {plain['seconds']:,.0f} s in all"
    )
    yield f"{plain['clocks']:,} clocks, {plain['rungs_told']:,} rungs told in {plain['notices_received']:,} notices"
    yield ""
    for name, value in plain["must_be_0"].items():
        yield f"{name:<24}{value:>6,}{f'   {MUST_BE_0.get(name, name)}' if value else ''}"
    if not plain["became_quiet"]:
        yield "it never became quiet: something is still on its way"
    yield ""
    yield f"recovery       {_said(plain['recovery_seconds'])}"
    yield f"alert lateness {_said(plain['alert_lateness_seconds'])}"
    for name, one in plain["outages"].items():
        yield f"after {name}: {one['told_at_once']} told at the first look; late by {_said(one['lateness'])}"
    ended = sum(plain["ended_by_themselves"].values())
    yield f"workers that ended by themselves and were started again: {ended}"
    yield ""
    yield f"{len(plain['deeds'])} deeds:"
    for what, times in sorted(Counter(deed["what"] for deed in plain["deeds"]).items()):
        yield f"  {times:>3} × {what}"
    yield ""
    for deed in plain["deeds"]:
        back = "" if deed["recovered_at"] is None else f"  recovered after {deed['recovered_at'] - deed['until']:.1f}"
        yield f"{deed['at']:>7.1f} to {deed['until']:>6.1f} s  {deed['what']:<26}{deed['service']:<11}{back}"


def _spread(spread: Spread | None) -> dict[str, float] | None:
    return None if spread is None else spread._asdict()


def _said(spread: Mapping[str, float] | None) -> str:
    if spread is None:
        return "not measured"
    return f"p50 {spread['p50']:.1f} s, p95 {spread['p95']:.1f} s, max {spread['max']:.1f} s, of {spread['of']:,}"
