"""Facts as chains of versions: which events say what holds, once corrections and withdrawals are settled. Pure.

A *fact* is everything that names one another by `replaces` and `retracts`, an id that has not arrived among it: two
corrections of an event nobody has seen are versions of one fact. Its latest statement holds: one that names another is
later than it; of rivals the one with the later `recordedtime` (absent is earliest), then the greater content.

    a   the referral of 5 October
    b   replaces a: of 6 October         b holds
    x   retracts a: recorded in error    nothing holds: a withdrawal takes the whole fact, whichever version it names,
                                         and outlives a rival recorded at the same or at no time
    y   retracts x                       b holds again; so would a version that replaces x
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from schemas.events.event import CaseEvent, content

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
Key = tuple[str, str, str]  # source, child (or group of merged ids) and id: within them an id names one event


class Standing(NamedTuple):
    """A version that holds: its place among the events, those of the versions it replaced, first one first, every id by
    which its fact was ever named, and the id its chain goes back to, arrived or not (empty: its own)."""

    at: int
    before: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    root: str = ""


class Withdrawn(NamedTuple):
    """A fact that was taken away: the places of the version that held last and of the withdrawal."""

    last: int
    by: int
    names: tuple[str, ...]


class Settled(NamedTuple):
    """Holds what becomes of some events. `unclear`: the places of versions without `recordedtime` beside a
    withdrawal: which of the two came last nobody can tell, and the withdrawal is taken to have."""

    standing: list[Standing]
    withdrawn: list[Withdrawn]
    unclear: list[int]


def corrects(event: CaseEvent) -> bool:
    """Whether an event replaces or withdraws another."""
    return event.replaces is not None or event.retracts is not None


def settle(events: Sequence[CaseEvent], child_of: Callable[[str], str] | None = None) -> Settled:
    """Settles the corrections of events of one child or of many. `child_of`: the child an id of a subject stands for,
    where the events are of many; None where all are of one child. Withdrawals themselves never stand."""

    def child(event: CaseEvent) -> str:
        return child_of(event.subject) if child_of is not None else ""

    keys: list[Key] = [(event.source, child(event), event.id) for event in events]
    named = {
        key: (key[0], key[1], event.replaces or event.retracts or "")
        for key, event in zip(keys, events, strict=True)
        if corrects(event)
    }
    at = dict(zip(keys, range(len(keys)), strict=True))
    chained = named.keys() | named.values()
    settled = Settled([Standing(n) for n, key in enumerate(keys) if key not in chained], [], [])
    for members in _together(named):
        _Chain(events, at, named, members).settle(settled)
    return settled


def _together(named: dict[Key, Key]) -> list[list[Key]]:
    """The ids that name one another, an id that names or is named by none left out. In a set order."""
    of: dict[Key, list[Key]] = {}
    for first, second in named.items():
        one, other = of.setdefault(first, [first]), of.setdefault(second, [second])
        if one is not other:
            few, many = sorted((one, other), key=len)
            many += few
            of.update(dict.fromkeys(few, many))
    return list({id(members): members for members in of.values()}.values())


class _Chain:
    """One fact: the keys of its versions and withdrawals, arrived or not, and which names which."""

    def __init__(
        self, events: Sequence[CaseEvent], at: dict[Key, int], named: dict[Key, Key], members: list[Key]
    ) -> None:
        self.events, self.at, self.named = events, at, named
        self.arrived = [key for key in members if key in at]
        self.names = tuple(sorted({key[2] for key in members}))

    def settle(self, settled: Settled) -> None:
        """Adds what holds of this fact to what is settled."""
        versions = [key for key in self.arrived if not self._withdraws(key)]
        later = self._named_by(versions)  # whatever a version names, it came after
        undone = _withdrawn({key: self.named[key] for key in self.arrived if self._withdraws(key)})
        withdrawals = [
            key
            for key in self.arrived
            if self._withdraws(key) and key not in undone and key not in later and not self._undoes(key)
        ]
        later |= self._named_by(withdrawals)
        rivals = [key for key in versions if key not in later]
        withdrawal = max(withdrawals, key=self._since, default=None)
        version = max(rivals, key=self._weight(rivals), default=None)
        if withdrawal is None:
            if version is not None:
                settled.standing.append(self._standing(version))
            return
        settled.unclear.extend(self.at[key] for key in rivals if self._event(key).recordedtime is None)
        if version is not None and self._recorded(version) > self._since(withdrawal):
            settled.standing.append(self._standing(version))
        elif versions:
            last = version or max(versions, key=self._weight(versions))
            settled.withdrawn.append(Withdrawn(self.at[last], self.at[withdrawal], self.names))

    def _event(self, key: Key) -> CaseEvent:
        return self.events[self.at[key]]

    def _withdraws(self, key: Key) -> bool:
        return self._event(key).retracts is not None

    def _undoes(self, key: Key) -> bool:
        """Whether a withdrawal names another one, and so takes nothing away."""
        target = self.named[key]
        return target in self.at and self._withdraws(target)

    def _recorded(self, key: Key) -> datetime:
        return self._event(key).recordedtime or EARLIEST

    def _weight(self, rivals: Sequence[Key]) -> Callable[[Key], tuple[datetime, bytes, str]]:
        """By what rivals are compared. Those that say the same at the same time differ in nothing but their id."""
        if len(rivals) < 2:
            return lambda key: (EARLIEST, b"", "")
        return lambda key: (self._recorded(key), content(self._event(key)), key[2])

    def _since(self, withdrawal: Key) -> datetime:
        """When a withdrawal was recorded: no earlier than anything it names."""
        return max(self._recorded(key) for key in [withdrawal, *self._before(withdrawal)] if key in self.at)

    def _before(self, key: Key) -> list[Key]:
        """Returns what it names, and what that names, nearest first."""
        found: dict[Key, None] = {}
        while (following := self.named.get(key)) is not None and following not in found:
            found[following] = None
            key = following
        return list(found)

    def _named_by(self, keys: Iterable[Key]) -> set[Key]:
        """Everything that these name, directly or through others."""
        found: set[Key] = set()
        for key in keys:
            at: Key | None = self.named.get(key)
            while at is not None and at not in found:
                found.add(at)
                at = self.named.get(at)
        return found

    def _standing(self, key: Key) -> Standing:
        """One that has not arrived is no version: it may turn out to be an event of another child."""
        named = self._before(key)
        before = [one for one in reversed(named) if one in self.at and not self._withdraws(one)]
        return Standing(self.at[key], tuple(self.at[one] for one in before), self.names, (named or [key])[-1][2])


def _withdrawn(named: dict[Key, Key]) -> set[Key]:
    """Whatever is named by a withdrawal that itself stands: one that no standing withdrawal names.

    From the last withdrawal of a chain back to the first, without recursion: a chain may be of any length. In a circle
    of withdrawals that nothing outside breaks, none stands if their number is even, and all if it is odd.
    """
    waiting = dict.fromkeys(named, 0)  # how many withdrawals of it are not decided
    for target in named.values():
        if target in waiting:
            waiting[target] += 1
    withdrawn: set[Key] = set()
    ready = [key for key, count in waiting.items() if not count]
    while waiting:
        if not ready:  # what is left are circles, each withdrawal named by the one before it
            at = next((key for key in waiting if key in withdrawn), None)
            if at is None:
                withdrawn |= _circle(next(iter(waiting)), named, waiting)
                continue
            ready = [at]
        key = ready.pop()
        del waiting[key]
        target = named[key]
        if key not in withdrawn:
            withdrawn.add(target)
        if target in waiting:
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return withdrawn


def _circle(first: Key, named: dict[Key, Key], waiting: dict[Key, int]) -> set[Key]:
    """Takes a circle out of what is waiting. What of it is withdrawn: all where their number is odd, else none."""
    members, at = {first}, named[first]
    while at != first:
        members.add(at)
        at = named[at]
    for key in members:
        del waiting[key]
    return members if len(members) % 2 else set()
