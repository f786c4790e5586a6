"""All configuration, by environment: every variable is declared here, with what it means and what is refused.

`Settings.read(variables())` gives the settings, or raises BadSettings naming each variable that is wrong and how to
mend it. A variable that begins with CASECLOCK_ and is none of these is refused too: a slip of the pen would otherwise
be a default that nobody wanted. docs/configuration.md is made from this (`schemas.settings.page`).

    >>> Settings.read({"CASECLOCK_KAFKA": "broker:9092", "CASECLOCK_PARTITIONS": "16"}).partitions
    16
    >>> Settings.read({"CASECLOCK_PARTITION": "16"})
    Traceback (most recent call last):
    ...
    schemas.settings.settings.BadSettings: CASECLOCK_PARTITION is no setting of caseclock: did you mean
    CASECLOCK_PARTITIONS?
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from schemas.errors import CaseclockError
from schemas.settings.values import (
    addresses,
    choice,
    endpoint,
    header,
    key,
    long_text,
    mailbox,
    notify_key,
    prefix,
    store,
    text,
    topic,
    url,
    uuid,
    whole,
)

PREFIX = "CASECLOCK_"
LOOPBACK = ("127.0.0.1", "localhost")


class BadSettings(CaseclockError):
    """The environment is refused. The message has a line for each variable that is wrong, with the remedy."""


class Setting(NamedTuple):
    """A variable: its name without CASECLOCK_, its default as one would write it (None: there is none), how it is read
    (raises ValueError saying the remedy), what it means, and whether its value is never to be shown."""

    name: str
    default: str | None
    read: Callable[[str], Any]
    what: str
    secret: bool = False

    @property
    def variable(self) -> str:
        return PREFIX + self.name


SETTINGS: dict[str, tuple[Setting, ...]] = {
    "The store": (
        Setting(
            "DB",
            "sqlite:///caseclock.db",
            store,
            "The database, as a SQLAlchemy URL: `sqlite:///folder/file.db` on one machine,"
            " `postgresql+psycopg://user:password@host/name` for several.",
            secret=True,
        ),
        Setting(
            "REGISTER",
            "england",
            text,
            "The standards: a register that comes with caseclock, by name, or a folder of YAML files.",
        ),
        Setting(
            "CALENDAR",
            None,
            text,
            "A CSV file `day,name` of bank holidays. Each year in it replaces the built-in one whole"
            " (`caseclock calendar --format csv` prints what is in use).",
        ),
        Setting(
            "SOURCES",
            None,
            text,
            "Sources of events, with commas, the one first that speaks where two tell of the same. Else live feeds"
            " speak before returns, and the return made last before others.",
        ),
        Setting("TEAMS", None, text, "A CSV file of teams and divisions, dated, in place of the believable county's."),
    ),
    "Telling": (
        Setting(
            "ROUTES",
            None,
            text,
            "The file that says who is told: teams and their managers, cover, what is urgent, channels"
            " (docs/alerts.md). Without it there is a notice for each team and level, on standard output.",
        ),
        Setting(
            "LINK_BASE",
            None,
            url,
            "Where the pages are, as managers' browsers find them: the beginning of the links in messages.",
        ),
        Setting(
            "NOTICES",
            None,
            text,
            "A folder into which notices are written as files; without routes, in place of standard output.",
        ),
    ),
    "E-mail": (
        Setting("SMTP_HOST", None, text, "The relay that takes our mail."),
        Setting("SMTP_PORT", "587", whole(1, 65535), "The port of that."),
        Setting(
            "SMTP_TLS",
            "starttls",
            choice("starttls", "tls", "none"),
            "How it is spoken to: `starttls` (port 587), `tls` from the start (465), `none` on a trusted network.",
        ),
        Setting("SMTP_CA", None, text, "A PEM file of the authorities that vouch for it. Else the system's own."),
        Setting("SMTP_USER", None, text, "Whom we are to the relay, if it asks."),
        Setting("SMTP_PASSWORD", None, text, "The password of that.", secret=True),
        Setting("MAIL_FROM", None, mailbox, "Whom our mail is from: `clocks@council.gov.uk`."),
    ),
    "GOV.UK Notify": (
        Setting("NOTIFY_KEY", None, notify_key, "An API key of the council's service.", secret=True),
        Setting(
            "NOTIFY_TEMPLATE",
            None,
            uuid,
            "The id of an e-mail template with the subject `((subject))` and the body `((message))`.",
        ),
        Setting("NOTIFY_REPLY_TO", None, uuid, "The id of a reply-to address. Else the service's own."),
        Setting("NOTIFY_URL", "https://api.notifications.service.gov.uk", url, "Where Notify is."),
    ),
    "A webhook": (
        Setting("WEBHOOK_URL", None, endpoint, "Where notices are posted to.", secret=True),
        Setting("WEBHOOK_SECRET", None, long_text, "What they are signed with.", secret=True),
        Setting("WEBHOOK_CA", None, text, "A PEM file of the authorities that vouch for it. Else the system's own."),
    ),
    "The pages": (
        Setting(
            "PAGES_HOST",
            "127.0.0.1",
            text,
            "Where the pages are served. Another machine can ask for them only where there is a sign-in.",
        ),
        Setting("PAGES_PORT", "8765", whole(0, 65535), "The port of that; 0: any that is free."),
        Setting(
            "PAGES_KEY",
            None,
            key,
            "The secret behind the addresses of children's pages and behind forms, 32 characters or more. Keep it:"
            " with another, kept addresses lead nowhere. Without a sign-in it may be absent, and is then made up"
            " at each start.",
            secret=True,
        ),
        Setting(
            "SIGN_IN_HEADER",
            None,
            header,
            "The header in which a reverse proxy says who is signed in, as CASECLOCK_ROUTES knows them (id or"
            " e-mail). Setting it switches the sign-in on (docs/security.md).",
        ),
        Setting(
            "SIGN_IN_SECRET",
            None,
            key,
            "What that proxy says with each request to show that it is the proxy, 32 characters or more.",
            secret=True,
        ),
        Setting("SIGN_IN_SECRET_HEADER", "X-Caseclock-Proxy", header, "The header in which it says so."),
    ),
    "Kafka": (
        Setting(
            "KAFKA",
            None,
            addresses,
            "The brokers to ask first, `host:port`, several with commas. Without it there is one machine.",
        ),
        Setting(
            "KAFKA_SECURITY",
            "plaintext",
            choice("plaintext", "ssl", "sasl_plaintext", "sasl_ssl"),
            "How brokers are spoken to. Use `ssl` or `sasl_ssl` beyond one machine: events name children's ids.",
        ),
        Setting(
            "KAFKA_CA", None, text, "A PEM file of the authorities that vouch for the brokers. Else the system's own."
        ),
        Setting(
            "KAFKA_MECHANISM",
            "SCRAM-SHA-512",
            choice("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
            "How a user is authenticated where the security is one of `sasl_`.",
        ),
        Setting("KAFKA_USER", None, text, "That user."),
        Setting("KAFKA_PASSWORD", None, text, "That user's password.", secret=True),
        Setting("TOPIC_PREFIX", "caseclock.", prefix, "What the names of our topics begin with."),
        Setting(
            "RAW_TOPIC",
            None,
            topic,
            "The topic that raw records come from, where the case record system has its own. Else `raw` after the"
            " prefix. Its number of partitions is then its owner's business.",
        ),
        Setting(
            "PARTITIONS",
            "8",
            whole(1, 64),
            "Partitions of each keyed topic: how many workers of a service can share the work, 64 at most.",
        ),
        Setting(
            "REPLICATION",
            "1",
            whole(1, 16),
            "Copies of each topic. 3 where there are three brokers or more: then one may die.",
        ),
    ),
    "Workers": (
        Setting("WORKER", None, text, "This worker's name in logs. Else the host's name and the process id."),
        Setting("BATCH", "5000", whole(1, 100_000), "Raw records taken in at once, at most, in one transaction."),
        Setting(
            "DATABASE_WAIT",
            "15",
            whole(1, 600),
            "Seconds between tries, at most, while the database is away. The first tries come sooner.",
        ),
        Setting("SWEEP_SECONDS", "60", whole(1, 3600), "Seconds from one sweep to the next."),
        Setting(
            "REPLAY_RATE",
            "500",
            whole(1, 1_000_000),
            "Events a second that `replay` publishes, unless the command line says otherwise.",
        ),
    ),
    "Watching": (
        Setting("HEALTH_HOST", "127.0.0.1", text, "Where `/healthz`, `/readyz` and `/metrics` are served."),
        Setting("HEALTH_PORT", "0", whole(0, 65535), "The port of that; 0 serves nothing. Each worker needs its own."),
        Setting("LOG_FORMAT", "json", choice("json", "text"), "How workers log: a JSON object a line, or for the eye."),
        Setting("LOG_LEVEL", "info", choice("debug", "info", "warning", "error"), "The least that is logged."),
    ),
}

# read elsewhere, so not refused here
ELSEWHERE = {
    "STACK": "The folder of `make stack`. Else `.stack` in the project's.",
    "STACK_PORT": "The first of the ports that `make stack` tries. Else 19092.",
    "SHARED": "Where tests look for real input files.",
    "POSTGRES": "The folder of PostgreSQL's programs, where it is none of the usual ones.",
    "LAW_EFFORT": "How hard the tests of the laws try.",
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Holds what the environment says. One attribute for each setting, in lower case."""

    db: str
    register: str
    calendar: str | None
    sources: str | None
    teams: str | None
    routes: str | None
    link_base: str | None
    notices: str | None
    smtp_host: str | None
    smtp_port: int
    smtp_tls: Literal["starttls", "tls", "none"]
    smtp_ca: str | None
    smtp_user: str | None
    smtp_password: str | None
    mail_from: str | None
    notify_key: str | None
    notify_template: str | None
    notify_reply_to: str | None
    notify_url: str
    webhook_url: str | None
    webhook_secret: str | None
    webhook_ca: str | None
    pages_host: str
    pages_port: int
    pages_key: str | None
    sign_in_header: str | None
    sign_in_secret: str | None
    sign_in_secret_header: str
    kafka: tuple[str, ...] | None
    kafka_security: str
    kafka_ca: str | None
    kafka_mechanism: str
    kafka_user: str | None
    kafka_password: str | None
    topic_prefix: str
    raw_topic: str | None
    partitions: int
    replication: int
    worker: str | None
    batch: int
    database_wait: int
    sweep_seconds: int
    replay_rate: int
    health_host: str
    health_port: int
    log_format: str
    log_level: str

    def __repr__(self) -> str:
        return "Settings(...)"  # it holds passwords, and must not be logged by mistake

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Settings:
        """Raises BadSettings. An empty variable counts as absent."""
        faults = _unknown(environ)
        values: dict[str, Any] = {}
        for setting in every():
            given = environ.get(setting.variable) or setting.default
            try:
                values[setting.name.lower()] = None if given is None else setting.read(given)
            except ValueError as wrong:
                shown = "" if setting.secret else f" is {given!r}:"
                faults.append(f"{setting.variable}{shown} {wrong}")
        if not faults:
            faults = _together(made := cls(**values))
        if faults:
            raise BadSettings("\n".join(faults))
        return made

    def brokers(self) -> tuple[str, ...]:
        """The brokers' addresses. Raises BadSettings if there are none, for a command that needs them."""
        if self.kafka is None:
            raise BadSettings(
                f"{PREFIX}KAFKA is not set: name a broker, such as 127.0.0.1:19092;"
                " in a checkout `make stack` starts one and writes .stack/caseclock.env to source"
            )
        return self.kafka


