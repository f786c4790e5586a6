"""What is done to the system, and when: the same for the same seed. Pure."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

A_WHILE = 2.0  # seconds
SERVICES = ("ingest", "timeliness", "alerts")

# what → what it is
DEEDS = {
    "kill": "one worker is killed (SIGKILL), and started again",
    "kill all": "every worker of a service is killed",
    "kill in a batch": "an import keeps the log locked; an ingest worker, its batch in hand, is killed",
    "freeze in a batch": "the same, but it is frozen until others have its partitions, and goes on then",
    "freeze": "one worker is frozen until others have its partitions, and goes on then",
    "late append": "an import takes its numbers first and commits last",
    "remove": "a worker is told to end, and comes back later",
    "add": "one more worker",
    "broker stopped": "the broker is stopped in good order, and started",
    "broker killed": "the broker is killed, and started",
    "database stopped": "PostgreSQL is stopped, connections cut, and started",
    "database killed": "PostgreSQL is killed, and started",
    "sessions ended": "every session of the database is ended",
    "statements cancelled": "whatever statement runs is cancelled, for a second: agents raise",
    "killed without broker": "workers look for work while the broker is away; all of a service are killed, and started before it is back",
    "killed without database": "the same with PostgreSQL",
    "all killed": "every worker of every service is killed; records pile up; all are started",
}


class Deed(NamedTuple):
    """`what` is done to `service` (where it matters), lasts so many seconds. `calm`: the next waits until the system
    has recovered; otherwise it comes `then` seconds later, into the middle of it."""

    what: str
    service: str
    lasts: float
    calm: bool
    then: float


def schedule(seed: int, deeds: int) -> list[Deed]:
    """So many deeds: every kind once, in an order that chance gives, then every kind again."""
    chance = Random(f"deeds {seed}")
    kinds: list[str] = []
    while len(kinds) < deeds:
        kinds += chance.sample(sorted(DEEDS), len(DEEDS))
    return [_deed(kind, chance) for kind in kinds[:deeds]]


def asked_for(seed: int, wanted: str) -> list[Deed]:
    """Those that a line names, in its order, one after the other without waiting: `kill:alerts,late append`. Raises
    ValueError for one that is none."""
    chance, deeds = Random(f"deeds {seed}"), []
    for each in wanted.split(","):
        what, _, service = each.strip().partition(":")
        if what not in DEEDS or service not in (*SERVICES, ""):
            raise ValueError(f"{each!r} is no deed: one of {', '.join(DEEDS)}, with :{'|:'.join(SERVICES)} or without")
        deed = _deed(what, chance)._replace(calm=False, then=A_WHILE)
        deeds.append(deed._replace(service=service) if service else deed)
    return deeds


def _deed(kind: str, chance: Random) -> Deed:
    service = "ingest" if kind.endswith("in a batch") else chance.choice(SERVICES)
    lasts = chance.uniform(11.5, 14) if kind.startswith("freeze") else chance.uniform(0.5, 4)
    return Deed(kind, service, round(lasts, 1), chance.random() < 0.6, round(chance.uniform(0.5, 3), 1))
