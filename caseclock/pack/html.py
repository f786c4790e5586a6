"""A pack as one HTML file that needs nothing else: style and charts are in it, and no script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from caseclock.pack.charts import control_chart, lead_chart
from caseclock.pack.model import Decision, OverdueOf, Pack, Page, Row, Waiting
from caseclock.pack.wording import number, short, stand, tone
from caseclock.queries.overview import named
from caseclock.runtime import Rules
from schemas import words
from services.timeliness.figures.restated import CAUSES

SHORT = {"working days": "wd", "hours": "h"}


def html(pack: Pack, rules: Rules) -> str:
    """The file. The same pack gives the same text."""
    environment = Environment(
        loader=PackageLoader("caseclock.pack"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        day=words.day, short=short, number=number, named=named, stand=stand, tone=tone, instant=_instant
    )
    environment.tests["busy"] = busy
    return environment.get_template("pack.html").render(
        pack=pack,
        titles=rules.titles,
        causes=CAUSES,
        digest=pack.digest,
        charts=_charts(pack.pages),
        kinds=_by_kind(pack.decisions),
        teams=_by_team(pack.overdue),
        counts=_counts_by_team(pack.overdue_of),
        whom=named(pack.division) if pack.division else "The county",
        units=SHORT,
    )


def busy(row: Row) -> bool:
    """Whether there is anything to say of a group."""
    counts = (
        row.this.of,
        row.last.of if row.last else 0,
        row.overdue,
        row.completed,
        row.recorded_late,
        row.excused,
        row.cancelled,
        row.voided,
        row.voided_late,
        row.not_measured,
    )
    return any(count is None or count for count in counts)


def _instant(when: datetime) -> str:
    return words.instant(when)


def _charts(pages: Iterable[Page]) -> dict[str, list[Markup]]:
    """The lead of a snapshot first; then what chance explains."""
    out: dict[str, list[Markup]] = {}
    for page in pages:
        drawn = [lead_chart(page)] if page.snapshot or page.rate else []
        if page.controlled:
            drawn.append(control_chart(page))
        out[page.id] = [Markup(svg) for svg in drawn]  # noqa: S704  (made and escaped in caseclock.pack.charts)
    return out


def _by_kind(decisions: Iterable[Decision]) -> list[tuple[str, list[Decision]]]:
    return [(kind, list(them)) for kind, them in groupby(decisions, key=lambda one: one.kind)]


def _by_team(waiting: Iterable[Waiting]) -> list[tuple[str, list[Waiting]]]:
    return [(team, list(them)) for team, them in groupby(waiting, key=lambda one: one.team)]


def _counts_by_team(rows: Iterable[OverdueOf]) -> list[tuple[str, list[OverdueOf]]]:
    return list(_grouped(rows))


def _grouped(rows: Iterable[OverdueOf]) -> Iterator[tuple[str, list[OverdueOf]]]:
    for team, them in groupby(rows, key=lambda one: one.team):
        yield team, list(them)
