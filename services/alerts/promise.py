"""What became of a promise: an acknowledgement says by which day a thing will be done. Pure."""

from __future__ import annotations

from datetime import date
from typing import Literal

from schemas.clock import Clock

Standing = Literal["waiting", "kept", "broken", "lifted"]


def standing(by_on: date, clock: Clock | None, today: date) -> Standing:
    """How a promise to be done by the end of `by_on` stands on a day. `lifted`: nothing is owed any more, since the
    duty was cancelled, never arose, or its start was withdrawn (`clock` is None).

    A promise is kept by doing it, on the day promised at the latest, late as that may be for the duty itself.
    """
    if clock is None:
        return "lifted"
    ended = clock.ended if clock.ended_on is not None and clock.ended_on <= today else None
    if ended is not None and clock.ended_on is not None and clock.ended_on <= by_on:
        return "kept" if ended == "stopped" else "lifted"
    if ended is None and clock.lasts_to is not None and clock.lasts_to < min(today, by_on):
        return "lifted"
    return "broken" if today > by_on else "waiting"
