"""What is sent: a made-up county's events with duplicates, disorder and poison, the same for the same seed. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from caseclock.demo.county import County

SPAN = timedelta(days=300)  # of the county's life, up to the day it ends
A_CHILD = 45  # events a child has in that span, about

TWICE = 0.08  # of events, those sent once more
FAR = 0.02  # of events, those that come at quite another time
NEAR = 0.25  # of events, those that come a little early or late
POISON = 0.012  # of events, those with something beside them that is no event
ASIDE = 0.04  # of events, those that come by another way: an import that takes its time


class Sent(NamedTuple):
    """A record for the raw topic. `event`: the event's id; None for poison."""

    key: bytes
    value: bytes | None
    event: str | None


class Stream(NamedTuple):
    """`records`: in the order in which they are sent. `aside`: events that come by another way. `events`: how many
    different ones there are; `duplicates`, `poison`: how many of the records are."""

    records: tuple[Sent, ...]
    aside: tuple[bytes, ...]
    events: int
    duplicates: int
    poison: int

    def in_one(self) -> list[bytes]:
        """All of it, for a run without faults."""
        return [*(one.value or b"" for one in self.records), *self.aside]


def stream(seed: int, events: int, ending: date) -> Stream:
    """At least so many events. `ending`: the last day on which one is typed."""
    chance = Random(seed)
    originals = _county(seed, events, ending)
    aside = {n for n in range(len(originals)) if chance.random() < ASIDE}
    placed: list[tuple[float, int, Sent]] = []

    def place(at: float, one: Sent) -> None:
        placed.append((at, len(placed), one))

    for n, raw in enumerate(originals):
        if n in aside:
            continue
        told = json.loads(raw)
        first = Sent(told["subject"].encode(), raw, told["id"])
        at = _moved(n, len(originals), chance)
        place(at, first)
        if chance.random() < TWICE:
            place(at + chance.uniform(0, 400), first)
        if chance.random() < POISON:
            place(at + chance.uniform(0.1, 50), first._replace(value=_poison(told, chance), event=None))
    records = tuple(one for _, _, one in sorted(placed))
    given = [one.event for one in records if one.event is not None]
    events = {*given, *(json.loads(originals[n])["id"] for n in aside)}
    return Stream(
        records,
        tuple(originals[n] for n in sorted(aside)),
        len(events),
        len(given) - len(set(given)),
        len(records) - len(given),
    )


def _county(seed: int, events: int, ending: date) -> list[bytes]:
    children = max(5, events // A_CHILD)
    while True:
        made = [raw for _, raw in County(children, ending - SPAN, ending, seed, bad_rate=0)]
        if len(made) >= events:
            return made
        children += max(1, children // 20)


def _moved(n: int, of: int, chance: Random) -> float:
    """Where an event comes in the stream."""
    drawn = chance.random()
    if drawn < FAR:
        return chance.uniform(0, of)
    return n + chance.uniform(-200, 200) if drawn < FAR + NEAR else float(n)


def _poison(given: dict[str, object], chance: Random) -> bytes | None:
    """Something beside an event that must be refused, whatever else came before: the event itself came first, and a
    partition keeps its order."""
    conflict = {**given, "recordedtime": "2001-01-01T00:00:00+00:00"}
    spoilt: Sequence[bytes | None] = (
        None,
        b"",
        b"\xff\xfe no text",
        json.dumps(given).encode()[:-9],
        json.dumps(conflict).encode(),
        json.dumps({**given, "id": f"{given['id']}-p", "type": "child.adored"}).encode(),
        json.dumps({**given, "id": f"{given['id']}-p", "nickname": "x"}).encode(),
        json.dumps({**given, "id": f"{given['id']}-p", "time": "yesterday"}).encode(),
    )
    return chance.choice(spoilt)
