"""Made-up histories for the laws: absurd ones (any event at any time) and believable ones (a life, with gaps around
the limits), each with corrections, withdrawals, rivals, late recording and statements of coverage.

Everything is drawn by hypothesis as small numbers and turned into events by tables, so that a failing history
shrinks to a short one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from schemas.events.event import CaseEvent, from_dict
from schemas.time.days import end_of_day, start_of_day
from tests.helpers import effort
from tests.laws.believable import filled, life
from tests.laws.shapes import OWN_ID, SHAPES, THEMES

SOURCES = ("feed-a", "feed-a", "feed-a", "feed-b")
# Each crosses something: limits that change, Easter, Christmas, a leap day, summer time, the calendar's end.
BASES = (
    date(2024, 1, 2),
    date(2013, 3, 4),
    date(2019, 11, 25),
    date(2011, 2, 21),
    date(2023, 12, 4),
    date(2028, 7, 3),
    date(2020, 5, 4),
)
Hours = Sequence[float | None]  # after London midnight; None: the day alone
PRECISION: tuple[Hours, ...] = ((None,), (9.0, 14.5, 23.75, 0.25), (None, None, None, 9.0, 9.0, 14.5, 23.75, 0.25))
LONG_AFTER = datetime(2040, 1, 1, tzinfo=UTC)


def law(examples: int) -> settings:
    """Returns settings of so many examples, the same every time and as long as each takes, so that a failure is never
    chance."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        derandomize=True,
        deadline=None,
        database=None,
        max_examples=effort.examples(examples),
        suppress_health_check=slow,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
    )


class Given(NamedTuple):
    """An event and when it became known."""

    event: CaseEvent
    known_at: datetime

    def __repr__(self) -> str:
        """As the scenarios write it, so that a failing history can be read."""
        event, fields = self.event, self.event.data.__struct_fields__
        when = event.occurredon or f"{event.time:%Y-%m-%dT%H:%MZ}"
        data = ", ".join(f"{name}: {v}" for name in fields if (v := getattr(event.data, name)) is not None)
        more = [f"{word} {v}" for word in ("replaces", "retracts") if (v := getattr(event, word))]
        more += [f"recorded {event.recordedtime:%Y-%m-%dT%H:%MZ}"] if event.recordedtime else []
        return f"\n- {when} {event.kind} {{{data}}}, {', '.join([*more, f'as {event.id}'])} ({event.subject})"


class Dice:
    """Choices taken one after another from a number."""

    def __init__(self, number: int) -> None:
        self.left = number

    def of(self, choices: Sequence[Any]) -> Any:
        self.left, at = divmod(self.left, len(choices))
        return choices[at]


def data_of(kind: str, dice: Dice, ident: str) -> dict[str, Any]:
    """Data of a kind: each field one of its choices, left out where that is None."""
    data = {name: value for name, choices in SHAPES[kind].items() if (value := dice.of(choices)) is not None}
    return data | dict.fromkeys(OWN_ID.get(kind, ()), ident)


def make(
    ident: str,
    kind: str,
    day: date,
    data: dict[str, Any],
    *,
    hour: float | None = None,
    child: str = "C1",
    source: str = "feed-a",
    recorded: datetime | None = None,
    known_at: datetime | None = None,
    **more: Any,
) -> Given:
    """One event. It is known when it was recorded, else (unless told) when it happened."""
    raw = {"specversion": "1.0", "id": ident, "source": source, "subject": child, "type": kind, "data": data, **more}
    if hour is None:
        raw["occurredon"] = day
    else:
        raw["time"] = start_of_day(day) + timedelta(hours=hour)
    if recorded is not None:
        raw["recordedtime"] = recorded
    event = from_dict(raw)
    return Given(event, known_at or recorded or event.moment)


def _late(moment: datetime, days: int | None) -> datetime | None:
    """Recorded so many days later, in the afternoon; None: the source does not say."""
    return None if days is None else moment + timedelta(days=days, hours=5)


# -- absurd ----------------------------------------------------------------------------------------------------------

