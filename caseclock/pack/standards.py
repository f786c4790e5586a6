"""A page of the pack for each standard: the whole, its divisions and its teams, this week and last, and the year."""

from __future__ import annotations

from datetime import date

from caseclock.pack.model import Page, Row, Stand, TrendWeek
from caseclock.pack.request import PackRequest
from caseclock.pack.weekly import COUNTY, DIVISION, TEAM, Of, Weekly
from caseclock.queries.overview import UNASSIGNED
from caseclock.queries.standards import standards_in_force
from caseclock.runtime import Rules
from schemas.time.days import end_of_day
from services.timeliness.figures.control import Point
from services.timeliness.figures.kpi import Figure
from services.timeliness.figures.targets import lead, standing
from services.timeliness.standards.compiled import Standard
from services.timeliness.standards.standard import Target

_ORDER = (COUNTY, DIVISION, TEAM)


def pages(rules: Rules, asked: PackRequest, found: Weekly) -> tuple[list[Page], list[str]]:
    """A page for each standard that has anything this week or last, in the register's order; and the titles of those
    that have not."""
    out, left_out = [], []
    limits = {s.id: s.limit for s in standards_in_force(rules.register, end_of_day(asked.week.last))}
    for standard in rules.register.standards.values():
        rows = _rows(standard, asked, found)
        if rows:
            out.append(_page(standard, rows, limits[standard.id] or "none in force", asked, found))
        else:
            left_out.append(standard.file.title)
    return out, left_out


def _page(standard: Standard, rows: list[Row], limit: str, asked: PackRequest, found: Weekly) -> Page:
    target = target_on(standard.file.targets, asked)
    file = standard.file
    held = file.measure == "must_hold"
    return Page(
        id=file.id,
        title=file.title,
        plan=file.plan,
        force=file.force,
        limit=limit,
        measured=measured(standard),
        snapshot=standard.recurring or held,
        rate=bool(file.rate),
        controlled=_controlled(standard),
        green=target.green if target else None,
        amber=target.amber if target else None,
        unit=standard.unit,
        rows=rows,
        trend=_trend(file.id, asked, found),
        notes=_notes(rows[0]),
    )


def target_on(targets: list[Target], asked: PackRequest) -> Target | None:
    """The target in force at the end of the week."""
    in_force = [target for target in targets if target.from_on <= asked.week.last]
    return max(in_force, key=lambda each: each.from_on, default=None)


def measured(standard: Standard) -> str:
    """Returns what the lead figure counts."""
    if standard.file.measure == "must_hold":
        return "as it must be at the end of the week, of those it applies to"
    if standard.recurring:
        return "up to date at the end of the week, of those it applies to"
    if standard.file.rate:
        return standard.file.rate
    if standard.file.measure == "must_not_happen":
        return "did not happen, of those whose time came to its end this week or for whom it happened"
    return "done in time, of those that fell due"


def _rows(standard: Standard, asked: PackRequest, found: Weekly) -> list[Row]:
    id_ = standard.id
    groups = {key[1:] for key in (*found.this, *found.last) if key[0] == id_}
    if not groups:
        return []
    in_order = sorted(groups | {found.whole}, key=lambda of: (of != found.whole, *_place(*of)))
    return [_row(standard, (id_, kind, group), asked, found) for kind, group in in_order]


def _place(kind: str, group: str) -> tuple[int, bool, str]:
    return _ORDER.index(kind), group == UNASSIGNED, group


def _row(standard: Standard, key: Of, asked: PackRequest, found: Weekly) -> Row:
    empty = Figure(
        standard=key[0],
        group=key[2],
        from_on=asked.week.first,
        to_on=asked.week.last,
        in_scope=0 if standard.recurring or standard.file.measure == "must_hold" else None,
        received=0 if standard.file.rate else None,
    )
    this, last = found.this.get(key, empty), found.last.get(key, empty)
    points = found.points.get(key)
    return Row(
        kind=key[1],
        group=key[2],
        this=_stand(standard, this, asked),
        last=_stand(standard, last, asked),
        due=this.due,
        met=this.met,
        missed=this.missed,
        completed=this.completed,
        completed_in_time=this.completed_in_time,
        open=this.open,
        overdue=this.overdue,
        overdue_last=last.overdue,
        oldest=found.oldest.get(key),
        recorded_late=this.recorded_late,
        instead=this.instead,
        excused=this.excused,
        cancelled=this.cancelled,
        voided=this.voided,
        voided_late=this.voided_late,
        not_measured=this.not_measured,
        p50=this.p50,
        units=points[-1].week.n if points else 0,
        units_good=points[-1].week.good if points else 0,
        signal=points[-1].signal if points and _controlled(standard) else None,
    )


def _controlled(standard: Standard) -> bool:
    """Whether weeks can be judged against chance: of neither what must hold nor a rate."""
    return standard.file.measure != "must_hold" and not standard.file.rate


def _stand(standard: Standard, figure: Figure, asked: PackRequest) -> Stand:
    of = lead(figure)
    return Stand(
        good=of.good,
        of=of.of,
        per_cent=of.per_cent,
        standing=standing(of, standard.file.targets, min(figure.to_on, asked.as_of_on)),
    )


def _trend(standard: str, asked: PackRequest, found: Weekly) -> list[TrendWeek]:
    leads = found.lead.get(standard) or [(0, 0)] * len(asked.weeks)
    none: list[Point | None] = [None] * len(asked.weeks)
    points = found.points.get((standard, *found.whole)) or none
    return [_week(week.first, *of, point) for week, of, point in zip(asked.weeks, leads, points, strict=True)]


def _week(monday: date, good: int, of: int, point: Point | None) -> TrendWeek:
    if point is None:
        return TrendWeek(week_on=monday, good=good, of=of, n=0, in_time=0)
    return TrendWeek(
        week_on=monday,
        good=good,
        of=of,
        n=point.week.n,
        in_time=point.week.good,
        mean=point.mean,
        low=point.low,
        high=point.high,
        signal=point.signal,
    )


def _notes(whole: Row) -> list[str]:
    """Returns what a figure does not say of itself."""
    notes = []
    late = (whole.completed or 0) - (whole.completed_in_time or 0)
    fewer = (whole.overdue_last or 0) - (whole.overdue or 0)
    if fewer > 0 and late > 0:
        notes.append(
            f"Backlog being cleared: {whole.overdue_last} overdue a week ago, {whole.overdue} now. Of"
            f" {whole.completed} finished this week {late} were already late, which lowers “completed in time”"
            f" to {100 * (whole.completed_in_time or 0) // (whole.completed or 1)}%. That is the price of clearing,"
            " not worse practice."
        )
    if whole.instead:
        notes.append(f"{whole.instead} of those missed were done in time in another way that was lawful then.")
    if whole.excused:
        notes.append(f"{whole.excused} excused: the child declined in time. They are in neither count of the figure.")
    if whole.voided_late:
        notes.append(
            f"{whole.voided_late} found after the due day never to have been owed: look at why it was found late."
        )
    if whole.not_measured:
        notes.append(f"{whole.not_measured} not measured: no feed carries what could have stopped them.")
    return notes
