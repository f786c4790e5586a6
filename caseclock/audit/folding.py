"""Folding the log up to a position by given rules: what each child comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from caseclock.runtime import Rules
from schemas.clock import Clock
from services.timeliness.figures.lines import Asked, Shape
from services.timeliness.figures.periods import Period
from services.timeliness.figures.whole import not_whole
from services.timeliness.fold.child import ScopeSpell, fold_child
from services.timeliness.history.history import History
from services.timeliness.history.log_view import LogView
from services.timeliness.standards.compiled import Standard

Come = tuple[str, list[Clock], list[ScopeSpell]]  # a child, with what it comes to


class Folding(NamedTuple):
    """Rules, and the standards of them that are asked for (None: all)."""

    rules: Rules
    standard: str | None = None

    @property
    def standards(self) -> list[Standard]:
        all_ = self.rules.register.standards.values()
        return [each for each in all_ if self.standard is None or each.id == self.standard]

    @property
    def snapshot(self) -> dict[str, str]:
        """As `kpi.figures` wants it."""
        must_hold = {s.id: "must_hold" for s in self.standards if s.file.measure == "must_hold"}
        return {s.id: "recurring" for s in self.standards if s.recurring} | must_hold

    def asked(self, period: Period, as_of: datetime) -> Asked:
        return Asked(period, as_of, self.snapshot, self.rules.divisions.of)

    def view(self, connection: Connection, to: int, as_of: datetime) -> LogView:
        """The log up to a position, as these rules rank its sources."""
        return LogView(connection, None, as_of, self.rules.register.sources, to)

    def each(self, histories: Iterable[History]) -> Iterator[Come]:
        """Folds histories."""
        standards, calendar = self.standards, self.rules.calendar
        for history in histories:
            folded = fold_child(standards, history, calendar)
            yield history.child, folded.clocks, folded.scopes

    def shapes(self, view: LogView, period: Period) -> dict[str, Shape]:
        """Which measures each standard has, and whether returns hold the whole period."""
        others = bool(view.coverage) and view.has_silent_source()
        snapshot, calendar = self.snapshot, self.rules.calendar
        return {
            s.id: Shape(
                s.id in snapshot,
                bool(s.file.rate),
                not_whole(s, view.coverage, period, calendar, others) if view.coverage else None,
            )
            for s in self.standards
        }
