"""A second fold, written from the text alone (the design, docs/counting-days.md, feeds.md, standards.md) and apart from
the product's own: plain, slow, and with nothing of it but the events, the vocabulary and the files of the register.

    days      how days are counted
    facts     what holds of all that was said; the order of a day
    rules     the register's files, and which event a trigger means
    states    what is open of a child, and under which ids
    coverage  what the feeds carry
    life      who the child is, the team, what makes a clock judged
    clocks    what must be done in time, and what must not happen
    gaps      what must hold

Left to the scenarios: `pathway-assessment-16y3m`, which a named function begins; sources that tell one fact twice
(shadowing, so histories here are of live feeds alone); adoption orders between merged records.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.laws.plain.clocks import clocks_of
from tests.laws.plain.gaps import gaps_of
from tests.laws.plain.life import Life, Row
from tests.laws.plain.rules import RULES


def plain_clocks(given: Iterable[Any]) -> list[Row]:
    """The clocks of one child, of every standard but one."""
    life = Life(given)
    return [
        row
        for standard, rule in RULES.items()
        for row in (gaps_of if rule.get("measure") == "must_hold" else clocks_of)(standard, life)
    ]
