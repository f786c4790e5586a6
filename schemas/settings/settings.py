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
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple, get_type_hints
from urllib.parse import urlsplit

import msgspec

from schemas.errors import CaseclockError
from schemas.settings.values import (
    STORE,
    addresses,
    choice,
    endpoint,
    header,
    key,
    long_text,
    mailbox,
    names,
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
    """A variable: the part of the page it stands in, its default as one would write it (None: there is none), how it is
    read (raises ValueError saying the remedy), what it means, and whether its value is never to be shown. `name`: that
    of its attribute in `Settings`, in capitals."""

    part: str
    default: str | None
    read: Callable[[str], Any]
    what: str
    secret: bool = False
    name: str = ""

    @property
    def variable(self) -> str:
        return PREFIX + self.name


# read elsewhere, so not refused here
ELSEWHERE = {
    "STACK": "The folder of `make stack`. Else `.stack` in the project's.",
    "STACK_PORT": "The first of the ports that `make stack` tries. Else 19092.",
    "SHARED": "Where tests look for real input files.",
    "POSTGRES": "The folder of PostgreSQL's programs, where it is none of the usual ones.",
    "LAW_EFFORT": "How hard the tests of the laws try.",
}


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Holds what the environment says: one attribute for each variable, in lower case, with how it is read."""

    # The store
    db: Annotated[
        str,
        Setting(
            "The store",
            STORE,
            store,
            "The database, as a SQLAlchemy URL: `sqlite:///folder/file.db` on one machine,"
            " `postgresql+psycopg://user:password@host/name` for several.",
            secret=True,
        ),
    ]
    register: Annotated[
        str,
        Setting(
            "The store",
            "england",
            text,
            "The standards: a register that comes with caseclock, by name, or a folder of YAML files.",
        ),
    ]
    calendar: Annotated[
        str | None,
        Setting(
            "The store",
            None,
            text,
            "A CSV file `day,name` of bank holidays. Each year in it replaces the built-in one whole"
            " (`caseclock calendar --format csv` prints what is in use).",
        ),
    ]
    sources: Annotated[
        tuple[str, ...] | None,
        Setting(
            "The store",
            None,
            names,
            "Sources of events, with commas, the one first that speaks where two tell of the same. Else live feeds"
            " speak before returns, and the return made last before others.",
        ),
    ]
    teams: Annotated[
        str | None,
        Setting(
            "The store", None, text, "A CSV file of teams and divisions, dated, in place of the believable county's."
        ),
    ]
    erasure_key: Annotated[
        str | None,
        Setting(
            "The store",
            None,
            key,
            "The secret by which what was erased is known again when it is sent again, 32 characters or more. On"
            " SQLite it may be absent, and is then in a file beside the store, which the first erasure makes. Keep it"
            " for as long as the store, apart from the store's backups (docs/security.md).",
            secret=True,
        ),
    ]

    signing_key: Annotated[
        str | None,
        Setting(
            "The store",
            None,
            text,
            "A file with the Ed25519 private key (PEM) that signs heads of the log; never in the store (docs/keys.md)."
            " Absent: heads say that they are unsigned.",
        ),
    ]
    origin: Annotated[
        str, Setting("The store", "caseclock", text, "The name that heads of this log go by, with those who keep them.")
    ]

    # Telling
    routes: Annotated[
        str | None,
        Setting(
            "Telling",
            None,
            text,
            "The file that says who is told: teams and their managers, cover, what is urgent, channels"
            " (docs/alerts.md). Without it there is a notice for each team and level, on standard output.",
        ),
    ]
    link_base: Annotated[
        str | None,
        Setting(
            "Telling",
            None,
            url,
            "Where the pages are, as managers' browsers find them: the beginning of the links in messages.",
        ),
    ]
    notices: Annotated[
        str | None,
        Setting(
            "Telling",
            None,
            text,
            "A folder into which notices are written as files; without routes, in place of standard output.",
        ),
    ]

    # E-mail
    smtp_host: Annotated[str | None, Setting("E-mail", None, text, "The relay that takes our mail.")]
    smtp_port: Annotated[int, Setting("E-mail", "587", whole(1, 65535), "The port of that.")]
    smtp_tls: Annotated[
        Literal["starttls", "tls", "none"],
        Setting(
            "E-mail",
            "starttls",
            choice("starttls", "tls", "none"),
            "How it is spoken to: `starttls` (port 587), `tls` from the start (465), `none` on a trusted network.",
        ),
    ]
    smtp_ca: Annotated[
        str | None,
        Setting("E-mail", None, text, "A PEM file of the authorities that vouch for it. Else the system's own."),
    ]
    smtp_user: Annotated[str | None, Setting("E-mail", None, text, "Whom we are to the relay, if it asks.")]
    smtp_password: Annotated[str | None, Setting("E-mail", None, text, "The password of that.", secret=True)]
    mail_from: Annotated[
        str | None, Setting("E-mail", None, mailbox, "Whom our mail is from: `clocks@council.gov.uk`.")
    ]

    # GOV.UK Notify
    notify_key: Annotated[
        str | None, Setting("GOV.UK Notify", None, notify_key, "An API key of the council's service.", secret=True)
    ]
    notify_template: Annotated[
        str | None,
        Setting(
            "GOV.UK Notify",
            None,
            uuid,
            "The id of an e-mail template with the subject `((subject))` and the body `((message))`.",
        ),
    ]
    notify_reply_to: Annotated[
        str | None, Setting("GOV.UK Notify", None, uuid, "The id of a reply-to address. Else the service's own.")
    ]
    notify_url: Annotated[
        str, Setting("GOV.UK Notify", "https://api.notifications.service.gov.uk", url, "Where Notify is.")
    ]

    # A webhook
    webhook_url: Annotated[
        str | None, Setting("A webhook", None, endpoint, "Where notices are posted to.", secret=True)
    ]
    webhook_secret: Annotated[
        str | None, Setting("A webhook", None, long_text, "What they are signed with.", secret=True)
    ]
    webhook_ca: Annotated[
        str | None,
        Setting("A webhook", None, text, "A PEM file of the authorities that vouch for it. Else the system's own."),
    ]

    # The pages
    pages_host: Annotated[
        str,
        Setting(
            "The pages",
            "127.0.0.1",
            text,
            "Where the pages are served. Another machine can ask for them only where there is a sign-in.",
        ),
    ]
    pages_port: Annotated[int, Setting("The pages", "8765", whole(0, 65535), "The port of that; 0: any that is free.")]
    pages_key: Annotated[
        str | None,
        Setting(
            "The pages",
            None,
            key,
            "The secret behind the addresses of children's pages and behind forms, 32 characters or more. Keep it:"
            " with another, kept addresses lead nowhere. Without a sign-in it may be absent, and is then made up"
            " at each start.",
            secret=True,
        ),
    ]
    sign_in_header: Annotated[
        str | None,
        Setting(
            "The pages",
            None,
            header,
            "The header in which a reverse proxy says who is signed in, as CASECLOCK_ROUTES knows them (id or"
            " e-mail). Setting it switches the sign-in on (docs/security.md).",
        ),
    ]
    sign_in_secret: Annotated[
        str | None,
        Setting(
            "The pages",
            None,
            key,
            "What that proxy says with each request to show that it is the proxy, 32 characters or more.",
            secret=True,
        ),
    ]
    sign_in_secret_header: Annotated[
        str, Setting("The pages", "X-Caseclock-Proxy", header, "The header in which it says so.")
    ]

    # Kafka
    kafka: Annotated[
        tuple[str, ...] | None,
        Setting(
            "Kafka",
            None,
            addresses,
            "The brokers to ask first, `host:port`, several with commas. Without it there is one machine.",
        ),
    ]
    kafka_security: Annotated[
        str,
        Setting(
            "Kafka",
            "plaintext",
            choice("plaintext", "ssl", "sasl_plaintext", "sasl_ssl"),
            "How brokers are spoken to. Use `ssl` or `sasl_ssl` beyond one machine: events name children's ids.",
        ),
    ]
    kafka_ca: Annotated[
        str | None,
        Setting(
            "Kafka", None, text, "A PEM file of the authorities that vouch for the brokers. Else the system's own."
        ),
    ]
    kafka_mechanism: Annotated[
        str,
        Setting(
            "Kafka",
            "SCRAM-SHA-512",
            choice("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
            "How a user is authenticated where the security is one of `sasl_`.",
        ),
    ]
    kafka_user: Annotated[str | None, Setting("Kafka", None, text, "That user.")]
    kafka_password: Annotated[str | None, Setting("Kafka", None, text, "That user's password.", secret=True)]
    topic_prefix: Annotated[str, Setting("Kafka", "caseclock.", prefix, "What the names of our topics begin with.")]
    raw_topic: Annotated[
        str | None,
        Setting(
            "Kafka",
            None,
            topic,
            "The topic that raw records come from, where the case record system has its own. Else `raw` after the"
            " prefix. Its number of partitions is then its owner's business.",
        ),
    ]
    partitions: Annotated[
        int,
        Setting(
            "Kafka",
            "8",
            whole(1, 64),
            "Partitions of each keyed topic: how many workers of a service can share the work, 64 at most.",
        ),
    ]
    replication: Annotated[
        int,
        Setting(
            "Kafka",
            "1",
            whole(1, 16),
            "Copies of each topic. 3 where there are three brokers or more: then one may die.",
        ),
    ]

    # Workers
    worker: Annotated[
        str | None,
        Setting("Workers", None, text, "This worker's name in logs. Else the host's name and the process id."),
    ]
    batch: Annotated[
        int, Setting("Workers", "5000", whole(1, 100_000), "Raw records taken in at once, at most, in one transaction.")
    ]
    database_wait: Annotated[
        int,
        Setting(
            "Workers",
            "15",
            whole(1, 600),
            "Seconds between tries, at most, while the database is away. The first tries come sooner.",
        ),
    ]
    sweep_seconds: Annotated[int, Setting("Workers", "60", whole(1, 3600), "Seconds from one sweep to the next.")]
    replay_rate: Annotated[
        int,
        Setting(
            "Workers",
            "500",
            whole(1, 1_000_000),
            "Events a second that `replay` publishes, unless the command line says otherwise.",
        ),
    ]

    # Watching
    health_host: Annotated[
        str, Setting("Watching", "127.0.0.1", text, "Where `/healthz`, `/readyz` and `/metrics` are served.")
    ]
    health_port: Annotated[
        int, Setting("Watching", "0", whole(0, 65535), "The port of that; 0 serves nothing. Each worker needs its own.")
    ]
    log_format: Annotated[
        str,
        Setting("Watching", "json", choice("json", "text"), "How workers log: a JSON object a line, or for the eye."),
    ]
    log_level: Annotated[
        str, Setting("Watching", "info", choice("debug", "info", "warning", "error"), "The least that is logged.")
    ]

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


@lru_cache
def every() -> tuple[Setting, ...]:
    """Returns every variable, in the order of the page."""
    hints = get_type_hints(Settings, include_extras=True)
    return tuple(hint.__metadata__[0]._replace(name=name.upper()) for name, hint in hints.items())


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
