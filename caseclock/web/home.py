"""The front page, the standards, the log, and the figures as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec
from markupsafe import Markup
from sqlalchemy import func, select
from starlette.exceptions import HTTPException
from starlette.responses import Response

from caseclock import parsing as read
from caseclock.queries.front_page import Board, Boards
from caseclock.queries.kept import Kept
from caseclock.queries.overview import week_to
from caseclock.queries.standards import standards_in_force
from caseclock.web.bounded import OneAtATime
from caseclock.web.site import NOT_FOUND, PageRequest, Site
from schemas.store.engine import reader, table_of
from schemas.store.quarantine import how_many_wait
from schemas.store.tables import Acknowledgement, Alert, LoggedEvent
from schemas.time.days import london_day
from services.ingest.log.verify import Verified, verify
from services.timeliness.figures.kpi import Figure
from services.timeliness.figures.periods import Period
from services.timeliness.figures.questions import BY, Question, figures_for

_LOG, _ALERT, _ACK = table_of(LoggedEvent), table_of(Alert), table_of(Acknowledgement)


class State(NamedTuple):
    """Holds what tells one state of the store from another: the last event, the last alert and the last answer; and
    how many records wait in quarantine."""

    head: int
    told_at: datetime | None
    answer: int
    waiting: int


class HomePages:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._boards = Boards(site.engine, site.by)
        self._parts: Kept[tuple[Board, Markup]] = Kept(64)
        self._verified: Kept[Verified] = Kept(1)
        self._past: Kept[list[Figure]] = Kept(32)
        self._bounded = OneAtATime()

    def home(self, asked: PageRequest) -> Response:
        """/ : figures of the week, the longest overdue, the teams, the newest alerts."""
        text = asked.query.get("period", "").strip()
        wrong, period = "", None
        if text:
            try:
                period = read.period(text)
            except ValueError as refused:
                wrong = str(refused)
        state = self._state()
        found, board = self._shown(asked, state, period)
        self._site.enter(asked, {one.team for one in found.worst}, "overview, the longest overdue")
        return self._site.page(
            asked,
            "home.html",
            400 if wrong else 200,
            week=found.week,
            board=board,
            period=text,
            wrong=wrong,
            events=state.head,
            quarantined=state.waiting,
        )

    def _shown(self, asked: PageRequest, state: State, period: Period | None) -> tuple[Board, Markup]:
        """What is shown of a state of the store, written once for all who may see the same."""
        teams = asked.viewer.teams

        def write() -> tuple[Board, Markup]:
            found = self._boards.board(asked.at, state.head, teams, period)
            return found, self._site.part("home_board.html", found=found, whole=teams is None)

        minute = asked.at.replace(second=0, microsecond=0)
        return self._parts.get((minute, state, None if teams is None else frozenset(teams), period), write)

    def _state(self) -> State:
        with reader(self._site.engine) as connection:
            newest = select(
                select(func.max(_LOG.c.seq)).scalar_subquery(),
                select(func.max(_ALERT.c.told_at)).scalar_subquery(),
                select(func.max(_ACK.c.id)).scalar_subquery(),
            )
            head, told, answered = connection.execute(newest).one()
            return State(head or 0, told, answered or 0, how_many_wait(connection))

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
        found = self._asked(asked, period, question, by, standard)
        seen = [figure for figure in found if teams is None or figure.group in teams]
        return Response(msgspec.json.encode(seen), media_type="application/json")

    def _asked(
        self, asked: PageRequest, period: Period, question: Question, by: str, standard: str | None
    ) -> list[Figure]:
        """Answers from the clocks of now; or of the past, which folds the log again: kept by its question, while the
        log has not moved on."""
        rules = self._site.by

        def work_out() -> list[Figure]:
            return figures_for(
                self._site.engine, rules.register, rules.calendar, rules.divisions, period, question, by, standard
            )

        if not question.of_the_past:
            return work_out()
        minute = asked.at.replace(second=0, microsecond=0) if question.as_of is None else None
        key = minute, self._site.head(), period, question.known_at, question.as_of, by, standard
        if (kept := self._past.peek(key)) is not None:
            return kept
        with self._bounded.question_of(asked.viewer.person):
            return self._past.get(key, work_out)

    def standards(self, asked: PageRequest) -> Response:
        """/standards : what each asks, the limit in force and its source."""
        found = standards_in_force(self._site.by.register, asked.at)
        return self._site.page(asked, "standards.html", standards=found)

    def verify(self, asked: PageRequest) -> Response:
        """/verify : whether the log is whole. For whoever answers for the whole county."""
        if asked.viewer.teams is not None:
            raise HTTPException(NOT_FOUND)
        return self._site.page(asked, "verify.html", found=self._looked_through())

    def _looked_through(self) -> Verified:
        """Once for each state of the log: it reads all of it."""
        return self._verified.get(self._site.head(), lambda: verify(self._site.engine))


def _moment(asked: PageRequest, name: str) -> datetime | None:
    text = asked.query.get(name)
    try:
        return read.moment(text) if text else None
    except ValueError as wrong:
        raise ValueError(f"{name}: {wrong}") from None
