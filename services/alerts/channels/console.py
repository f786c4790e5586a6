"""Notices in the terminal, or in any text stream."""

from __future__ import annotations

import sys
from typing import TextIO

from services.alerts.channels import Message


class Console:
    """Writes each notice to a stream (standard output unless given), a blank line after it."""

    name = "console"

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def send(self, message: Message) -> bool:
        stream = self._stream or sys.stdout
        stream.write(f"{message.text}\n\n")
        stream.flush()
        return True
