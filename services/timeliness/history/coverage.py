"""What a feed carries: a clock is judged only where something that could stop it would have been seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import msgspec

from schemas.events.event import CaseEvent

_ONE_DAY = timedelta(days=1)


class Coverage(msgspec.Struct, frozen=True, gc=False):
    """For each kind the spans of days (both ends inclusive, merged, in order) for which a feed says it carries it."""

    spans: dict[str, tuple[tuple[date, date], ...]]

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
    def together(cls, coverages: list[Coverage]) -> Coverage:
        """What several feeds carry between them."""
        if len(coverages) == 1:
            return coverages[0]
        kinds = {kind for coverage in coverages for kind in coverage.spans}
        return cls({k: _merged([s for c in coverages for s in c.spans.get(k, ())]) for k in sorted(kinds)})

    def why_not(self, kinds: Iterable[str], first: date, last: date | None) -> str | None:
        """Why a clock from `first` to `last` cannot be judged by these kinds; None if it can."""
        for kind in kinds:
            spans = self.spans.get(kind)
            if not spans:
                return f"the feed does not carry {kind}"
            if last is None or not any(a <= first and last <= b for a, b in spans):
                return f"the feed carries {kind} only {' and '.join(f'{a} to {b}' for a, b in spans)}"
        return None


def _merged(spans: list[tuple[date, date]]) -> tuple[tuple[date, date], ...]:
    out: list[tuple[date, date]] = []
    for first, last in sorted(span for span in spans if span[0] <= span[1]):
        if out and first <= out[-1][1] + _ONE_DAY:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return tuple(out)