def every() -> tuple[Setting, ...]:
    return tuple(setting for part in SETTINGS.values() for setting in part)


def _unknown(environ: Mapping[str, str]) -> list[str]:
    known = {setting.variable for setting in every()} | {PREFIX + name for name in ELSEWHERE}
    faults = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.8)
            hint = f"did you mean {near[0]}?" if near else "docs/configuration.md lists them; unset it"
            faults.append(f"{name} is no setting of caseclock: {hint}")
    return faults


GO_TOGETHER = (  # of each, all or none
    ("SMTP_HOST", "MAIL_FROM"),
    ("SMTP_USER", "SMTP_PASSWORD"),
    ("NOTIFY_KEY", "NOTIFY_TEMPLATE"),
    ("WEBHOOK_URL", "WEBHOOK_SECRET"),
)


def _together(made: Settings) -> list[str]:
    """Returns what is wrong between settings that are each right."""
    faults = [
        f"{PREFIX}{missing} is not set, and goes with {PREFIX}{given}: set both or neither"
        for pair in GO_TOGETHER
        for given, missing in (pair, pair[::-1])
        if getattr(made, given.lower()) is not None and getattr(made, missing.lower()) is None
    ]
    if made.smtp_user is not None and made.smtp_tls == "none":
        faults.append(f"{PREFIX}SMTP_TLS is none: a password would go over the wire as it is; write starttls or tls")
    return [*faults, *_of_kafka(made), *_of_sign_in(made)]


