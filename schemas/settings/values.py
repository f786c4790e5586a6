"""Says how the values of settings are read. Each reader raises ValueError with what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable

STORE_VARIABLE, STORE = "CASECLOCK_DB", "sqlite:///caseclock.db"  # the store, where nothing else is named
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_PREFIX = re.compile(r"[A-Za-z0-9._-]{1,100}")
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_URL = re.compile(r"https?://[A-Za-z0-9._-]+(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")
_STORES = ("sqlite", "postgresql")


def text(value: str) -> str:
    """Anything on one line."""
    if not value.isprintable():
        raise ValueError("it holds a character that cannot be printed; write it on one line")
    return value


def names(value: str) -> tuple[str, ...]:
    """Several, with commas between."""
    return tuple(name for name in text(value).split(",") if name)


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number, both bounds included."""

    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            raise ValueError(f"write a whole number from {least:,} to {most:,}")
        return int(value)

    read.allowed = f"From {least:,} to {most:,}."  # type: ignore[attr-defined]
    return read


def choice(*choices: str) -> Callable[[str], str]:
    """One of a few words."""

    def read(value: str) -> str:
        if value not in choices:
            raise ValueError(f"write one of {', '.join(choices)}")
        return value

    read.allowed = f"One of {', '.join(f'`{one}`' for one in choices)}."  # type: ignore[attr-defined]
    return read


def store(value: str) -> str:
    """A SQLAlchemy URL of a database we know. The value is never shown: it may hold a password."""
    kind, colon, _ = value.partition("://")
    if not colon or kind.partition("+")[0] not in _STORES:
        raise ValueError(
            "names no database: write sqlite:///folder/file.db or postgresql+psycopg://user:password@host/name"
        )
    return value


def url(value: str) -> str:
    """An address of the web, without the stroke at its end."""
    if not _URL.fullmatch(value):
        raise ValueError("write an address that begins with https:// (or http://), without a question mark")
    return value.rstrip("/")


def endpoint(value: str) -> str:
    """An address of the web, with whatever stands after it. The value is never shown: it may hold a key."""
    if not re.fullmatch(r"https?://[^\s/]+[\x21-\x7e]*", value):
        raise ValueError("is no address of the web: write one that begins with https://")
    return value


def long_text(value: str) -> str:
    """Something that cannot be guessed."""
    if len(value) < 32:
        raise ValueError("is short: write 32 characters or more, such as `openssl rand -hex 32` gives")
    return text(value)


def mailbox(value: str) -> str:
    """An e-mail address, perhaps with a name before it."""
    if not re.fullmatch(r"(?:[\w .&'-]+ <)?[^\s@<>]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*>?", value):
        raise ValueError("write an e-mail address: clocks@council.gov.uk, or Caseclock <clocks@council.gov.uk>")
    return value


def uuid(value: str) -> str:
    """An id of GOV.UK Notify."""
    if not _UUID.fullmatch(value):
        raise ValueError("write an id as Notify shows it: 8, 4, 4, 4 and 12 hex digits with strokes between")
    return value


def notify_key(value: str) -> str:
    """An API key: a name, then two ids. The value is never shown."""
    if not _UUID.fullmatch(value[-36:]) or not _UUID.fullmatch(value[-73:-37]):
        raise ValueError("is no API key: copy it whole from Notify, as name-service_id-secret")
    return value


def header(value: str) -> str:
    """The name of an HTTP header."""
    if not _HEADER.fullmatch(value):
        raise ValueError("write the name of a header: letters, digits and `-`, such as X-Forwarded-Email")
    return value


def key(value: str) -> str:
    """A secret that nobody guesses. It is never shown."""
    if len(value) < 32 or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("write 32 characters or more, without spaces, such as `openssl rand -hex 32` gives")
    return value


def address(value: str) -> str:
    """`host:port`."""
    host, _, port = value.rpartition(":")
    if not _HOST.fullmatch(host) or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("write host:port, several with commas, such as kafka1:9092,kafka2:9092")
    return value


def addresses(value: str) -> tuple[str, ...]:
    """`host:port`, one or several with commas."""
    return tuple(address(one.strip()) for one in value.split(","))


def topic(value: str) -> str:
    """A topic's name, as Kafka allows it."""
    if not _TOPIC.fullmatch(value) or value in (".", ".."):
        raise ValueError("write a topic's name: letters, digits, `.`, `_` and `-`, 249 at most")
    return value


def prefix(value: str) -> str:
    """Returns what names of topics can begin with."""
    if not _PREFIX.fullmatch(value):
        raise ValueError("write letters, digits, `.`, `_` and `-`, 100 at most")
    return value
