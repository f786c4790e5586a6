"""Holds what messages are written with: titles of standards, routes, where links lead."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from services.alerts.routes.line import Routes

NO_TITLES: Mapping[str, str] = MappingProxyType({})


class MessageContext(NamedTuple):
    """`titles`: standard id → title; one without shows as its id. `routes`: who is told; None: there is a notice for
    each team and level. `link_base`: where the pages are; empty: links begin with the path.
    `release`: of the software that decides."""

    titles: Mapping[str, str] = NO_TITLES
    routes: Routes | None = None
    link_base: str = ""
    release: str = ""