DELAYS = (0, None, 0, 1, 3, 20, -30)  # days; the last: typed up as done before it was
SEED = st.tuples(
    st.integers(0, 40),  # which kind
    st.integers(0, 60),  # how long after the base, in the history's stride
    st.integers(0, 7),  # the time of day
    st.integers(0, 2**20 - 1),  # the fields
    st.integers(0, len(DELAYS) - 1),
)
LIVES = ("unknown", "unknown", "a child", "adult soon", "sixteen soon", "newborn", "unborn", "born meanwhile")


@st.composite
def absurd(
    draw: st.DrawFn, children: Sequence[str] = ("C1",), max_size: int = 22, precision: Sequence[Hours] = PRECISION
) -> list[Given]:
    """Any events of one theme, in any order, at any distance; of one child or several."""
    kinds = THEMES[draw(st.sampled_from(sorted(THEMES)))]
    base, stride, span = (
        draw(st.sampled_from(BASES)),
        draw(st.sampled_from((1, 3, 12))),
        draw(st.sampled_from((61, 4))),
    )
    hours = draw(st.sampled_from(precision))
    given = born(draw(st.sampled_from(LIVES)), base, children[0])
    for n, (which, offset, hour, number, delay) in enumerate(draw(st.lists(SEED, max_size=max_size))):
        dice = Dice(number)
        kind, ident, day = (kinds[which % len(kinds)], f"e{n:02}", base + timedelta(days=offset % span * stride))
        child, source = dice.of(children), dice.of(SOURCES)
        given.append(_absurd_one(ident, kind, day, dice, hours[hour % len(hours)], DELAYS[delay], child, source))
    return given


def _absurd_one(
    ident: str, kind: str, day: date, dice: Dice, hour: float | None, delay: int | None, child: str, source: str
) -> Given:
    moment = end_of_day(day) if hour is None else start_of_day(day) + timedelta(hours=hour)
    return make(
        ident,
        kind,
        day,
        data_of(kind, dice, ident),
        hour=hour,
        child=child,
        source=source,
        recorded=_late(moment, delay),
    )


def born(life: str, base: date, child: str) -> list[Given]:
    """What the feed says of a child's age, if anything."""
    years = {"a child": 7, "adult soon": 18, "sixteen soon": 16}
    if life in years:
        eve = base + timedelta(days=70)
        told = {"born_on": date(eve.year - years[life], eve.month, min(eve.day, 28))}
    elif life == "newborn":
        told = {"born_on": base + timedelta(days=20)}
    elif life in ("unborn", "born meanwhile"):
        told = {"expected_on": base + timedelta(days=30)}
    else:
        return []
    given = [make(f"b0-{child}", "child.registered", base - timedelta(days=10), told, child=child)]
    if life == "born meanwhile":
        given.append(make(f"b1-{child}", "child.born", base + timedelta(days=33), {}, child=child))
    return given


# -- believable ------------------------------------------------------------------------------------------------------

CHOICES = 160  # more than any life asks for; after the last it is always the first choice


