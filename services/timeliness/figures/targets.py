"""Says how a figure stands against its standard's target, in words. Pure.

The lead of a figure is `met` of `due`; for a rate it is `received_again` of `received`; for a state or a recurring duty
it is `up_to_date` of `in_scope`.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

from services.timeliness.figures.kpi import Figure
from services.timeliness.standards.standard import Target

Standing = Literal["green", "amber", "red", "no target", "none due"]


class Lead(NamedTuple):
    """The lead figure: so many of so many. `snapshot`: up to date at the end, of those in scope. Of a rate:
    so many begun again, of those begun, which is no share of good work."""

    good: int
    of: int
    snapshot: bool

    @property
    def per_cent(self) -> int | None:
        """For showing: whole per cent, rounded down, so that 100 means all of them. None of none."""
        return 100 * self.good // self.of if self.of else None


def lead(figure: Figure) -> Lead:
    """Returns what a figure is first judged by."""
    if figure.in_scope is not None:
        return Lead(figure.up_to_date or 0, figure.in_scope, snapshot=True)
    if figure.received is not None:
        return Lead(figure.received_again or 0, figure.received, snapshot=False)
    return Lead(figure.met, figure.due, snapshot=False)


def standing(found: Lead, targets: list[Target], on: date) -> Standing:
    """Green from the target's `green` per cent, amber from `amber`, else red; by the target in force on a day.

    >>> target = Target(from_on=date(2013, 10, 1), green=95, amber=85)
    >>> standing(Lead(19, 20, snapshot=False), [target], date(2024, 3, 1))
    'green'
    """
    if not found.of:
        return "none due"
    in_force = [target for target in targets if target.from_on <= on]
    if not in_force:
        return "no target"
    target = max(in_force, key=lambda each: each.from_on)
    if 100 * found.good >= target.green * found.of:
        return "green"
    return "amber" if 100 * found.good >= target.amber * found.of else "red"
