"""A team: what is due and overdue, and every child by days since last seen."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.exceptions import HTTPException
from starlette.responses import Response

from caseclock.queries.alerts import newest_alerts
from caseclock.queries.one_source import OneSource, told_by_one_source
from caseclock.queries.open_cases import Held, OpenChild, open_children
from caseclock.queries.worklist import ToDo, worklist
from caseclock.spreadsheet import Rows
from caseclock.web.downloads import check, file
from caseclock.web.formatting import STATUSES
from caseclock.web.paging import page_of
from caseclock.web.site import NOT_FOUND, PageRequest, Site
from schemas.store.engine import reader

ALERTS_SHOWN = 10
LISTS = {"due": "Due and overdue", "children": "Children by last seen", "one-source": "In one source only"}


class TeamPages:
    def __init__(self, site: Site) -> None:
        self._site = site

    def any(self, asked: PageRequest) -> Response:
        """/team/NAME, /team/NAME/children, /team/NAME/one-source, and their files: /team/NAME/due.csv ...

        Names of teams hold any character; in an address a `/` of theirs is %2F, so the path is read as it came."""
        raw = asked.request.scope.get("raw_path", b"").split(b"?")[0].decode("ascii", "replace")
        name, _, what = raw.removeprefix("/team/").partition("/")
        team = unquote(name)
        if not team or not asked.viewer.sees(team):
            raise HTTPException(NOT_FOUND)
        shown = {"": self._due, "children": self._children, "one-source": self._one_source}
        if what in shown:
            return shown[what](asked, team)
        listed, _, kind = what.partition(".")
        if listed not in LISTS:
            raise HTTPException(NOT_FOUND)
        return self._file(asked, team, listed, check(kind))

    def _due(self, asked: PageRequest, team: str) -> Response:
        todo = worklist(self._site.engine, team, asked.at)
        with reader(self._site.engine) as connection:
            alerts = newest_alerts(connection, [team], asked.at, ALERTS_SHOWN)
        if not todo and not alerts:
            self._check_known(asked, team)
        self._site.enter(asked, team, "list of what is due")
        page = page_of(todo, asked.query.get("page"))
        overdue = sum(one.status == "overdue" for one in todo)
        one_source = sum(one.running for one in told_by_one_source(self._site.engine, team, asked.at))
        return self._site.page(
            asked, "team.html", team=team, page=page, overdue=overdue, alerts=alerts, one_source=one_source
        )

    def _children(self, asked: PageRequest, team: str) -> Response:
        children = open_children(self._site.engine, team, asked.at)
        if not children:
            self._check_known(asked, team)
        self._site.enter(asked, team, "list of children")
        page = page_of(children, asked.query.get("page"))
        never = sum(one.seen_on is None and not one.unborn for one in children)
        return self._site.page(asked, "children.html", team=team, page=page, never=never)

    def _one_source(self, asked: PageRequest, team: str) -> Response:
        found = told_by_one_source(self._site.engine, team, asked.at)
        if not found:
            self._check_known(asked, team)
        self._site.enter(asked, team, "list of what is in one source only")
        return self._site.page(asked, "one_source.html", team=team, page=page_of(found, asked.query.get("page")))

    def _file(self, asked: PageRequest, team: str, listed: str, kind: str) -> Response:
        self._check_known(asked, team)
        titles = self._site.by.titles
        if listed == "due":
            rows = due_rows(worklist(self._site.engine, team, asked.at), dict(titles))
        elif listed == "one-source":
            rows = one_source_rows(told_by_one_source(self._site.engine, team, asked.at))
        else:
            rows = children_rows(open_children(self._site.engine, team, asked.at))
        self._site.enter(asked, team, f"file {listed}.{kind}")
        return file(kind, listed, asked.today, {LISTS[listed]: rows})

    def _check_known(self, asked: PageRequest, team: str) -> None:
        """A team without anything to show is a page of its own only if anybody knows of it."""
        if asked.viewer.teams is None and not self._site.knows(team):
            raise HTTPException(NOT_FOUND)


def due_rows(todo: list[ToDo], titles: dict[str, str]) -> Rows:
    heading = (
        "Due",
        "Status",
        "Days overdue",
        "Standard",
        "What",
        "Child",
        "Worker",
        "Booked for",
        "Promised by",
        "Promise",
    )
    return [
        heading,
        *(
            (
                one.due_on,
                STATUSES[one.status][0],
                one.days if one.status == "overdue" else None,
                one.standard,
                titles.get(one.standard),
                one.child,
                _worker(one.held),
                one.booked_on,
                one.promised.by_on if one.promised else None,
                STATUSES[one.promised.standing][0] if one.promised else None,
            )
            for one in todo
        ),
    ]


def children_rows(children: list[OpenChild]) -> Rows:
    heading = ("Child", "Last seen", "Days since seen", "Plans", "Worker", "Role", "Open since")
    return [
        heading,
        *(
            (
                one.child,
                one.seen_on if one.seen_on or one.unborn else "never",
                one.days,
                ", ".join(one.plans) or None,
                _worker(one.held),
                (one.held.role or "").replace("_", " ") or None,
                one.opened_on,
            )
            for one in children
        ),
    ]


def one_source_rows(found: list[OneSource]) -> Rows:
    heading = ("What", "Began", "Child", "Only in", "Still running")
    return [
        heading,
        *((one.what, one.began_on, one.child, one.source, "yes" if one.running else "no") for one in found),
    ]


def _worker(held: Held | None) -> str | None:
    return held.worker if held else None
