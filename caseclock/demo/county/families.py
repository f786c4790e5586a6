"""Families: who is in them, and when they are referred, and again.

A family is referred as one. Drawing a family is cheap (no event is written), so a county that has been running for
years before the span is had by drawing all its families and keeping those whose work reaches into the span.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from caseclock.demo.county.days import birthday_of
from caseclock.demo.county.draw import Chances, Roll, between, spread
from caseclock.demo.county.outline import outline
from caseclock.demo.county.people import Child, Family
from caseclock.demo.county.places import AREAS
from caseclock.demo.county.setting import Setting

HOW_MANY = Chances({1: 46, 2: 28, 3: 15, 4: 7, 5: 4})
AGE = spread({(0, 0): 15, (1, 4): 28, (5, 9): 30, (10, 15): 25, (16, 16): 2})  # years, of the youngest who is referred
ORIGIN = Chances({"referred": 0.982, "asylum": 0.012, "moved_in": 0.006})
UNBORN = 0.035  # of families referred, those expecting a child
GAP = spread({(4, 60): 24, (61, 150): 26, (151, 300): 20, (301, 600): 16, (601, 1300): 14})  # days from closing
KNOWN_TWICE = 0.005  # of families, those with a child who has two numbers for a while
ELSEWHERE = 1_000_000_000  # past the number of any family of a run
REMEMBERED = 366  # an episode that closed longer than this before the span is not told


def draw_family(number: int, setting: Setting, random: Random) -> Family | None:
    """The `number`-th family of the run, or None if nothing of its story reaches into the span.

    Seeds `random` by run and number; the telling of the story goes on from where this leaves it.
    """
    random.seed((setting.seed << 40) + number)
    roll = random.random
    day = setting.arrivals.draw(roll())
    origin = ORIGIN.draw(roll())
    family = Family(AREAS[int(roll() * len(AREAS))], _children(roll, day, origin))
    while True:
        members = [child for child in family.children if child.free_from <= day < child.adult_on - 150]
        if not members:
            break
        episode = outline(roll, setting, members, day, origin)
        family.episodes.append(episode)
        if roll() > setting.odds_on(day).comes_back:
            break
        day, origin = episode.closed_on + GAP.draw(roll()), "referred"
        if not setting.days.works(day) and roll() < 0.9:
            day = setting.days.on_or_after(day)
        if day > setting.last:
            break
    return _within_span(family, setting)


def families(setting: Setting, random: Random, children: int) -> Iterator[Family]:
    """Families of the run, named, until they hold `children` children in all. `random` is each family's own in turn."""
    named = number = 0
    while named < children:
        family = draw_family(number, setting, random)
        number += 1
        if family is not None:
            family.id = setting.code(f"family {named + 1}")
            named = _name(family, named, children, random.random)
            yield family


def share_kept(setting: Setting) -> float:
    """Children kept for each family drawn, found by drawing a county's families (none of those of the run)."""
    random, sample = Random(0), range(ELSEWHERE, ELSEWHERE + max(1, setting.families))
    kept = (draw_family(number, setting, random) for number in sample)
    return sum(len(family.children) for family in kept if family) / len(sample)


def _name(family: Family, named: int, limit: int, roll: Roll) -> int:
    """Numbers the children, leaving out those past the limit. Returns how many numbers are now taken."""
    del family.children[limit - named :]
    for child in family.children:
        named += 1
        child.id = f"C{named:06d}"
    if named < limit and roll() < KNOWN_TWICE:
        named += 1
        family.children[0].known_as = f"C{named:06d}"
    for episode in family.episodes:
        episode.members = [child for child in episode.members if child.id]
    family.episodes = [episode for episode in family.episodes if episode.members]
    return named


def _within_span(family: Family, setting: Setting) -> Family | None:
    family.children = [child for child in family.children if child.last_on >= setting.first]
    for episode in family.episodes:
        episode.members = [child for child in episode.members if child.last_on >= setting.first]
    remembered = setting.first - REMEMBERED
    family.episodes = [e for e in family.episodes if e.members and e.last_on >= remembered]
    return family if family.children else None


def _children(roll: Roll, day: int, origin: str) -> list[Child]:
    if origin == "asylum":
        return [_child(roll, 0, day - 365 * between(roll(), 14, 16) - between(roll(), 1, 300), asylum=True)]
    many = HOW_MANY.draw(roll())
    if origin == "referred" and roll() < UNBORN:
        expected_on = day + between(roll(), 20, 150)
        born_on = expected_on + between(roll(), -14, 10)
        children = [_child(roll, 0, born_on, expected_on)]
    else:
        born_on = day - 365 * AGE.draw(roll()) - between(roll(), 1, 364)
        children = [_child(roll, 0, born_on)]
    while len(children) < many:
        born_on -= between(roll(), 340, 1300)
        if day - born_on > 17 * 365:
            break
        children.append(_child(roll, len(children), born_on))
    return children


def _child(roll: Roll, place: int, born_on: int, expected_on: int | None = None, asylum: bool = False) -> Child:
    sex = "female" if roll() < (0.1 if asylum else 0.48) else "male"
    return Child(place, born_on, birthday_of(born_on, 18), expected_on, sex, roll() < 0.05, asylum)
