"""One child: what is due, every deadline explained, and all that happened. Reached by an address that is not the id."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from caseclock.queries.child import OPEN, Deadline, Life, life
from caseclock.spreadsheet import Rows
from caseclock.web.downloads import check, file
from caseclock.web.formatting import STATUSES, event_words
from caseclock.web.paging import page_of
from caseclock.web.site import NOT_FOUND, PageRequest, Site

ENTRIES = 100  # of the line of time on a page


class ChildPages:
    def __init__(self, site: Site) -> None:
        self._site = site

    def one(self, asked: PageRequest) -> Response:
        """/child/TOKEN"""
        found = self._found(asked)
        self._site.enter(asked, found.team, "child page", found.child)
        page = page_of(found.entries, asked.query.get("page"), ENTRIES)
        past = [one for one in reversed(found.of(*STATUSES)) if one.status not in OPEN]
        return self._site.page(asked, "child.html", life=found, open=found.of(*OPEN), past=past, page=page)

    def file(self, asked: PageRequest) -> Response:
        """/child/TOKEN/timeline.csv, .xlsx"""
        name, _, kind = asked.path["file"].partition(".")
        if name != "timeline":
            raise HTTPException(NOT_FOUND)
        check(kind)
        found = self._found(asked)
        self._site.enter(asked, found.team, f"file timeline.{kind}", found.child)
        sheets = {"What happened": entry_rows(found), "Deadlines": deadline_rows(found.deadlines)}
        return file(kind, "timeline", asked.today, sheets)

    def _found(self, asked: PageRequest) -> Life:
        """The child of an address, if it is theirs to see: nobody can tell which of the two it was not."""
        child = self._site.tokens.child(asked.path["token"])
        found = life(self._site.engine, self._site.by, child, asked.at) if child is not None else None
        if found is None or not asked.viewer.sees(found.team):
            raise HTTPException(NOT_FOUND)
        return found


def entry_rows(found: Life) -> Rows:
    return [
        ("Day", "What", "Details", "Known since"),
        *(
            (
                entry.day,
                f"{entry.deadline.standard} due" if entry.deadline else event_words(entry.kind),
                STATUSES[entry.deadline.status][0] if entry.deadline else "; ".join(entry.details) or None,
                entry.known_on,
            )
            for entry in found.entries
        ),
    ]


def deadline_rows(deadlines: list[Deadline]) -> Rows:
    return [
        ("Standard", "What", "Began", "Due", "Status", "Ended", "Explanation"),
        *(
            (
                one.standard,
                one.title,
                one.clock.started_on,
                one.clock.due_on,
                STATUSES[one.status][0],
                one.clock.ended_on,
                " ".join([*one.told.start, *one.told.sum, *one.told.end]),
            )
            for one in deadlines
        ),
    ]
