"""Notices in the terminal, or in any text stream."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TextIO

from services.alerts.channels import DELIVERED, Message, Outcome


class Console:
    """Writes each notice to a stream (standard output unless given), a blank line after it."""

    name = "console"

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def send(self, message: Message, now: datetime) -> Outcome:
        stream = self._stream or sys.stdout
        to = f"To {message.to}\n" if message.to else ""
        stream.write(f"{to}{message.text}\n\n")
        stream.flush()
        return DELIVERED

    def find(self, message: Message) -> Outcome | None:
        return None
