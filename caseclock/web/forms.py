"""Reads forms, and proves that only our own pages can have sent them. Pure.

Two locks, each of which holds by itself: the browser must say that the form came from a page of ours (`Sec-Fetch-Site`,
or `Origin` from browsers that do not know it), and the form must carry a token that only a page of ours could hold, for
the cookie that went with it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

LARGEST = 16_384  # bytes of a form
LONGEST_REASON = 1000  # characters


class FormKey:
    """Makes and knows the tokens of forms."""

    def __init__(self, key: str) -> None:
        self._key = sha256(b"caseclock form\0" + key.encode()).digest()

    def token(self, cookie: str, person: str | None, path: str) -> str:
        """For one visitor (by the cookie), one person and one form."""
        said = "\0".join((cookie, person or "", path)).encode()
        return hmac.new(self._key, said, sha256).hexdigest()

    def fits(self, token: str, cookie: str, person: str | None, path: str) -> bool:
        return bool(cookie) and hmac.compare_digest(token.encode(), self.token(cookie, person, path).encode())


def from_our_page(headers: Mapping[str, str]) -> bool:
    """Whether a browser says that a form was sent by a page of ours. One that says nothing is not believed."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host") != ""


class Answer(NamedTuple):
    """An acknowledgement as typed, and what is wrong with it: field (`reason`, `by`) to what to do."""

    reason: str
    day: str
    month: str
    year: str
    by: date | None
    wrong: dict[str, str]


def answer(fields: Mapping[str, str], today: date) -> Answer:
    """Returns what was typed into an alert's form. The day promised must be still to come."""
    reason, day, month, year = (fields.get(name, "").strip() for name in ("reason", "day", "month", "year"))
    wrong: dict[str, str] = {}
    if not reason:
        wrong["reason"] = "Enter why it is late or will be, and what will be done"
    elif "\0" in reason:
        wrong["reason"] = "The reason must be text alone"
    elif len(reason) > LONGEST_REASON:
        wrong["reason"] = f"The reason must be {LONGEST_REASON:,} characters or fewer"
    by = _day(day, month, year)
    if not (day or month or year):
        wrong["by"] = "Enter the day by which it will be done"
    elif by is None:
        wrong["by"] = "The day must be a real date, such as 27 3 2024"
    elif by <= today:
        wrong["by"] = "The day must be after today"
    elif (by - today).days > 366:
        wrong["by"] = "The day must be within a year"
    return Answer(reason, day, month, year, by, wrong)


def _day(day: str, month: str, year: str) -> date | None:
    parts = (day, month, year)
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a form as a browser sends it. Raises ValueError for one that is none."""
    text = body.decode("utf-8")
    found = parse_qs(text, keep_blank_values=True, max_num_fields=20)
    return {name: values[-1].replace("\r\n", "\n") for name, values in found.items()}
