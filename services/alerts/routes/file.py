"""The routes file: the tree of county, divisions and teams, who is told, who covers, what is urgent, when the digest
goes out and by which channels. docs/alerts.md shows one; services/alerts/routes/county.routes.yaml is the believable
county's.

    >>> routes = load_routes(COUNTY)
    >>> routes.to_tell("north-family-1", "service_manager", date(2024, 3, 5)).people
    ('north-family-1-manager', 'north-service-manager')
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from schemas.errors import CaseclockError
from schemas.rungs import BOOKED_LATE, RUNG_KINDS
from schemas.strict_yaml import BadYaml, read_with_lines
from services.alerts.routes.circles import circle
from services.alerts.routes.fields import Fields, Place, RouteFault
from services.alerts.routes.line import DEFAULT_HOURS, Absence, Hours, Person, Post, Routes, Team, Urgent

__all__ = ["CHANNELS", "COUNTY", "BadRoutes", "Routes", "load_routes"]

CHANNELS = ("email", "notify", "webhook", "file", "console")
COUNTY = Path(__file__).with_name("county.routes.yaml")


class BadRoutes(CaseclockError):
    """The file cannot be used. The message has a line for each fault: file, line, field and what to do."""

    def __init__(self, message: str, faults: Collection[RouteFault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


def load_routes(path: Path, standards: Collection[str] | None = None) -> Routes:
    """The routes in a file. `standards`: the ids there are, to hold what is urgent against. Raises BadRoutes with all
    that is wrong."""
    try:
        raw, lines = read_with_lines(path)
    except BadYaml as wrong:
        raise BadRoutes(f"{wrong}") from wrong
    faults: list[RouteFault] = []
    routes = _File(raw, lines, faults, standards).routes()
    if faults:
        said = "\n".join(f"{path}, line {f.line}, {f.field}: {f.what}" for f in sorted(faults))
        raise BadRoutes(said, sorted(faults))
    return routes


class _File:
    """One reading of a file."""

    def __init__(
        self, raw: object, lines: Mapping[Place, int], faults: list[RouteFault], standards: Collection[str] | None
    ) -> None:
        self._top = Fields(raw, (), lines, faults)
        self._faults, self._standards = faults, standards
        self._people: dict[str, Person] = {}
        self._teams: dict[str, Team] = {}

    def routes(self) -> Routes:
        top = self._top
        self._read_people()
        county = self._read_tree()
        hours = self._read_hours()
        urgent = self._read_urgent()
        channels = top.several("channels", CHANNELS)
        if not channels and not top.has("channels"):
            top.wrong(("channels",), f"is needed; list one or more of {', '.join(CHANNELS)}, the first tried first")
        digest_at = top.time("digest_at", hours[0])
        top.end()
        return Routes(
            self._people.values(),
            self._teams.values(),
            county,
            channels=channels,
            digest_at=digest_at,
            hours=hours,
            urgent=urgent,
        )

    def _read_people(self) -> None:
        entries = [(fields, _person(fields)) for fields in self._top.parts("people")]
        names: dict[str, str] = {}
        for fields, person in entries:
            if person is None:
                continue
            if person.id in self._people:
                fields.wrong(("id",), f"{person.id!r} is there twice; give each person an id of their own")
                continue
            self._people[person.id] = person
            for name in {name.casefold() for name in (person.id, person.email, *person.also)}:
                if names.setdefault(name, person.id) != person.id:
                    fields.wrong((), f"{name!r} is also {names[name]}'s; an address belongs to one person")
        for fields, person in entries:
            if person is not None:
                for number, absence in enumerate(person.absences):
                    self._check_cover(fields, number, person, absence)
        self._check_circles(entries)
        if not entries:
            self._top.wrong(("people",), "is needed; list who can be told, each with id and email")

    def _check_cover(self, fields: Fields, number: int, person: Person, absence: Absence) -> None:
        at: Place = ("absent", number, "cover")
        if absence.cover == person.id:
            fields.wrong(at, "is the absent person; name somebody else, or leave it out")
        elif absence.cover is not None:
            self._check_known(fields, at, absence.cover)

    def _check_circles(self, entries: list[tuple[Fields, Person | None]]) -> None:
        """Refuses covers that lead round in a circle on some day, once each: then nobody would answer."""
        said: set[frozenset[str]] = set()
        for fields, person in entries:
            for number, absence in enumerate(person.absences if person is not None else ()):
                found = circle(self._people, person.id, absence) if person is not None else None
                if found is not None and frozenset(found[1]) not in said:
                    said.add(frozenset(found[1]))
                    fields.wrong(
                        ("absent", number, "cover"),
                        f"on {found[0]} {', '.join(found[1])} are all away and cover for one another; name somebody who"
                        " is there, or leave it out",
                    )

    def _check_known(self, fields: Fields, at: Place, who: str) -> bool:
        if who in self._people:
            return True
        fields.wrong(at, f"{who!r} is none of `people`; add them there, or correct the id")
        return False

    def _post(self, fields: Fields, name: str) -> Post:
        who = fields.text(name)
        return who if who is not None and self._check_known(fields, (name,), who) else None

    def _read_tree(self) -> tuple[Post, Post]:
        county = self._top.part("county")
        head, director = self._post(county, "head_of_service"), self._post(county, "director")
        if not county.has("head_of_service") and not county.has("director"):
            county.wrong((), "needs a head_of_service or a director: somebody has to be told when nobody else can")
        divisions: set[str] = set()
        for fields in county.parts("divisions"):
            name = fields.text("name", needed=True)
            if name in divisions:
                fields.wrong(("name",), f"{name!r} is there twice; give each division a name of its own")
            divisions.add(name or "")
            manager = self._post(fields, "service_manager")
            own = self._post(fields, "head_of_service") or head
            for team in fields.parts("teams"):
                self._read_team(team, name or "", (manager, own, director))
            fields.end()
        if not self._teams:
            county.wrong((), "has no teams; list divisions, each with name and teams")
        county.end()
        return head, director

    def _read_team(self, fields: Fields, division: str, above: tuple[Post, Post, Post]) -> None:
        name = fields.text("name", needed=True)
        manager = self._post(fields, "manager")
        fields.end()
        if name is None:
            return
        if name in self._teams:
            fields.wrong(("name",), f"{name!r} is there twice; a team is in one division")
        self._teams[name] = Team(name, division, (manager, *above))

    def _read_hours(self) -> Hours:
        fields = self._top.part("hours")
        hours = fields.time("from", DEFAULT_HOURS[0]), fields.time("to", DEFAULT_HOURS[1])
        fields.end()
        if hours[0] >= hours[1]:
            fields.wrong((), f"run from {hours[0]:%H:%M} to {hours[1]:%H:%M}; write the earlier time first")
        return hours

    def _read_urgent(self) -> Urgent:
        fields = self._top.part("urgent")
        standards = fields.several("standards", self._standards)
        rungs = fields.several("rungs", RUNG_KINDS)
        outside = fields.choice("outside_hours", ("wait", "tell"), "wait")
        fields.end()
        return Urgent(frozenset(standards), frozenset((BOOKED_LATE, *rungs)), outside == "tell")


def _person(fields: Fields) -> Person | None:
    id, email = fields.text("id", needed=True), fields.email("email")
    also = tuple(fields.several("also"))
    absences: list[Absence] = []
    for entry in fields.parts("absent"):
        absence = _absence(entry)
        if absence is not None:
            if any(absence.first <= other.last and other.first <= absence.last for other in absences):
                entry.wrong((), "overlaps another absence; join the two, or correct the days")
            absences.append(absence)
    fields.end()
    return Person(id, email, also, tuple(absences)) if id and email else None


def _absence(fields: Fields) -> Absence | None:
    first, last, cover = fields.day("from"), fields.day("to"), fields.text("cover")
    fields.end()
    if first is None or last is None:
        return None
    if last < first:
        fields.wrong((), f"ends on {last}, before it begins on {first}; write the earlier day first")
    return Absence(first, last, cover)
