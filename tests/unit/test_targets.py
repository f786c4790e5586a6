"""How a figure stands: which pair leads it, what is shown of it, and the words."""

from __future__ import annotations

from datetime import date

import pytest

from services.timeliness.figures.kpi import Figure
from services.timeliness.figures.targets import Lead, lead, standing
from services.timeliness.standards.standard import Target

TARGETS = [Target(from_on=date(2013, 10, 1), green=95, amber=85), Target(from_on=date(2024, 4, 1), green=98, amber=90)]


def figure(**counts: int) -> Figure:
    return Figure(standard="s", group="county", from_on=date(2024, 3, 4), to_on=date(2024, 3, 10), **counts)


@pytest.mark.parametrize(
    ("good", "of", "on", "word"),
    [
        (95, 100, date(2024, 3, 31), "green"),
        (94, 100, date(2024, 3, 31), "amber"),
        (85, 100, date(2024, 3, 31), "amber"),
        (84, 100, date(2024, 3, 31), "red"),
        (95, 100, date(2024, 4, 1), "amber"),  # the later target is in force
        (949, 1000, date(2024, 3, 31), "amber"),  # 94.9 is not rounded up to the target
        (0, 0, date(2024, 3, 31), "none due"),
        (1, 1, date(2013, 9, 30), "no target"),
    ],
)
def test_the_word(good: int, of: int, on: date, word: str) -> None:
    assert standing(Lead(good, of, snapshot=False), TARGETS, on) == word


def test_a_standard_without_targets_has_no_standing() -> None:
    assert standing(Lead(1, 2, snapshot=False), [], date(2024, 3, 31)) == "no target"


def test_100_per_cent_means_all_of_them() -> None:
    assert Lead(1999, 2000, snapshot=False).per_cent == 99
    assert Lead(2000, 2000, snapshot=False).per_cent == 100
    assert Lead(0, 0, snapshot=False).per_cent is None


def test_the_lead_is_the_snapshot_where_there_is_one() -> None:
    assert lead(figure(due=4, met=3, missed=1)) == Lead(3, 4, snapshot=False)
    assert lead(figure(due=4, met=3, missed=1, in_scope=9, up_to_date=8)) == Lead(8, 9, snapshot=True)
