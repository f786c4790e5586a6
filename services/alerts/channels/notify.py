"""Notices through GOV.UK Notify, by its own client.

The template in Notify has `((subject))` as its subject and `((message))` as its body. Taken by Notify is `sent`;
delivered is what its receipt says, asked for by our reference. The same reference is looked up before a notice is sent
again, so that a sender killed before it noted an answer sends nothing twice.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, NamedTuple

from services.alerts.channels import DELIVERED, SENT, Message, Outcome, later, refused

TIMEOUT = 15  # seconds
BASE = "https://api.notifications.service.gov.uk"

logging.getLogger("notifications_python_client").setLevel(logging.ERROR)  # we say ourselves what failed


class Account(NamedTuple):
    """An API key of a Notify service, the id of the template, and of the reply-to address if there is one."""

    key: str
    template: str
    url: str = BASE
    reply_to: str | None = None


class Notify:
    """Raises ImportError where the client is not installed (`pip install caseclock[notify]`)."""

    name = "notify"

    def __init__(self, account: Account) -> None:
        from notifications_python_client import NotificationsAPIClient

        self._account = account
        self._client: Any = NotificationsAPIClient(account.key, account.url, TIMEOUT)

    def send(self, message: Message, now: datetime) -> Outcome:
        from notifications_python_client.errors import APIError

        if message.address is None:
            return refused("there is no address")
        try:
            self._client.send_email_notification(
                message.address,
                self._account.template,
                {"subject": message.subject, "message": message.text},
                reference=message.key,
                email_reply_to_id=self._account.reply_to,
            )
        except APIError as error:
            return _failed(error)
        return SENT

    def find(self, message: Message) -> Outcome | None:
        """By our reference; the newest, where there are several."""
        from notifications_python_client.errors import APIError

        try:
            found = self._client.get_all_notifications(template_type="email", reference=message.key)
        except APIError as error:
            raise Unanswered(str(error.status_code)) from None
        newest = max(found["notifications"], key=lambda one: str(one["created_at"]), default=None)
        return None if newest is None else _STATES.get(newest["status"], SENT)


class Unanswered(Exception):
    """Notify could not be asked. The message is the status of its answer; 503 also stands for none."""


_STATES = {
    "delivered": DELIVERED,
    "permanent-failure": refused("the mailbox does not exist, or refuses (permanent-failure)"),
    "temporary-failure": later("the mailbox could not be reached (temporary-failure)"),
    "technical-failure": later("Notify could not send it (technical-failure)"),
}  # and while it is on its way: created, sending, pending


def _failed(error: Any) -> Outcome:
    """400, 403 and 404 will not mend themselves; 429 and 5xx, and no answer at all (which the client calls 503),
    may."""
    kinds = ", ".join(sorted({one.get("error", "") for one in _errors(error)}))
    said = f"Notify answered {error.status_code}" + (f" ({kinds})" if kinds else "")
    return later(said) if error.status_code == 429 or error.status_code >= 500 else refused(said)


def _errors(error: Any) -> list[dict[str, str]]:
    """The kinds of error alone are shown: the words may hold what was sent."""
    return error.message if isinstance(error.message, list) else []
