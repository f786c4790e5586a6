"""Says what the episodes of one child say, as facts: care, legal status, placements, adoption. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from services.ingest.readers.returns import NOT_STATED, Fact, identity, said
from services.ingest.readers.ssda903.periods import UNCLEAR, CarePeriod, Episode

ADOPTION = ("A3", "A4", "A5", "A6")
TEMPORARY = ("T0", "T1", "T2", "T3", "T4")
LONG_TERM = {"U1": True, "U4": True, "U2": False, "U3": False, "U5": False, "U6": False}
MOVES_HOME = ("S", "P", "B", "T", "U", UNCLEAR)  # RNE: the child lives elsewhere, or on other terms, from this day
SAME_CARER = ("T", "U")
NEW_STATUS = ("L", "B", "U", UNCLEAR)
SUPERSEDED = "superseded"


def care_id(child: str, period: CarePeriod) -> str:
    """A period of care is known by the day of its first episode."""
    return identity(child, "care.started", *period.key)


def care_facts(child: str, period: CarePeriod) -> Iterator[Fact]:
    """Every fact of one period of care."""
    own, first, last = care_id(child, period), period.episodes[0], period.episodes[-1]
    breaks = True if period.short_breaks else None
    if period.known:
        yield _fact(
            child,
            "care.started",
            first,
            first.decom,
            care_id=own,
            legal_status=first.ls or NOT_STATED,
            need=first.need,
            short_breaks=breaks,
        )
    for episode in period.episodes:
        tells = episode.ls or episode.rne == "L"  # a new status that is not given is refused
        if episode.rne in NEW_STATUS and tells and not (period.known and episode is first):
            yield _fact(
                child,
                "legal_status.changed",
                episode,
                episode.decom,
                care_id=own,
                legal_status=episode.ls,
                short_breaks=breaks,
            )
    yield from _placements(child, own, period)
    if not period.short_breaks:
        yield from _adoption(child, period)
    if period.end is not None and not (period.superseded and period.next_known):
        reason = SUPERSEDED if period.superseded else last.rec or NOT_STATED
        yield _fact(child, "care.ended", first, period.end, care_id=own, reason=reason)


def _fact(child: str, kind: str, episode: Episode, on: date, /, **data: object) -> Fact:
    """Known by the episode's DECOM, whatever day it happened on."""
    return Fact(child, kind, on.isoformat(), episode.key, said(**data), episode.line)


def _adoption(child: str, period: CarePeriod) -> Iterator[Fact]:
    """Placed for adoption: the first episode of a stay under A3-A6, and a move from one such to another."""
    before: Episode | None = None
    for episode in period.episodes:
        if episode.place in ADOPTION:
            moved = episode.rne in ("S", "P", "B")
            if before is None or before.place not in ADOPTION or moved:
                yield _fact(child, "adoption.placed", episode, episode.decom)
        before = episode


def _placements(child: str, own: str, period: CarePeriod) -> Iterator[Fact]:
    """A placement runs until a real move. A temporary one (T0-T4) runs beside it and does not end it; coming
    back from it is no new home but the same one."""
    home: Episode | None = None
    away: Episode | None = None
    before: Episode | None = None
    for episode in period.episodes:
        if episode.rne in MOVES_HOME:
            if away is not None:
                yield _left(child, away, before, episode.decom)
            returned = away is not None and home is not None and _same_home(home, episode)
            away = episode if episode.place in TEMPORARY else None
            if away is None and home is not None:
                yield _left(child, home, before, episode.decom)
            if away is None:
                home = episode
            same = episode.rne == UNCLEAR and before is not None and _same_home(before, episode)
            yield _placed(child, own, episode, returned or same or episode.rne in SAME_CARER)
        elif before is None:
            home = episode  # a new status in a placement that began before the return tells
        before = episode
    for still in (home, away):
        if still is not None and period.end is not None:
            yield _left(child, still, period.episodes[-1], period.end)


def _same_home(home: Episode, episode: Episode) -> bool:
    return (home.place, home.provider, home.home) == (episode.place, episode.provider, episode.home)


def _placed(child: str, own: str, episode: Episode, same_carer: bool) -> Fact:
    temporary = episode.place in TEMPORARY
    return _fact(
        child,
        "placement.started",
        episode,
        episode.decom,
        placement_id=placement_id(child, episode),
        care_id=own,
        type=episode.place or NOT_STATED,
        provider=episode.provider,
        regime=regime(episode),
        temporary=temporary or None,
        same_carer=same_carer or None,
        long_term=LONG_TERM.get(episode.place),
    )


def _left(child: str, placed: Episode, before: Episode | None, on: date) -> Fact:
    reason = before.change if before is not None else ""
    return _fact(child, "placement.ended", placed, on, placement_id=placement_id(child, placed), reason=reason)


def placement_id(child: str, episode: Episode) -> str:
    return identity(child, "placement.started", *episode.key)


def regime(episode: Episode) -> str | None:
    """Which visiting rules a placement is under, as far as the codes tell; None for a temporary one.

    Not to be told apart: a relative approved for the time being (U1-U3 are taken as approved) and parents not
    yet assessed. A parent under neither care order is `other`, and so is custody without remand.
    """
    place, status = episode.place, episode.ls
    if status in ("V3", "V4"):
        return "short_breaks"
    if place in TEMPORARY:
        return None
    if place in ADOPTION:
        return "adoption"
    if place == "P1":
        return {"C1": "interim_order_home", "C2": "care_order_home"}.get(status, "other")
    if status == "J1":
        return "remand"
    if place == "R5" or place[:1] not in ("K", "U", "R", "S", "H", "P"):
        return "other"
    return "ordinary"
