"""The pages as a web application. It answers this machine only: a request under any other name is refused, so that no
page of somebody else's can read it by pointing a name of its own at this machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.pages.views import Pages
from services.single import Rules

NAMES = ["127.0.0.1", "localhost"]
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


def make_app(engine: Engine, by: Rules, now: Callable[[], datetime]) -> Starlette:
    """The application over a store. `now`: what time it is, whenever a page is asked for."""
    pages = Pages(engine, by, now)
    return Starlette(
        routes=[
            Route("/", pages.overview),
            Route("/figures.json", pages.figures),
            Route("/alerts", pages.alerts),
            Route("/team/{team:path}", pages.team),
            Route("/standards", pages.standards),
            Route("/verify", pages.verify),
            Route("/healthz", pages.healthy),
            Mount("/static", StaticFiles(directory=Path(__file__).with_name("static"))),
        ],
        middleware=[
            Middleware(WithHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=NAMES, www_redirect=False),
        ],
        exception_handlers={404: pages.missing},
    )


class WithHeaders:
    """Adds the headers that keep a page to itself to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", ()),
                    *((name.encode(), value.encode()) for name, value in HEADERS.items()),
                ]
            await send(message)

        await self._app(scope, receive, sending)