def _of_sign_in(made: Settings) -> list[str]:
    if made.sign_in_header is not None:
        missing = [
            f"{PREFIX}{name} is not set, and {PREFIX}SIGN_IN_HEADER needs it: {what}"
            for name, what in (
                ("SIGN_IN_SECRET", "else anybody who reaches the port could say who they are"),
                ("PAGES_KEY", "else the addresses of children's pages change at each start"),
                ("ROUTES", "the file that says which teams a person answers for"),
                ("LINK_BASE", "the address by which browsers find the pages; no other is answered"),
            )
            if getattr(made, name.lower()) is None
        ]
        if made.link_base is not None and urlsplit(made.link_base).path:
            missing.append(
                f"{PREFIX}LINK_BASE is {made.link_base!r}: the pages are served from the root of a host, so leave out"
                " what comes after its name"
            )
        if made.sign_in_header.lower() == made.sign_in_secret_header.lower():
            missing.append(f"{PREFIX}SIGN_IN_HEADER and {PREFIX}SIGN_IN_SECRET_HEADER are one header: name two")
        return missing
    if made.pages_host not in LOOPBACK:
        return [
            f"{PREFIX}PAGES_HOST is {made.pages_host!r}, and there is no sign-in: set {PREFIX}SIGN_IN_HEADER"
            f" (docs/security.md), or serve this machine alone, {LOOPBACK[0]}"
        ]
    if made.sign_in_secret is not None:
        return [f"{PREFIX}SIGN_IN_SECRET is of no use without {PREFIX}SIGN_IN_HEADER: set that too, or unset it"]
    return []


def _of_kafka(made: Settings) -> list[str]:
    if made.kafka_security.startswith("sasl_"):
        return [
            f"{PREFIX}{name} is not set, and {PREFIX}KAFKA_SECURITY={made.kafka_security} needs it"
            for name in ("KAFKA_USER", "KAFKA_PASSWORD")
            if getattr(made, name.lower()) is None
        ]
    if made.kafka_user is not None or made.kafka_password is not None:
        return [
            f"{PREFIX}KAFKA_USER and {PREFIX}KAFKA_PASSWORD are of no use with {PREFIX}KAFKA_SECURITY="
            f"{made.kafka_security}: set it to sasl_ssl, or unset them"
        ]
    return []
