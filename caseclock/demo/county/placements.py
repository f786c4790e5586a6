"""Says where a looked-after child lives: placements, moves, respite, and the visits each placement asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from caseclock.demo.county.draw import Chances, between, spread
from caseclock.demo.county.people import Care, Child
from caseclock.demo.county.recording import Record
from caseclock.demo.county.visits import visit, visits

TYPE = Chances({"U6": 54, "U4": 9, "U3": 9, "U1": 7, "K2": 8, "H5": 4, "P1": 5, "P2": 3, "R2": 1})
LASTS = spread({(10, 60): 24, (61, 180): 22, (181, 365): 18, (366, 900): 20, (901, 2500): 16})  # days
FIRST_VISIT = spread({(0, 3): 45, (4, 7): 45, (8, 14): 7, (15, 28): 3})  # days
VISIT_EVERY = spread({(21, 33): 25, (34, 40): 62, (45, 56): 9, (57, 90): 4})  # days
SETTLED_EVERY = spread({(55, 80): 40, (81, 88): 50, (94, 130): 10})  # days, once meant to last and a year old
RESPITE = 0.12  # of placements of more than four months, those with some days elsewhere
TWICE_A_YEAR = spread({(120, 160): 40, (161, 178): 52, (185, 220): 8})  # days, where the child agrees
TWICE_A_YEAR_FROM = date(2015, 4, 1).toordinal()
MEANT_TO_LAST = 0.55  # of placements in care for good that pass a year
LONG_TERM = 0.5  # of those, formally long-term, the child agreeing to fewer visits
YEAR = 365
SETTLED = 150  # days until it is said that a placement is meant to last; its stays elsewhere come later


@dataclass(slots=True)
class Stay:
    """One placement, from its first day to its last; `again`: the id it goes by since the child was `back` from some
    days elsewhere."""

    id: str
    from_on: int
    to_on: int
    meant_to_last: bool
    back: int | None = None
    again: str = ""

    def known_by(self, day: int) -> str:
        return self.id if self.back is None or day < self.back else self.again


def place(record: Record, child: Child, care: Care, care_id: str, adopted_on: int | None) -> None:
    """Every placement of a period of care. `adopted_on`: the day of placing for adoption."""
    roll, day = record.roll, care.from_on
    to_on = adopted_on or care.to_on
    while day < to_on:
        ends = day + LASTS.draw(roll())
        ends = to_on if ends > to_on - 15 else ends
        kind = "P2" if child.adult_on - day < 500 and roll() < 0.4 else TYPE.draw(roll())
        _stay(record, child, care_id, day, ends, kind, last=ends == to_on)
        day = ends
    if adopted_on is not None:
        stay = f"h{record.next}"
        record.put("placement.started", adopted_on, placement_id=stay, care_id=care_id, type="A5", regime="adoption")
        record.put("placement.ended", care.to_on, placement_id=stay, reason="ended")


def _stay(record: Record, child: Child, care_id: str, from_on: int, to_on: int, kind: str, last: bool) -> None:
    roll, name = record.roll, f"h{record.next}"
    lasting = to_on - from_on > YEAR and kind in ("U6", "U4", "U3") and roll() < MEANT_TO_LAST
    record.put(
        "placement.started",
        from_on,
        placement_id=name,
        care_id=care_id,
        type=kind,
        **_regime(kind, roll()),
        provider="PR1" if roll() < 0.6 else "PR4",
        in_county=roll() < 0.8,
        emergency=roll() < 0.1,
    )
    stay = Stay(name, from_on, to_on, lasting)
    if lasting:
        record.put("placement.changed", from_on + SETTLED, placement_id=name, meant_to_18=True)
    if to_on - from_on > 120 and roll() < RESPITE:
        _respite(record, care_id, stay)
    record.put("placement.ended", to_on, placement_id=stay.known_by(to_on), reason="care_ended" if last else "moved")
    _visited(record, child, stay)


def _regime(kind: str, roll: float) -> dict[str, str]:
    """The terms on which a child lives there, where they are not the ordinary ones."""
    if kind == "P1":
        return {"regime": "parents_unassessed" if roll < 0.4 else "care_order_home"}
    if kind == "U1" and roll < 0.6:
        return {"regime": "connected_temporary"}
    return {"regime": "ordinary"} if roll < 0.5 else {}


def _respite(record: Record, care_id: str, stay: Stay) -> None:
    """Some days elsewhere, and back to the same carer: no new placement in law. Told as the vocabulary has it and as a
    return tells it: the placement ends with the return, which begins it again."""
    away = between(record.roll(), stay.from_on + (SETTLED if stay.meant_to_last else 40), stay.to_on - 40)
    back = away + between(record.roll(), 3, 14)
    other = f"h{record.next}"
    record.put("placement.started", away, placement_id=other, care_id=care_id, type="U4", temporary=True)
    record.put("placement.ended", back, placement_id=other, reason="returned")
    record.put("placement.ended", back, placement_id=stay.id, reason="returned")
    stay.back, stay.again = back, f"h{record.next}"
    record.put("placement.started", back, placement_id=stay.again, care_id=care_id, type="U6", same_carer=True)


def _visited(record: Record, child: Child, stay: Stay) -> None:
    days, roll = record.setting.days, record.roll
    first = days.on_or_after(stay.from_on + FIRST_VISIT.draw(roll()))
    while first < stay.to_on and not visit(record, "care", first, child.born_on):
        first = days.add(first, between(roll(), 1, 4))
    if first >= stay.to_on:
        return
    settled = stay.from_on + YEAR + 10 if stay.meant_to_last else stay.to_on
    until = min(settled, stay.to_on) - 1
    last = visits(record, "care", first, until, child.born_on, VISIT_EVERY, worked=False)
    if settled < stay.to_on:
        gap = SETTLED_EVERY
        if roll() < LONG_TERM and settled >= TWICE_A_YEAR_FROM:
            gap = TWICE_A_YEAR
            record.put("placement.changed", settled, placement_id=stay.known_by(settled), long_term=True)
            record.put(
                "interval.set", settled, duty="care_visit", every=6, unit="months", agreed_by="iro", child_agrees=True
            )
        visits(record, "care", last, stay.to_on - 1, child.born_on, gap, worked=False)
