"""Who works where. Each team has posts; a post is held by one worker after another, sometimes with a gap between."""

from __future__ import annotations

from bisect import bisect_right
from random import Random

from caseclock.demo.county.draw import Chances, between, spread
from caseclock.demo.county.places import TEAMS

POSTS = 12  # social workers' posts in a team
STAY = spread({(60, 200): 12, (201, 500): 25, (501, 1000): 30, (1001, 2500): 33})  # days in post
VACANT = spread({(0, 0): 70, (1, 4): 18, (5, 14): 9, (15, 25): 3})  # days until the next one comes
AGENCY, NEWLY_QUALIFIED = 0.17, 0.15
FTE = Chances({1.0: 78, 0.8: 14, 0.6: 8})


class Tenure:
    """A worker in a post from `from_on` to the day before `to_on` (ordinals)."""

    __slots__ = ("agency", "from_on", "fte", "newly_qualified", "to_on", "worker")

    def __init__(self, worker: str, from_on: int, to_on: int, random: Random) -> None:
        self.worker, self.from_on, self.to_on = worker, from_on, to_on
        self.agency = random.random() < AGENCY
        self.newly_qualified = random.random() < NEWLY_QUALIFIED
        self.fte = FTE.draw(random.random())


class Post:
    """The holders of one post in turn, over the whole run."""

    __slots__ = ("_starts", "team", "tenures")

    def __init__(self, team: str, name: str, random: Random, first: int, last: int) -> None:
        self.team, self.tenures = team, list[Tenure]()
        day = first - between(random.random(), 0, 900)
        while day <= last:
            until = day + STAY.draw(random.random())
            self.tenures.append(Tenure(f"{name}{len(self.tenures):02d}", day, until, random))
            day = until + VACANT.draw(random.random())
        self._starts = [tenure.from_on for tenure in self.tenures]

    def holder(self, day: int) -> str:
        """Who holds the post on a day, or held it last."""
        return self.tenures[max(0, bisect_right(self._starts, day) - 1)].worker

    def during(self, from_on: int, to_on: int) -> list[Tenure]:
        """The tenures that touch the days from `from_on` to `to_on`."""
        start = max(0, bisect_right(self._starts, from_on) - 1)
        return [t for t in self.tenures[start:] if t.to_on > from_on and t.from_on <= to_on]


class Staff:
    """Every post, made when first asked for; the same whoever asks first."""

    def __init__(self, seed: int, first: int, last: int) -> None:
        self._seed, self._first, self._last = seed, first, last
        self.posts: dict[tuple[str, int], Post] = {}

    def post(self, team: str, roll: float) -> Post:
        """A post of a team; all alike."""
        key = (team, int(roll * POSTS))
        if key not in self.posts:
            self.posts[key] = self._make(*key)
        return self.posts[key]

    def _make(self, team: str, number: int) -> Post:
        place = TEAMS.index(team) * POSTS + number
        random = Random(f"{self._seed} post {place}")
        return Post(team, f"W{place:03d}", random, self._first, self._last)
