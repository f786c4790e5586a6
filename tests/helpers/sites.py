"""The pages over a small store, for tests: two teams, one with a name that needs care."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import Engine
from starlette.testclient import TestClient

from caseclock.runtime import open_store, rules
from caseclock.web.app import make_app
from caseclock.web.sign_in import SignIn
from schemas.time.days import parse_moment
from services.alerts.routes.line import Person, Routes, Team
from tests.helpers.commands import Run
from tests.helpers.files import enquiry, event, write

NOW = parse_moment("2024-03-27T09:00:00+00:00")
HERE = "http://127.0.0.1:8765"
COUNCIL = "https://caseclock.council.example"
KEY, SECRET = "k" * 40, "s" * 40
TEAM, ODD = "city-family-1", "a/b+c#d:e"
ANN, MAY, BOB = ("ann@council.example", "may@council.example", "bob@council.example")
ROUTES = Routes(
    [Person("ann", ANN), Person("may", MAY), Person("bob", BOB), Person("new", "new@council.example")],
    [Team(TEAM, "City", ("ann", None, "bob", None)), Team(ODD, "City", ("may", None, "bob", None))],
    ["bob", None],
)
DOOR = SignIn("X-Email", SECRET, "X-Proxy", ROUTES, "caseclock.council.example")
SAME = {"sec-fetch-site": "same-origin"}


def now() -> datetime:
    return NOW


def fill(run: Run) -> None:
    """KID-1 had a conference in time, KID-2 none and it is overdue and told; KID-3 is with the team of the odd name, its
    conference overdue too; one record was refused. KID-4 was seen, KID-5 is expected."""
    seen = {"visit_id": "V1", "regime": "enquiry", "by": "social_worker", "method": "in_person", "seen": True}
    write(
        "events.ndjson",
        *enquiry("KID-1"),
        *enquiry("KID-2", held=None),
        event("case.team_set", "2024-03-01", "t9", "KID-3", team=ODD, reason="allocation"),
        event("enquiry.started", "2024-03-04", "e9", "KID-3", enquiry_id="Q9"),
        *enquiry("KID-4", held=None),
        event("visit.made", "2024-03-20", "v4", "KID-4", **seen),
        *enquiry("KID-5", held=None),
        event("child.registered", "2024-03-01", "r5", "KID-5", expected_on="2024-06-01"),
        event("visit.maid", "2024-03-04", "x9", "KID-3"),
    )
    run("import", "events.ndjson")
    run("sweep", "--now", "2024-03-26T08:00:00Z")


def fill_long(run: Run, team: str, children: int) -> None:
    """So many children with a team, each with an enquiry open: lists that come in pages."""
    numbers = range(children)
    write(
        "many.ndjson",
        *(
            event("case.team_set", "2024-03-01", f"t{n}", f"KID-1{n:03}", team=team, reason="allocation")
            for n in numbers
        ),
        *(event("enquiry.started", "2024-03-04", f"e{n}", f"KID-1{n:03}", enquiry_id=f"Q{n}") for n in numbers),
    )
    run("import", "many.ndjson")


@contextmanager
def site(door: SignIn | None = None, db: str = "sqlite:///caseclock.db", host: str = HERE) -> Iterator[TestClient]:
    """The pages over a store."""
    engine = open_store(db)
    with TestClient(make_app(engine, rules(), now, door, KEY), base_url=host, follow_redirects=False) as client:
        yield client
    engine.dispose()


def signed_in(client: TestClient, person: str) -> TestClient:
    client.headers.update({"X-Proxy": SECRET, "X-Email": person})
    return client


def team_path(team: str, rest: str = "") -> str:
    return f"/team/{quote(team, safe='')}{rest}"


def links(text: str, to: str) -> list[str]:
    """The addresses of a page that begin so, in order."""
    return [link.replace("&amp;", "&") for link in re.findall(rf'href="({re.escape(to)}[^"]*)"', text)]


def alert_of(engine: Engine, team: str) -> str:
    """The newest alert told to a team."""
    from services.alerts.reports.acknowledge import listed

    return str(listed(engine, team)[-1]["alert"])


def plain(text: str) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<head>.*?</head>", "", text, flags=re.S)).split())