@st.composite
def believable(draw: st.DrawFn, child: str = "C1", precision: Sequence[Hours] = PRECISION) -> list[Given]:
    """A life of one child that makes sense, with some of it left out or typed up late."""
    base = draw(st.sampled_from(BASES))
    dice = Dice(int.from_bytes(draw(st.binary(min_size=CHOICES // 4, max_size=CHOICES // 4))))
    given = born(draw(st.sampled_from(LIVES)), base, child)
    hours = dice.of(precision)
    for n, (kind, day, fields) in enumerate(life(dice.of, base)):
        hour, ident = dice.of(hours), f"{child.lower()}-{n:02}"
        moment = end_of_day(day) if hour is None else start_of_day(day) + timedelta(hours=hour)
        if dice.of(range(12)) == 11:
            continue  # never typed up at all
        recorded = _late(moment, dice.of((None, 0, 0, 0, 1, 2, 12)))
        given.append(make(ident, kind, day, filled(kind, fields, ident), hour=hour, child=child, recorded=recorded))
    return given


# -- corrections -------------------------------------------------------------------------------------------------------

CORRECTION = st.tuples(
    st.integers(0, 40),  # which event, corrections made before among them
    st.sampled_from(("retract", "move", "rewrite", "retract", "rival")),
    st.integers(-40, 40),  # days by which it moves
    st.integers(0, 2**20 - 1),
    st.integers(0, 30),  # days until it is recorded; 0: the source does not say
)


@st.composite
def corrected(draw: st.DrawFn, histories: st.SearchStrategy[list[Given]], max_size: int = 6) -> list[Given]:
    """A history, and events that withdraw, replace and rival its events and one another."""
    given = list(draw(histories))
    for n, correction in enumerate(draw(st.lists(CORRECTION, max_size=max_size))):
        if given:
            made = _correction(f"x{n}", given, *correction)
            given += [made] if made is not None else []
    return given


def _correction(
    ident: str, given: list[Given], which: int, how: str, shift: int, number: int, delay: int
) -> Given | None:
    target = given[which % len(given)].event
    if how == "rival" and target.replaces is not None:
        target = next((g.event for g in given if g.event.id == target.replaces), target)
    dice = Dice(number)
    day = target.day + timedelta(days=shift if how in ("move", "rival") else 0)
    recorded = _late(end_of_day(day), delay) if delay else None
    common: dict[str, Any] = {"child": target.subject, "source": target.source, "recorded": recorded}
    if how == "retract" or target.kind == "event.retracted":
        return make(ident, "event.retracted", target.day, {}, retracts=target.id, **common)
    if target.kind not in SHAPES:
        return None
    data = data_of(target.kind, dice, ident) if how == "rewrite" else _as_plain(target)
    hour = None if target.time is None else dice.of((9.0, 14.5))
    return make(ident, target.kind, day, data, hour=hour, replaces=target.id, **common)


def _as_plain(event: CaseEvent) -> dict[str, Any]:
    fields = event.data.__struct_fields__
    return {name: value for name in fields if (value := getattr(event.data, name)) is not None}


# -- merges and coverage -----------------------------------------------------------------------------------------------


@st.composite
def merges(draw: st.DrawFn, children: Sequence[str]) -> list[Given]:
    """Later ids merged into earlier ones, so that no cycle can arise."""
    merge = st.tuples(st.integers(1, len(children) - 1), st.integers(0, 9), st.integers(0, 700))
    found = draw(st.lists(merge, max_size=3))
    return [
        make(
            f"m{n}",
            "child.merged",
            date(2024, 1, 1) + timedelta(days=after),
            {"into": children[into % ceased]},
            child=children[ceased],
        )
        for n, (ceased, into, after) in enumerate(found)
    ]


@st.composite
def families(draw: st.DrawFn) -> list[Given]:
    """Events of three children, some of whom are one child after all, from feeds that may carry only so much."""
    children = ("C1", "C2", "C3")
    given = draw(absurd(children, max_size=18)) if draw(st.booleans()) else draw(believable()) + draw(believable("C2"))
    given += draw(merges(children)) + draw(coverage())
    return draw(corrected(st.just(given), max_size=5))


@st.composite
def coverage(draw: st.DrawFn, first: date = date(2011, 1, 1)) -> list[Given]:
    """What the feeds say they carry: mostly nothing, so that everything counts."""
    given = []
    for source in draw(st.sampled_from(((), (), ("feed-a",), ("feed-a", "feed-b")))):
        kinds = draw(
            st.sampled_from((sorted(SHAPES), sorted(SHAPES), ["visit.made", "review.held", "referral.received"]))
        )
        start, length = draw(st.integers(0, 5000)), draw(st.sampled_from((100, 400, 7000)))
        told = {"kinds": kinds, "from_on": first + timedelta(days=start)}
        told |= {
            "to_on": told["from_on"] + timedelta(days=length),
            "complete_to": told["from_on"] + timedelta(days=length),
        }
        given.append(make(f"f-{source}", "feed.covered", told["from_on"], told, child=source, source=source))
    return given
