"""The shape of a standard: a rule of practice as it is written in its YAML file.

A file is read strictly: an unknown key, kind, field, state or unit is refused, naming file, key and remedy. What the
shape cannot say is a pure function that the file names (`services.timeliness.standards.eligibility`), never an
expression.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

Again = Literal["ignore", "restart", "another"]


class Shape(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Strict reading for every part of a file."""


class Linked(Shape):
    """A condition on another event that carries the same value in `by`, whatever the two days say (the latest such
    event counts).

    No such event: nothing speaks against it. `absent`: there must be none that is as `where` asks.
    """

    event: str
    by: str
    where: dict[str, Any] = {}
    unless: dict[str, Any] = {}
    absent: bool = False


class Trigger(Shape, rename={"from_on": "from", "to_on": "to"}):
    """An event that starts, stops, excuses, cancels or voids.

    `where`: every field must be there and equal (or one of a list). `unless`: no field may be equal (absent, so
    unknown, passes). `when`, `when_not`: states that must, or must not, hold just before it. `nth`: `1`, or `2+`: which
    in the spell of `while` it must be. `counted_from`: day 0 is the day of that event (same `referral_id` where it
    names one, else the latest before). `on_a_later_day`: only after the day of the start. `again` overrides the
    standard's. `from`, `to`: the first and the last day, both inclusive, on which such an event counts. `says`: the
    words of a fault, or of what was done instead; on a stop, of one that finds nothing running.
    """

    event: str = ""
    function: str = ""
    where: dict[str, Any] = {}
    unless: dict[str, Any] = {}
    when: str = ""
    when_not: str = ""
    nth: str | int = ""
    linked: Linked | None = None
    counted_from: str = ""
    on_a_later_day: bool = False
    again: Again | None = None
    from_on: date | None = None
    to_on: date | None = None
    says: str = ""


class LimitEntry(Shape, rename={"from_on": "from"}):
    """The limit for clocks that start on or after `from`, until a later entry of the same condition.

    `within`: done in this time; `none` ends the rule. `before`: must be over before this time is up (broken on the
    anniversary itself). `given`: what must be known of the placement; `after`: how long the spell has lasted by the
    start. `source`: the text it comes from.
    """

    from_on: date
    source: str
    within: str | None = None
    before: str | None = None
    given: dict[str, Any] = {}
    after: str = ""
    note: str = ""


class Unmeasured(Shape):
    """Clocks that are shown and not judged, with the reason."""

    given: dict[str, Any]
    because: str


class Target(Shape, rename={"from_on": "from"}):
    """Per cent met from which a figure is green, and amber; below is red. In force from a day on."""

    from_on: date
    green: float
    amber: float
    source: str = ""


class StandardFile(Shape, rename={"while_": "while"}):
    """A standard as written. `force`: `statutory` (an Act or regulations), `statutory guidance` (to be
    followed unless there is good reason not to), `local` or `figure`. `measure`: `duty` (it must be done in time),
    `must_not_happen` (a stop in time is the breach), `must_hold` (`holds` must hold in the states of `while`).

    `excused`: what excuses the council from the duty, such as a child's refusal: on or before the due day it takes the
    clock out of what is due and counts beside it, later the clock stays missed, closed; a recurring duty goes on from
    it. `instead`: what was lawfully done in place of a stop, by the due day: it stops nothing and is counted beside the
    missed.

    `repeats`: each stop starts the next. `recurring`: it comes again as often as it is done (as what repeats does),
    and its lead figure is the snapshot. `scope`: whom the snapshot is of: who has a `clock`, or everybody in the
    `spell` of `while`, up to date only once it was done in it. `rate`: in words; the
    lead figure is how many of the clocks begun in a period had one of the child begun within the limit before, of what
    must not happen. `from_birth`: day 0 is never before the birth.
    `voids_if_corrected`: a start corrected to one that starts nothing leaves a voided clock. `booked`: what books, or
    un-books, the doing."""

    id: str
    title: str
    force: Literal["statutory", "statutory guidance", "local", "figure"]
    owner: str
    limits: list[LimitEntry]
    plan: str = ""
    measure: Literal["duty", "must_not_happen", "must_hold"] = "duty"
    starts: Trigger | list[Trigger] = []
    stops: Trigger | list[Trigger] = []
    cancels: list[Trigger] = []
    voids: list[Trigger] = []
    excused: list[Trigger] = []
    instead: list[Trigger] = []
    voids_if_corrected: bool = False
    faults: list[Trigger] = []
    booked: list[Trigger] = []
    while_: str | list[str] = ""
    holds: str = ""
    match: str | list[str] = []
    again: Again = "ignore"
    repeats: bool = False
    recurring: bool = False
    scope: Literal["clock", "spell"] = "clock"
    rate: str = ""
    from_birth: bool = False
    unmeasured: list[Unmeasured] = []
    warn: list[str] = []
    escalate: list[str] = []
    targets: list[Target] = []
    notes: str = ""


class FactsTaken(Shape):
    """Which fields of an event become known facts of the spell."""

    event: str
    take: list[str]
    where: dict[str, Any] = {}


class StateFile(Shape):
    """A named state of a child. `key` tells spells apart. `presumed`: held before anything was seen, unless the first
    thing seen is its opening. `one_at_a_time`: an opening ends the spell before, save where `carries_on` matches.
    `stays`: what begins a temporary stay elsewhere, with an id of its own; `rests`: an ending for such a stay. Neither
    ends the spell, nor does the end of what it was known by while a stay lasts; the next opening decides."""

    meaning: str
    opens: list[Trigger]
    closes: list[Trigger]
    key: str = ""
    presumed: bool = False
    one_at_a_time: bool = False
    carries_on: dict[str, Any] = {}
    stays: list[Trigger] = []
    rests: list[Trigger] = []
    facts: list[FactsTaken] = []
