"""The pages as a web application. A request under any name but ours is refused, so that no page of somebody else's can
read these by pointing a name of its own at this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from caseclock.runtime import Rules
from caseclock.web.alert import AlertPages
from caseclock.web.child import ChildPages
from caseclock.web.home import HomePages
from caseclock.web.sign_in import SignIn
from caseclock.web.site import Now, Site
from caseclock.web.team import TeamPages

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


def make_app(engine: Engine, rules: Rules, now: Now, door: SignIn | None = None, key: str | None = None) -> ASGIApp:
    """The application over a store. `now`: what time it is, whenever a page is asked for. `key`: the secret behind
    addresses and forms; None: one made up."""
    site = Site(engine, rules, now, door or SignIn(), key)
    home, team, child, alert = HomePages(site), TeamPages(site), ChildPages(site), AlertPages(site)
    app = Starlette(
        routes=[
            Route("/", site.shown(home.home)),
            Route("/figures.json", site.shown(home.figures)),
            Route("/alerts", site.shown(alert.listed)),
            Route("/alerts.{kind:str}", site.shown(alert.file)),
            Route("/alert/{alert}", site.shown(alert.one), methods=["GET", "POST"]),
            Route("/child/{token}", site.shown(child.one)),
            Route("/child/{token}/{file}", site.shown(child.file)),
            Route("/team/{rest:path}", site.shown(team.any)),
            Route("/standards", site.shown(home.standards)),
            Route("/verify", site.shown(home.verify)),
            Route("/healthz", _healthy(site)),
            Mount("/static", _Kept(directory=Path(__file__).with_name("static"))),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=site.door.hosts, www_redirect=False)],
        exception_handlers=dict.fromkeys((400, 403, 404, 405, 413, 429, 503, Exception), site.refused),
    )
    app.router.redirect_slashes = False  # it would write an address of its own, and http in it behind a proxy
    return WithHeaders(app)  # around everything, so that errors carry them too


def _healthy(site: Site) -> Callable[[Request], Response]:
    def healthy(request: Request) -> Response:
        """/healthz : whether the store answers; nobody need sign in to ask."""
        site.head()
        return PlainTextResponse("ok\n")

    return healthy


class _Kept(StaticFiles):
    """Style and icon may be kept by a browser for an hour: there is nothing of anybody in them."""

    def file_response(self, *args: object, **more: object) -> Response:
        response = super().file_response(*args, **more)  # type: ignore[arg-type]
        response.headers["cache-control"] = "public, max-age=3600"
        return response


class WithHeaders:
    """Adds the headers that keep a page to itself to every answer that has no other word on it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message.get("headers", ())}
                message["headers"] = [
                    *message.get("headers", ()),
                    *((name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in said),
                ]
            await send(message)

        await self._app(scope, receive, sending)
