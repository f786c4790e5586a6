"""The figures that must be 0, and the store compared with the one of the run without faults."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping

from caseclock.runtime import rules
from caseclock.workers.ingest import GROUP
from caseclock.workers.raw_lag import raw_lag
from services.ingest.log.append import verify
from services.timeliness.table.catch_up import rebuild
from tests.chaos import topics_end
from tests.chaos.managers import Managers, managers
from tests.chaos.stage import Stage
from tests.chaos.stream import Stream
from tests.chaos.truth import State, state_of

# figure → what it counts; each must be 0
MUST_BE_0 = {
    "events lost": "sent, and not in the log",
    "events nobody sent": "in the log, and never sent",
    "events applied twice": "in the log more than once",
    "refused otherwise": "in quarantine here and not there, or there and not here",
    "raw records not read": "on the raw topic, beyond what is committed as read",
    "log not whole": "1 if `verify` finds a gap or a broken link",
    "events not published": "in the log, and on no record of case-events",
    "wrong clocks": "missing, too many, or with another field",
    "state not equal": "1 if the digests differ",
    "rebuilt not equal": "1 if a rebuild from the log comes out otherwise",
    "stale clock changes": "clocks of which clock-changes says last something else than the table",
    "notices lost": "rungs true at the end that nobody was told of, and notices written and not received",
    "notices repeated": "rungs that a manager was told of twice",
    "children in logs": "ids of children in what the workers logged",
}


class Verdict:
    """`figures`: as MUST_BE_0 names them."""

    def __init__(self, figures: Mapping[str, int], managers: Managers, clocks: int) -> None:
        self.figures, self.managers, self.clocks = dict(figures), managers, clocks

    @property
    def failed(self) -> dict[str, int]:
        return {name: value for name, value in self.figures.items() if value}


def verdict(stage: Stage, stream: Stream, truth: State) -> Verdict:
    """Once all is quiet."""
    found, by = state_of(stage.store), rules()
    told = managers(stage.store, stage.notices, found, truth)
    times = Counter(found.events)
    differ = found.clocks.keys() ^ truth.clocks.keys()
    differ |= {id for id in found.clocks.keys() & truth.clocks.keys() if found.clocks[id] != truth.clocks[id]}
    figures = {
        "events lost": len(set(truth.events) - times.keys()),
        "events nobody sent": len(times.keys() - set(truth.events)),
        "events applied twice": sum(n - 1 for n in times.values()),
        "refused otherwise": len(found.refused ^ truth.refused),
        "raw records not read": raw_lag(stage.settings, GROUP),
        "log not whole": int(verify(stage.store).result != "whole"),
        "events not published": topics_end.unpublished(stage.settings, stage.store),
        "wrong clocks": len(differ),
        "state not equal": int(found.digest != truth.digest),
        "rebuilt not equal": 0,
        "stale clock changes": topics_end.stale(stage.settings, stage.store),
        "notices lost": told.lost,
        "notices repeated": told.repeated,
        "children in logs": _named(stage.crew.said(), stream),
    }
    figures["rebuilt not equal"] = int(not rebuild(stage.store, by.register, by.calendar).equal)
    return Verdict(figures, told, len(found.clocks))


def _named(said: str, stream: Stream) -> int:
    children = {json.loads(raw)["subject"] for raw in stream.aside}
    children |= {one.key.decode() for one in stream.records}
    return sum(child in said for child in children)
