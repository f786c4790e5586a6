"""Alerts: the list of them, and one with the form to answer it."""

from __future__ import annotations

import secrets
from datetime import date

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from caseclock.access_log import Look, enter
from caseclock.answering import answer_alert
from caseclock.queries.alerts import Shown, alert_shown, count_alerts, newest_alerts
from caseclock.queries.child import life
from caseclock.queries.open_cases import case_of
from caseclock.spreadsheet import Rows
from caseclock.web.downloads import check, file
from caseclock.web.formatting import STATUSES
from caseclock.web.forms import Answer, answer, fields_of, from_our_page
from caseclock.web.paging import ROWS, page_number
from caseclock.web.site import NOT_FOUND, PageRequest, Site
from schemas.store.engine import reader
from schemas.store.erased import NOBODY
from services.alerts.ladder.wording import say
from services.alerts.reports.acknowledge import NotAcknowledged

MOST_IN_A_FILE = 20_000  # the newest
EMPTY = Answer("", "", "", "", None, {})
COOKIE, SECURE_COOKIE = "caseclock_form", "__Host-caseclock_form"
OVER = "This alert is over: there is nothing left to promise"
EXPIRED = "This form is too old or was not sent from this page. What you typed is below: send it again"


class AlertPages:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._cookie = COOKIE if site.door.open else SECURE_COOKIE

    def listed(self, asked: PageRequest) -> Response:
        """/alerts : what was told, the newest first."""
        teams = asked.viewer.teams
        with reader(self._site.engine) as connection:
            total = count_alerts(connection, teams)
            page = page_number(total, asked.query.get("page"))
            rows = newest_alerts(connection, teams, asked.at, ROWS, page.first - 1)
        return self._site.page(asked, "alerts.html", page=page._replace(rows=rows))

    def file(self, asked: PageRequest) -> Response:
        """/alerts.csv, /alerts.xlsx"""
        kind = check(asked.path["kind"])
        with reader(self._site.engine) as connection:
            teams = asked.viewer.teams
            found = newest_alerts(connection, teams, asked.at, MOST_IN_A_FILE)
        self._site.enter(asked, {one.team for one in found}, f"file alerts.{kind}")
        return file(kind, "alerts", asked.today, {"Alerts": alert_rows(found, dict(self._site.by.titles))})

    def one(self, asked: PageRequest) -> Response:
        """/alert/ID : the alert; and its form, sent."""
        with reader(self._site.engine) as connection:
            found = alert_shown(connection, asked.path["alert"], asked.at)
        if found is None or not asked.viewer.sees(found.team):
            raise HTTPException(NOT_FOUND)
        if asked.request.method == "POST":
            return self._answered(asked, found)
        return self._page(asked, found, EMPTY)

    def _answered(self, asked: PageRequest, found: Shown) -> Response:
        if not from_our_page(asked.request.headers):
            raise HTTPException(403, "An alert is answered from its own page, and from no other")
        try:
            fields = fields_of(asked.body)
        except ValueError:
            raise HTTPException(400, "That is not a form as a browser sends it") from None
        typed = answer(fields, asked.today)
        if found.over or found.child == NOBODY:
            typed.wrong["form"] = OVER
        cookie, path = asked.request.cookies.get(self._cookie, ""), asked.request.url.path
        if not self._site.forms.fits(fields.get("token", ""), cookie, asked.viewer.person, path):
            typed.wrong["form"] = EXPIRED
        if not typed.wrong and typed.by is not None:
            try:
                above = self._above(asked, found.team)
                self._keep(asked, found, typed.reason, typed.by, above)
            except NotAcknowledged as refused:
                typed.wrong["form"] = str(refused)[:1].upper() + str(refused)[1:]
        if typed.wrong:
            return self._page(asked, found, typed)
        return RedirectResponse(f"{path}?answered=1", 303)

    def _keep(self, asked: PageRequest, found: Shown, reason: str, by: date, above: bool) -> None:
        """Keeps the answer, who gave it, and that they looked, together or not at all. Raises NotAcknowledged."""
        person = asked.viewer.person

        def also(connection: Connection) -> None:
            if person is not None:
                enter(connection, Look(asked.at, person, found.child or None, found.team, "alert answered"))

        site = self._site
        answer_alert(site.engine, site.by, found.id, reason, by, asked.at, above_team=above, person=person, also=also)

    def _above(self, asked: PageRequest, team: str) -> bool:
        """Whether a service manager or somebody higher is answering."""
        routes, person = self._site.by.routes, asked.viewer.person
        return routes is not None and person is not None and person in routes.line(team, asked.today)[1:]

    def _page(self, asked: PageRequest, found: Shown, typed: Answer) -> Response:
        theirs = self._theirs(asked, found)
        self._site.enter(asked, found.team, "alert page", found.child if theirs else None)
        cookie = asked.request.cookies.get(self._cookie) or secrets.token_urlsafe(24)
        token = self._site.forms.token(cookie, asked.viewer.person, asked.request.url.path)
        response = self._site.page(
            asked,
            "alert.html",
            400 if typed.wrong else 200,
            alert=found,
            typed=typed,
            token=token,
            theirs=theirs,
            answered=bool(found.answers) and asked.query.get("answered") == "1" and not typed.wrong,
        )
        response.set_cookie(
            self._cookie, cookie, path="/", httponly=True, samesite="strict", secure=not self._site.door.open
        )
        return response

    def _theirs(self, asked: PageRequest, found: Shown) -> bool:
        """Whether the child is with a team of theirs now: who was told of a child that went elsewhere sees the alert,
        and not the child. An erased child is nobody's."""
        if found.child == NOBODY:
            return False
        if asked.viewer.teams is None:
            return True
        with reader(self._site.engine) as connection:
            case = case_of(connection, found.child, asked.today)
        if case is not None:
            return asked.viewer.sees(case.held.team)
        known = life(self._site.engine, self._site.by, found.child, asked.at)
        return known is not None and asked.viewer.sees(known.team)


def alert_rows(alerts: list[Shown], titles: dict[str, str]) -> Rows:
    heading = ("Told", "Team", "Standard", "What", "Step", "Due", "Now", "Promised by", "Promise", "Reason", "Alert")
    return [
        heading,
        *(
            (
                one.told_at,
                one.team,
                one.standard,
                titles.get(one.standard),
                say(one.rung),
                one.due_on,
                STATUSES[one.status][0] if one.status else "Withdrawn",
                one.promised.by_on if one.promised else None,
                STATUSES[one.promised.standing][0] if one.promised else None,
                one.promised.reason if one.promised else None,
                one.id,
            )
            for one in alerts
        ),
    ]
