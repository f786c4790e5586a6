"""Notices to a webhook: a POST of JSON, signed, for whatever a council has that takes one.

    Caseclock-Key: the same each time a notice is sent to a person; also as Idempotency-Key
    Caseclock-Timestamp: seconds since 1970, when it was sent
    Caseclock-Signature: v1=<hex of HMAC-SHA256 over "timestamp.body", with the shared secret>

The receiver works the signature out for itself and refuses old timestamps. 2xx: it has it; so has one that answers 409.
408, 425, 429 and 5xx: it is sent again. Anything else: it is not. Redirections are not followed.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import ssl
import urllib.error
import urllib.request
from datetime import datetime
from typing import Any

from schemas.time.days import iso
from services.alerts.channels import DELIVERED, Message, Outcome, later, refused

TIMEOUT = 15  # seconds
_PASSING = frozenset((408, 425, 429))


class Webhook:
    name = "webhook"

    def __init__(self, url: str, secret: str, ca: str | None = None) -> None:
        self._url, self._secret = url, secret
        https = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca))
        self._open = urllib.request.build_opener(_NoRedirection, https).open

    def send(self, message: Message, now: datetime) -> Outcome:
        body = json.dumps(
            {
                "key": message.key,
                "notice": message.id,
                "to": message.to,
                "email": message.address,
                "subject": message.subject,
                "text": message.text,
                "created_at": iso(message.created_at),
            }
        ).encode()
        timestamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Caseclock-Key": message.key,
            "Idempotency-Key": message.key,
            "Caseclock-Timestamp": timestamp,
            "Caseclock-Signature": f"v1={signature(self._secret, timestamp, body)}",
        }
        request = urllib.request.Request(self._url, body, headers, method="POST")  # noqa: S310  (a declared setting)
        try:
            with self._open(request, timeout=TIMEOUT) as answer:
                return _by_status(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return _by_status(error.code)
        except (OSError, http.client.HTTPException) as error:
            return later(f"no answer: {type(error).__name__}")

    def find(self, message: Message) -> Outcome | None:
        return None  # the receiver drops a repeat by its key


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Returns what a receiver has to come to as well."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _by_status(status: int) -> Outcome:
    if 200 <= status < 300 or status == 409:
        return DELIVERED
    said = f"it answered {status}"
    return later(said) if status >= 500 or status in _PASSING else refused(said)


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """None: the answer stands as it is, and so is none of 2xx."""
