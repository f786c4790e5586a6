"""Who is asking, and what they may see.

On this machine alone there is nobody to tell apart: whoever can ask may see everything. With a sign-in a reverse proxy
says who it is, and is believed because it also says the secret it shares with us. Pure.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from schemas.settings.settings import LOOPBACK, Settings
from services.alerts.routes.line import Routes


class Viewer(NamedTuple):
    """Somebody looking. `person`: their id, None on this machine alone. `teams`: those they answer for; None: all."""

    person: str | None
    teams: frozenset[str] | None

    def sees(self, team: str) -> bool:
        return self.teams is None or team in self.teams


EVERYBODY = Viewer(None, None)


class Refusal(NamedTuple):
    """Why somebody is not let in, for them to read. `known_as`: how the proxy named them, where it did."""

    why: str
    known_as: str = ""


class Headers(Protocol):
    """The headers of a request, by name in any case."""

    def getlist(self, key: str) -> Sequence[str]: ...


class SignIn(NamedTuple):
    """Holds how people come in. `host`: the only name by which the pages are asked for; None: this machine's."""

    header: str | None = None
    secret: str = ""
    secret_header: str = ""
    routes: Routes | None = None
    host: str | None = None

    @classmethod
    def of(cls, settings: Settings, routes: Routes | None) -> SignIn:
        """As the settings say, which have been looked over together."""
        if settings.sign_in_header is None:
            return cls()
        assert settings.link_base is not None, "Settings.read refuses a sign-in without it"
        host = urlsplit(settings.link_base).hostname
        return cls(settings.sign_in_header, settings.sign_in_secret or "", settings.sign_in_secret_header, routes, host)

    @property
    def open(self) -> bool:
        """Whether whoever reaches the pages may see them."""
        return self.header is None

    @property
    def hosts(self) -> list[str]:
        return [*LOOPBACK] if self.host is None else [self.host]

    def viewer(self, headers: Headers, today: date) -> Viewer | Refusal:
        """Who is asking on a London day."""
        if self.header is None or self.routes is None:
            return EVERYBODY
        said = headers.getlist(self.secret_header)
        if len(said) != 1 or not hmac.compare_digest(said[0].encode(), self.secret.encode()):
            return Refusal("These pages are reached by signing in, and not in this way.")
        named = headers.getlist(self.header)
        if len(named) != 1 or not named[0].strip():
            return Refusal("You are not signed in.")
        person = self.routes.person(named[0])
        if person is None:
            return Refusal("You are signed in, and no team is yours here.", named[0].strip())
        if self.routes.sees_all(person.id):
            return Viewer(person.id, None)
        teams = self.routes.teams_of(person.id, today)
        return Viewer(person.id, teams) if teams else Refusal("No team is yours here.", named[0].strip())
