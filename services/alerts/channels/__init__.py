"""How a notice leaves the house. A channel is anything with a name and `send`; add a file here for each new
one."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol


class Message(NamedTuple):
    """A notice as a channel gets it. `id` is the same however often it is sent, so the far side can drop a
    repeat."""

    id: str
    team: str
    level: str
    text: str
    created_at: datetime


class Channel(Protocol):
    """`name` is what deliveries are recorded under: never change it for a channel in use."""

    @property
    def name(self) -> str: ...

    def send(self, message: Message) -> bool:
        """Deliver one notice. True only if the far side has it; False or any exception: it is tried again
        next time. May be called again for a notice that was delivered, if we were killed before noting it."""
        ...
