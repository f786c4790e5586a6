"""Says how things are written on the pages: days, words for statuses, colours that a word always goes with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader
from jinja2.utils import missing

from caseclock.queries.overview import named
from caseclock.web.tokens import Tokens
from schemas import words
from schemas.time.days import LONDON
from services.alerts.ladder.wording import say

# status → what it is called, and the colour of its tag
STATUSES = {
    "overdue": ("Overdue", "red"),
    "missed": ("Missed", "red"),
    "due_soon": ("Due soon", "yellow"),
    "running": ("Running", "grey"),
    "met": ("On time", "green"),
    "excused": ("Excused", "grey"),
    "cancelled": ("Cancelled", "grey"),
    "voided": ("Never arose", "grey"),
    "not_measured": ("Not measured", "grey"),
    "open": ("Promised", "blue"),
    "kept": ("Promise kept", "green"),
    "broken": ("Promise broken", "red"),
    "lapsed": ("No longer owed", "grey"),
    "green": ("green", "green"),
    "amber": ("amber", "yellow"),
    "red": ("red", "red"),
}


_OF_COMPONENTS = ("caller", "undefined")  # names that their macros look for


class Undefined(jinja2.Undefined):
    """A name that was not given is a mistake of ours and raises; an option that a component was not given is absent."""

    def _seen(self) -> None:
        if self._undefined_obj is missing and self._undefined_name not in _OF_COMPONENTS:
            self._fail_with_undefined_error()

    def __str__(self) -> str:
        self._seen()
        return super().__str__()

    def __bool__(self) -> bool:
        self._seen()
        return super().__bool__()

    def __iter__(self) -> Iterator[Any]:
        self._seen()
        return super().__iter__()


def templates(titles: Mapping[str, str], tokens: Tokens) -> Environment:
    """Jinja as the pages use it: everything is escaped; the components of GOV.UK Frontend beside our own templates."""
    environment = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(Path(__file__).with_name("templates")),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        undefined=Undefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., Any]] = {
        "day": lambda when: words.day(when) if when else "",
        "instant": words.instant,
        "short": short,
        "named": named,
        "step": lambda rung: _capital(say(rung)),
        "title": lambda standard: titles.get(standard, standard),
        "status": lambda name: STATUSES[name][0],
        "colour": lambda name: STATUSES[name][1],
        "seg": lambda text: quote(text, safe=""),
        "child_token": tokens.of,
        "event": event_words,
        "role": lambda role: (role or "").replace("_", " "),
        "days": lambda number: words.count(number, "day"),
        "count_of": words.count,
        "heads": lambda groups: [f"{named(group)}#" for group in groups],  # of columns of numbers
    }
    environment.filters.update(filters)
    return environment


def short(when: date | datetime | None) -> str:
    """21 Nov 2026, and the time where there is one."""
    if when is None:
        return ""
    if isinstance(when, datetime):
        local = when.astimezone(LONDON)
        return f"{local.day} {local:%b %Y, %H:%M}"
    return f"{when.day} {when:%b %Y}"


def event_words(kind: str) -> str:
    """`cp_plan.started` is Cp plan started."""
    return _capital(kind.replace(".", " ").replace("_", " "))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
