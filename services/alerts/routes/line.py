"""The line of management: who answers for a team on a day, and who is next above them. Pure.

A team's line has four posts, lowest first: team manager, service manager of the division, head of service, director.
Whoever holds a post may be absent, and may have named who covers. Where that leads to nobody, the post above speaks for
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import NamedTuple

import msgspec

from schemas.rungs import BOOKED_LATE
from services.alerts.ladder.model import LEVELS

Hours = tuple[time, time]
DEFAULT_HOURS: Hours = (time(8), time(18))

Post = str | None  # the id of who holds it; None while nobody does


class Absence(msgspec.Struct, frozen=True):
    """Away from the first to the last London day, both inclusive. `cover`: who answers meanwhile, if anybody."""

    first: date
    last: date
    cover: str | None = None


class Person(msgspec.Struct, frozen=True):
    """Somebody who is told. `also`: other addresses or names that a sign-in may know them by."""

    id: str
    email: str
    also: tuple[str, ...] = ()
    absences: tuple[Absence, ...] = ()

    def absence(self, on: date) -> Absence | None:
        return next((one for one in self.absences if one.first <= on <= one.last), None)


class Team(msgspec.Struct, frozen=True):
    name: str
    division: str
    posts: tuple[Post, ...]  # as LEVELS


class Urgent(msgspec.Struct, frozen=True):
    """Holds what does not wait for the digest: these standards' bad news, and these kinds of rung of any standard. A
    booking for after the due day never waits. `outside_hours`: tell it at night and at weekends too."""

    standards: frozenset[str] = frozenset()
    rungs: frozenset[str] = frozenset((BOOKED_LATE,))
    outside_hours: bool = False


class ToTell(NamedTuple):
    """Who is to be told, lowest first. `unmanned`: nobody answers for the team itself, so it went up the line."""

    people: tuple[str, ...]
    unmanned: bool


class Routes:
    """Who is told, when and how. `hours`: of a working day, London, from inclusive, to exclusive. `channels`: in the
    order in which they are tried. `county`: head of service and director, for teams that are in no division."""

    def __init__(
        self,
        people: Iterable[Person],
        teams: Iterable[Team],
        county: Sequence[Post],
        *,
        channels: Sequence[str] = ("console",),
        digest_at: time = time(8, 30),
        hours: Hours = DEFAULT_HOURS,
        urgent: Urgent = Urgent(),
    ) -> None:
        self.people: Mapping[str, Person] = {person.id: person for person in people}
        self.teams: Mapping[str, Team] = {team.name: team for team in teams}
        self.county: tuple[Post, ...] = (None, None, *county)
        self.channels, self.digest_at, self.hours, self.urgent = tuple(channels), digest_at, hours, urgent
        self._known = {
            name.casefold(): person
            for person in self.people.values()
            for name in (person.id, person.email, *person.also)
        }

    def person(self, identity: str) -> Person | None:
        """By id, e-mail or any other name of theirs; capital letters do not matter."""
        return self._known.get(identity.strip().casefold())

    def posts(self, team: str) -> tuple[Post, ...]:
        """Who holds the four posts of a team's line. A team that the file does not name has the county's alone."""
        found = self.teams.get(team)
        return found.posts if found else self.county

    def teams_of(self, person_id: str, on: date | None = None) -> frozenset[str]:
        """The teams that a person answers for: a manager's own, a service manager's division, and all for the head of
        service or director of the county. With a day, those also that they cover for on it."""
        own = {team.name for team in self.teams.values() if person_id in team.posts}
        if on is not None:
            own |= {
                team.name
                for team in self.teams.values()
                if any(self.stand_in(post, on) == person_id for post in team.posts)
            }
        return frozenset(own)

    def sees_all(self, person_id: str) -> bool:
        """Whether they answer for the whole county, and so also for teams that the file does not name."""
        return person_id in self.county

    def stand_in(self, post: Post, on: date) -> str | None:
        """Who answers for a post on a day: its holder, or whoever covers for them, or for those in turn. None where
        that leads to nobody."""
        seen: set[str] = set()
        while post is not None and post not in seen:
            seen.add(post)
            absence = self.people[post].absence(on)
            if absence is None:
                return post
            post = absence.cover
        return None

    def line(self, team: str, on: date) -> tuple[Post, ...]:
        """Who answers for each post of a team on a day, lowest first."""
        return tuple(self.stand_in(post, on) for post in self.posts(team))

    def to_tell(self, team: str, level: str, on: date) -> ToTell:
        """Everybody on a team's line up to a level. For a post where nobody answers, the next above."""
        line = self.line(team, on)
        wanted = range(LEVELS.index(level) + 1)
        found = [next((who for who in line[post:] if who is not None), None) for post in wanted]
        people = dict.fromkeys(who for who in found if who is not None)
        if not people:  # nobody at that height or above: then whoever is highest
            people = dict.fromkeys(who for who in line if who is not None)
        return ToTell(tuple(people), line[0] is None)

    def above(self, person_id: str, team: str, on: date) -> tuple[str, ...]:
        """Who is next on a team's line if this person cannot be reached, nearest first."""
        line = self.line(team, on)
        rest = line[line.index(person_id) + 1 :] if person_id in line else line
        return tuple(dict.fromkeys(who for who in rest if who is not None and who != person_id))

    def unmanned(self, teams: Iterable[str], on: date) -> list[str]:
        """Those of the teams for which nobody answers on a day, so that the next above is told instead."""
        return sorted(team for team in set(teams) if self.line(team, on)[0] is None)
