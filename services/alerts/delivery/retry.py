"""Says what to do next about a notice that is for a person: a fold over the tries so far. Pure.

The first of the line is tried by the first channel. A temporary failure is tried again after a while, TRIES times; a
permanent one, or one try too many, goes on to the next channel, and after the last channel to the next person up. When
nobody is left it is begun again after a long while, for somebody may have mended it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from services.alerts.channels import Outcome, refused

Pair = tuple[str, str]  # a person and a channel

WAITS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60, 60))  # after the first failure, the second ...
TRIES = len(WAITS) + 1
LEASE = timedelta(minutes=5)  # a try of which nothing was noted for so long was cut off
NO_RECEIPT = timedelta(days=4)  # the far side gives up itself after three
BEGIN_AGAIN = timedelta(hours=6)
FIRST_ASK, LAST_ASK = timedelta(minutes=1), timedelta(hours=1)  # for a receipt


class Try(NamedTuple):
    """One try, as noted: `outcome` is that of the channel, or `trying`."""

    number: int
    person: str
    channel: str
    at: datetime
    outcome: str
    next_try_at: datetime | None = None

    @property
    def pair(self) -> Pair:
        return self.person, self.channel


class Send(NamedTuple):
    """Send it, as try `number`. `perhaps_sent`: an earlier try may have got through; ask the channel first."""

    number: int
    person: str
    channel: str
    perhaps_sent: bool


class Ask(NamedTuple):
    """Ask the channel what became of it."""

    tried: Try


class Rest(NamedTuple):
    """Nothing to do now. `done`: it was delivered."""

    done: bool = False


Step = Send | Ask | Rest


def next_step(chain: Sequence[Pair], tries: Sequence[Try], now: datetime) -> Step:
    """`chain`: whom to try and how, in order; `tries`: by number."""
    if not chain:
        return Rest()
    if not tries:
        return Send(1, *chain[0], False)
    last = tries[-1]
    if last.outcome == "delivered":
        return Rest(done=True)
    if last.outcome == "trying":
        return _send(last, last.pair, True) if now - last.at >= LEASE else Rest()
    if last.next_try_at is not None and now < last.next_try_at:
        return Rest()
    if last.outcome == "sent" and now - last.at < NO_RECEIPT:
        return Ask(last)
    if last.outcome == "later":
        return _send(last, last.pair, True)
    following = _after(chain, last.pair)
    if following is not None:
        return _send(last, following, any(t.pair == following for t in tries))
    return _send(last, chain[0], True)


def noted(
    chain: Sequence[Pair], tries: Sequence[Try], outcome: Outcome, now: datetime
) -> tuple[Outcome, datetime | None]:
    """Returns what to note of the last of the tries, now that the channel has said this of it, and when to look at
    it again. One temporary failure too many is noted as a refusal. Of a refusal a time is noted only where nobody is
    left to try."""
    last = tries[-1]
    if outcome.state == "sent":
        return outcome, now + min(max(FIRST_ASK, (now - last.at) / 2), LAST_ASK)
    if outcome.state == "later":
        failed = _failures(tries[:-1], last.pair)
        if failed < len(WAITS):
            return outcome, now + WAITS[failed]
        outcome = refused(f"{outcome.why}, {TRIES} times")
    if outcome.state == "refused" and _after(chain, last.pair) is None:
        return outcome, now + BEGIN_AGAIN
    return outcome, None


def _send(last: Try, pair: Pair, perhaps_sent: bool) -> Send:
    return Send(last.number + 1, *pair, perhaps_sent)


def _failures(tries: Sequence[Try], pair: Pair) -> int:
    """Returns how many of the last tries, one after the other, failed for a while with one person and channel."""
    count = 0
    for one in reversed(tries):
        if one.outcome not in ("later", "trying") or one.pair != pair:
            break
        count += one.outcome == "later"
    return count


def _after(chain: Sequence[Pair], pair: Pair) -> Pair | None:
    """The next of the chain; the first if this one is no longer in it; None after the last."""
    if pair not in chain:
        return chain[0]
    place = chain.index(pair) + 1
    return chain[place] if place < len(chain) else None
