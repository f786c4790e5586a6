"""What each page is made of. Reading only: nothing here changes the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine, func, select
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from schemas.days import LONDON, london_day
from schemas.store import reader, table_of
from schemas.tables import LoggedEvent
from services import asked
from services.alerts.ack import listed
from services.alerts.digest import say
from services.ingest.verify import verify
from services.listing import standards_in_force
from services.overview import Overview, named, overview, week_to
from services.single import Rules
from services.timeliness import words
from services.timeliness.answers import BY, Question, figures_for
from services.timeliness.periods import Period
from services.worklists import worklist

MOST_ALERTS = 200
_LOG = table_of(LoggedEvent)


class Pages:
    """Each method is a page."""

    def __init__(self, engine: Engine, by: Rules, now: Callable[[], datetime]) -> None:
        self._engine, self._by, self._now = engine, by, now
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        filters: dict[str, Callable[..., str]] = {
            "day": _day,
            "instant": words.instant,
            "short": _short,
            "named": named,
            "step": say,
        }
        self._templates.filters.update(filters)
        self._kept = lru_cache(maxsize=4)(self._overview)

    def overview(self, request: Request) -> Response:
        """/ : the week, what is worst, what was told."""
        at = self._now()
        period = _period(request) if request.query_params.get("period") else None
        found = self._kept(at.replace(second=0, microsecond=0), self._head(), period)
        return self._page("overview.html", found=found, period=request.query_params.get("period", ""))

    def _overview(self, minute: datetime, _head: int, period: Period | None) -> Overview:
        """Worked out once a minute, or when the log has moved on."""
        return overview(self._engine, self._by, minute, period)

    def _head(self) -> int:
        with reader(self._engine) as connection:
            return connection.execute(select(func.coalesce(func.max(_LOG.c.seq), 0))).scalar_one()

    def figures(self, request: Request) -> Response:
        """/figures.json?period=2024-W10&by=division : as the command gives them."""
        query, at = request.query_params, self._now()
        period = _period(request) if query.get("period") else week_to(london_day(at))
        by, standard = query.get("by", "county"), query.get("standard") or None
        if by not in BY:
            raise HTTPException(400, f"by is one of {', '.join(BY)}")
        if standard is not None and standard not in self._by.register.standards:
            raise HTTPException(400, "there is no such standard; /standards lists them")
        question = Question(at, _moment(request, "known-at"), _moment(request, "as-of"))
        rule = self._by
        found = figures_for(
            self._engine, rule.register, rule.calendar, rule.divisions, period, question, by, standard
        )
        return Response(msgspec.json.encode(found), media_type="application/json")

    def alerts(self, request: Request) -> Response:
        """/alerts : what was told, the newest first."""
        found = listed(self._engine)
        return self._page("alerts.html", alerts=found[: -MOST_ALERTS - 1 : -1], count=len(found))

    def team(self, request: Request) -> Response:
        """/team/NAME : what a team has to do, the longest overdue first."""
        team = request.path_params["team"]
        todo = worklist(self._engine, team, self._now())
        told = listed(self._engine, team)
        if not todo and not told:
            raise HTTPException(404)
        titles = self._by.titles
        return self._page("team.html", team=team, todo=todo, alerts=told[:-21:-1], titles=titles)

    def standards(self, request: Request) -> Response:
        """/standards : what each asks, the limit in force and its source."""
        return self._page("standards.html", standards=standards_in_force(self._by.register, self._now()))

    def verify(self, request: Request) -> Response:
        """/verify : whether the log is whole."""
        return self._page("verify.html", found=verify(self._engine))

    def healthy(self, request: Request) -> Response:
        """/healthz : whether the store answers."""
        self._head()
        return Response("ok\n", media_type="text/plain")

    def missing(self, request: Request, wrong: Exception) -> Response:
        return self._page("missing.html", status=404)

    def _page(self, template: str, status: int = 200, **values: Any) -> Response:
        html = self._templates.get_template(template).render(now=self._now(), **values)
        return HTMLResponse(html, status)


def _day(when: date | None) -> str:
    return words.day(when) if when else ""


def _short(when: date | datetime | None) -> str:
    """21 Nov 2026, and the time where there is one."""
    if when is None:
        return ""
    if isinstance(when, datetime):
        local = when.astimezone(LONDON)
        return f"{local.day} {local:%b %Y %H:%M}"
    return f"{when.day} {when:%b %Y}"


def _period(request: Request) -> Period:
    try:
        return asked.period(request.query_params["period"])
    except ValueError as wrong:
        raise HTTPException(400, str(wrong)) from None


def _moment(request: Request, name: str) -> datetime | None:
    text = request.query_params.get(name)
    try:
        return asked.moment(text) if text else None
    except ValueError as wrong:
        raise HTTPException(400, f"{name}: {wrong}") from None
