"""Notices by e-mail through any SMTP relay: text and HTML, with STARTTLS, TLS from the start, or neither.

Delivered means that the relay took it: SMTP can tell no more. The Message-ID is the same each time a notice is sent to
a person, so that mail systems that drop repeats can; whether they do, SMTP cannot tell either.
"""

from __future__ import annotations

import html
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Literal, NamedTuple

from services.alerts.channels import DELIVERED, Message, Outcome, later, refused

TIMEOUT = 15  # seconds, for each step of the conversation
_LINK = re.compile(r"https?://\S+")


class Relay(NamedTuple):
    """Says where mail is handed in. `tls`: `starttls`, `tls` or `none`. `ca`: a PEM file of the authorities that
    vouch for the relay; None: the system's own."""

    host: str
    port: int
    sender: str
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None
    ca: str | None = None


class Mail:
    """One message each, one conversation each: there are few."""

    name = "email"

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def send(self, message: Message, now: datetime) -> Outcome:
        if message.address is None:
            return refused("there is no address")
        try:
            with self._talk() as smtp:
                smtp.send_message(self.mail(message))
        except smtplib.SMTPRecipientsRefused as error:
            return _by_code(min(code for code, _ in error.recipients.values()), "the relay refused the address")
        except smtplib.SMTPResponseException as error:
            return _by_code(error.smtp_code, type(error).__name__)
        except smtplib.SMTPNotSupportedError:
            return refused(f"the relay does not offer what is needed ({self._relay.tls}, or a user)")
        except ssl.SSLCertVerificationError as error:
            return refused(f"the relay's certificate: {error.verify_message}")
        except (OSError, smtplib.SMTPException) as error:
            return later(f"no conversation with the relay: {type(error).__name__}")
        return DELIVERED

    def find(self, message: Message) -> Outcome | None:
        return None  # SMTP does not tell

    def mail(self, message: Message) -> EmailMessage:
        """The e-mail for one notice."""
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = message.subject, self._relay.sender, message.address
        mail["Date"] = format_datetime(message.created_at)
        mail["Message-ID"] = f"<{message.key}@{parseaddr(self._relay.sender)[1].partition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # no out-of-office answers, please
        mail.set_content(message.text + "\n", cte="quoted-printable")
        mail.add_alternative(as_html(message.text), subtype="html", cte="quoted-printable")
        return mail

    @contextmanager
    def _talk(self) -> Iterator[smtplib.SMTP]:
        """A conversation in which mail can be handed in. That the goodbye fails is no failure."""
        relay = self._relay
        context = ssl.create_default_context(cafile=relay.ca)
        smtp: smtplib.SMTP
        if relay.tls == "tls":
            smtp = smtplib.SMTP_SSL(relay.host, relay.port, timeout=TIMEOUT, context=context)
        else:
            smtp = smtplib.SMTP(relay.host, relay.port, timeout=TIMEOUT)
        try:
            if relay.tls == "starttls":
                smtp.starttls(context=context)
            if relay.user is not None and relay.password is not None:
                smtp.login(relay.user, relay.password)
            yield smtp
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
        finally:
            smtp.close()


def _by_code(code: int, what: str) -> Outcome:
    """RFC 5321: 4yz may be tried again, 5yz not."""
    said = f"{what} ({code})"
    return later(said) if 400 <= code < 500 else refused(said)


def as_html(text: str) -> str:
    """A notice's text as HTML: paragraphs, lists, links."""
    parts = [_part(part.splitlines()) for part in text.split("\n\n")]
    return (
        '<!doctype html><html lang="en"><body style="font-family: Arial, sans-serif; font-size: 16px;'
        f' line-height: 1.5; color: #0b0c0c">{"".join(parts)}</body></html>\n'
    )


def _part(lines: list[str]) -> str:
    made, listed = "", [line for line in lines if line.startswith("- ")]
    if plain := [_linked(line) for line in lines if not line.startswith("- ")]:
        made += f"<p>{'<br>'.join(plain)}</p>"
    if listed:
        made += f"<ul>{''.join(f'<li>{_linked(line[2:])}</li>' for line in listed)}</ul>"
    return made


def _linked(line: str) -> str:
    def link(found: re.Match[str]) -> str:
        return f'<a href="{found[0]}">{found[0]}</a>'

    return _LINK.sub(link, html.escape(line))
