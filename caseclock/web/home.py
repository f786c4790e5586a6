"""The front page, the standards, the log, and the figures as JSON."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response

from caseclock import parsing as read
from caseclock.queries.front_page import Boards
from caseclock.queries.overview import week_to
from caseclock.queries.standards import standards_in_force
from caseclock.web.site import NOT_FOUND, PageRequest, Site
from schemas.store.engine import reader, table_of
from schemas.store.quarantine import how_many_wait
from schemas.store.tables import LoggedEvent
from schemas.time.days import london_day
from services.ingest.log.verify import Verified, verify
from services.timeliness.figures.questions import BY, Question, figures_for

_LOG = table_of(LoggedEvent)


class HomePages:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._boards = Boards(site.engine, site.by)
        self._verified = lru_cache(maxsize=1)(self._looked_through)

    def home(self, asked: PageRequest) -> Response:
        """/ : figures of the week, the longest overdue, the teams, the newest alerts."""
        text = asked.query.get("period", "").strip()
        wrong, period = "", None
        if text:
            try:
                period = read.period(text)
            except ValueError as refused:
                wrong = str(refused)
        found = self._boards.board(asked.at, self._site.head(), asked.viewer.teams, period)
        for team in sorted({one.team for one in found.worst}):
            self._site.enter(asked, team, "overview, the longest overdue")
        return self._site.page(
            asked, "home.html", 400 if wrong else 200, found=found, period=text, wrong=wrong, **self._log()
        )

    def _log(self) -> dict[str, int]:
        with reader(self._site.engine) as connection:
            return {"events": self._site.head(), "quarantined": how_many_wait(connection)}

    def figures(self, asked: PageRequest) -> Response:
        """/figures.json?period=2024-W10&by=division : as the command gives them; by team alone, and of their own, for
        somebody who does not answer for the whole county."""
        query, teams = asked.query, asked.viewer.teams
        by, standard = query.get("by", "county" if teams is None else "team"), query.get("standard") or None
        if by not in BY:
            raise HTTPException(400, f"by is one of {', '.join(BY)}")
        if teams is not None and by != "team":
            raise HTTPException(400, "by is team, for somebody who does not answer for the whole county")
        if standard is not None and standard not in self._site.by.register.standards:
            raise HTTPException(400, "there is no such standard; /standards lists them")
        try:
            period = read.period(query["period"]) if query.get("period") else week_to(london_day(asked.at))
            question = Question(asked.at, _moment(asked, "known-at"), _moment(asked, "as-of"))
        except ValueError as wrong:
            raise HTTPException(400, str(wrong)) from None
        rules = self._site.by
        found = figures_for(
            self._site.engine, rules.register, rules.calendar, rules.divisions, period, question, by, standard
        )
        seen = [figure for figure in found if teams is None or figure.group in teams]
        return Response(msgspec.json.encode(seen), media_type="application/json")

    def standards(self, asked: PageRequest) -> Response:
        """/standards : what each asks, the limit in force and its source."""
        found = standards_in_force(self._site.by.register, asked.at)
        return self._site.page(asked, "standards.html", standards=found)

    def verify(self, asked: PageRequest) -> Response:
        """/verify : whether the log is whole. For whoever answers for the whole county."""
        if asked.viewer.teams is not None:
            raise HTTPException(NOT_FOUND)
        return self._site.page(asked, "verify.html", found=self._verified(self._site.head()))

    def _looked_through(self, _head: int) -> Verified:
        """Once for each state of the log: it reads all of it."""
        return verify(self._site.engine)


def _moment(asked: PageRequest, name: str) -> datetime | None:
    text = asked.query.get(name)
    try:
        return read.moment(text) if text else None
    except ValueError as wrong:
        raise ValueError(f"{name}: {wrong}") from None
