"""Says what a feed carries: a clock is judged only where something that could stop it would have been seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from schemas.events.event import CaseEvent

_ONE_DAY = timedelta(days=1)


class Coverage(msgspec.Struct, frozen=True, gc=False):
    """Holds what one child's feeds carry: for each kind the spans of days (both ends inclusive, merged, in order)
    that feeds state, and the day from which a feed that states nothing carries every kind (None: there is no such
    feed)."""

    spans: dict[str, tuple[tuple[date, date], ...]]
    all_from: date | None = None

    @classmethod
    def stated(cls, statements: Iterable[CaseEvent]) -> Coverage:
        """From a source's `feed.covered` events. `complete_to` earlier than `to_on` is how far it can be relied on."""
        spans: dict[str, list[tuple[date, date]]] = {}
        for statement in statements:
            said = statement.data
            span = (said.from_on, min(said.to_on, said.complete_to))
            for kind in said.kinds:
                spans.setdefault(kind, []).append(span)
        return cls({kind: _merged(them) for kind, them in spans.items()})

    @classmethod
    def together(cls, coverages: list[Coverage], all_from: date | None = None) -> Coverage:
        """Returns what several feeds carry between them, with one that carries everything from a day on."""
        if len(coverages) == 1 and all_from is None:
            return coverages[0]
        kinds = {kind for coverage in coverages for kind in coverage.spans}
        spans = {k: _merged([s for c in coverages for s in c.spans.get(k, ())]) for k in sorted(kinds)}
        return cls(spans, all_from)

    def carried(self, kinds: Iterable[str]) -> tuple[tuple[date, date], ...]:
        """Returns the stated spans in which every one of some kinds is carried, in order."""
        held: tuple[tuple[date, date], ...] | None = None
        for kind in kinds:
            spans = self.spans.get(kind, ())
            held = spans if held is None else _common(held, spans)
        return held or ()

    def ends_before(self, day: date) -> bool:
        """Tells whether a day comes after all that is carried of any kind."""
        return not any(day <= last for spans in self.spans.values() for _, last in spans)

    def why_not(self, kinds: Iterable[str], first: date, last: date | None) -> str | None:
        """Returns why a clock from `first` to `last` (inclusive) cannot be judged by these kinds; None if it can."""
        if self.all_from is not None and self.all_from <= first:
            return None
        for kind in kinds:
            spans = self.spans.get(kind, ())
            if self.all_from is not None:
                spans = _merged([*spans, (self.all_from, date.max)])
            if not spans:
                return f"the feed does not carry {kind}"
            if last is None or not any(a <= first and last <= b for a, b in spans):
                return f"the feed carries {kind} only {in_words(spans)}"
        return None


def in_words(spans: Iterable[tuple[date, date]]) -> str:
    """Writes spans of days, both ends inclusive, one that has no end as `from ... on`."""
    return " and ".join(f"{a} to {b}" if b < date.max else f"from {a} on" for a, b in spans)


def _common(some: Iterable[tuple[date, date]], others: Iterable[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    both = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return tuple((first, last) for first, last in both if first <= last)


def _merged(spans: list[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    out: list[tuple[date, date]] = []
    for first, last in sorted(span for span in spans if span[0] <= span[1]):
        if out and (first <= out[-1][1] or first == out[-1][1] + _ONE_DAY):
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return tuple(out)
