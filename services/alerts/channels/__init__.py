"""Says how a notice leaves the house. A channel is anything with a name, `send` and `find`; add a file here for each
new one, and its name to `services.alerts.routes.file.CHANNELS`."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

State = Literal["delivered", "sent", "later", "refused"]


class Outcome(NamedTuple):
    """Holds what a channel says became of a notice. `delivered`: whom it is for has it, as far as the channel can
    ever tell. `sent`: taken, and whether it arrives is still to be asked. `later`: a failure that may pass.
    `refused`: one that will not. `why`: in words for whoever runs the machine; no address, no secret, nothing of the
    notice."""

    state: State
    why: str = ""


DELIVERED, SENT = Outcome("delivered"), Outcome("sent")


def later(why: str) -> Outcome:
    return Outcome("later", why)


def refused(why: str) -> Outcome:
    return Outcome("refused", why)


class Message(NamedTuple):
    """A notice as a channel gets it. `to`: the person, by the routes file, and their e-mail `address`; None where it
    is a copy for nobody in particular."""

    id: str
    team: str
    level: str
    text: str
    created_at: datetime
    to: str | None = None
    address: str | None = None

    @property
    def key(self) -> str:
        """The same however often this notice is sent to this person, by whichever channel: 32 hex digits."""
        return hashlib.sha256(f"{self.id}\n{self.to or ''}".encode()).hexdigest()[:32]

    @property
    def subject(self) -> str:
        return self.text.partition("\n")[0].rstrip(".")


class Channel(Protocol):
    """`name` is what deliveries are recorded under: never change it for a channel in use."""

    @property
    def name(self) -> str: ...

    def send(self, message: Message, now: datetime) -> Outcome:
        """Deliver one notice. Any exception counts as `later`. May be called again for a notice that was delivered, if
        we were killed before noting it and `find` cannot tell."""
        ...

    def find(self, message: Message) -> Outcome | None:
        """Returns what became of a notice that was or may have been sent before; None where it was not, or the
        channel cannot tell."""
        ...
