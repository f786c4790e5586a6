"""Gives every page what it needs: the store, who is asking, how it is written, and the entry of a look at a child."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Engine, func, select
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from caseclock.access_log import Look, looked
from caseclock.queries.kept import Kept
from caseclock.queries.teams import team_is_known
from caseclock.runtime import OTHER_RULES, RULES_CHANGED, Rules, files_of_rules, folded_by
from caseclock.web.formatting import templates
from caseclock.web.forms import LARGEST, FormKey
from caseclock.web.sign_in import Refusal, SignIn, Viewer
from caseclock.web.tokens import Tokens
from schemas.store.engine import reader, table_of
from schemas.store.tables import LoggedEvent
from schemas.time.days import london_day

_LOG = table_of(LoggedEvent)
Now = Callable[[], datetime]
NOT_FOUND = 404  # also for what is there and not theirs to see: a guess learns nothing


class PageRequest:
    """A request: who asks, when, and for what."""

    def __init__(self, request: Request, viewer: Viewer, at: datetime, body: bytes) -> None:
        self.request, self.viewer, self.at, self.body = request, viewer, at, body
        self.query, self.path = request.query_params, request.path_params

    @property
    def today(self) -> date:
        return london_day(self.at)


View = Callable[[PageRequest], Response]


class Site:
    """The pages share one. `key`: the server's secret."""

    def __init__(self, engine: Engine, rules: Rules, now: Now, door: SignIn, key: str | None) -> None:
        key = key or secrets.token_hex(32)
        self.engine, self.by, self.now, self.door = engine, rules, now, door
        self.tokens, self.forms = Tokens(key), FormKey(key)
        self._files, self._warnings = files_of_rules(), Kept[str](1)
        self._templates = templates(rules.titles, self.tokens)

    def shown(self, view: View) -> Callable[[Request], Any]:
        """An endpoint: the view, for whoever may come in."""

        async def endpoint(request: Request) -> Response:
            at = self.now()
            if "\0" in request.scope["path"] or any("\0" in value for value in request.query_params.values()):
                raise HTTPException(NOT_FOUND)
            viewer = self.door.viewer(request.headers, london_day(at))
            if isinstance(viewer, Refusal):
                return self.write("refused.html", None, at, 403, refusal=viewer)
            body = await _body(request) if request.method == "POST" else b""
            return await run_in_threadpool(view, PageRequest(request, viewer, at, body))

        return endpoint

    def page(self, asked: PageRequest, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        path, warning = asked.request.url.path, self.warning(asked.at)
        return self.write(template, asked.viewer, asked.at, status, path=path, warning=warning, **values)

    def warning(self, at: datetime) -> str:
        """Returns what every page says where it does not go by the rules of now; looked at once a minute."""
        return self._warnings.get(at.replace(second=0, microsecond=0), self._look_at_rules)

    def _look_at_rules(self) -> str:
        if files_of_rules() != self._files:
            return RULES_CHANGED
        return "" if folded_by(self.engine, self.by) else OTHER_RULES

    def part(self, template: str, **values: Any) -> Markup:
        """A part of a page that is the same for several who may see the same."""
        return Markup(self._templates.get_template(template).render(**values))  # noqa: S704  (escaped by the template)

    def write(
        self,
        template: str,
        viewer: Viewer | None,
        at: datetime,
        status: int,
        path: str = "",
        warning: str = "",
        **values: Any,
    ) -> HTMLResponse:
        html = self._templates.get_template(template).render(
            now=at, viewer=viewer, here=path, warning=warning, **values
        )
        return HTMLResponse(html, status)

    def enter(self, asked: PageRequest, teams: str | Iterable[str], what: str, child: str | None = None) -> None:
        """Enters that somebody looks at a child, or at a list of the children of a team or of several: entered before
        it is shown. Where nobody signs in there is nobody to enter."""
        person = asked.viewer.person
        those = [teams] if isinstance(teams, str) else sorted(set(teams))
        if person is not None and those:
            looked(self.engine, *(Look(asked.at, person, child, team, what) for team in those))

    def head(self) -> int:
        """Returns how many events there are."""
        with reader(self.engine) as connection:
            head: int = connection.execute(select(func.coalesce(func.max(_LOG.c.seq), 0))).scalar_one()
            return head

    def knows(self, team: str) -> bool:
        """Whether anything is known of a team: it is in the file of teams, or holds or held something."""
        if team in self.by.divisions.names:
            return True
        with reader(self.engine) as connection:
            return team_is_known(connection, team)

    async def refused(self, request: Request, wrong: Exception) -> Response:
        """The page of an error, 404 among them."""
        status = wrong.status_code if isinstance(wrong, HTTPException) else 500
        detail = wrong.detail if isinstance(wrong, HTTPException) and status not in (404, 405) else ""
        detail = (
            "Something failed here. It is in the log of the pages; try again in a minute" if status == 500 else detail
        )
        page = self.write("missing.html", None, self.now(), status, detail=detail)
        page.headers.update(getattr(wrong, "headers", None) or {})
        return page


async def _body(request: Request) -> bytes:
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                raise HTTPException(413, "That form is too large")
    except ClientDisconnect:  # nobody is there to be answered, and it is no fault of ours to log
        raise HTTPException(400, "The form did not arrive whole") from None
    return body
