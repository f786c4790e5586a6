"""A second fold, deliberately naive: one loop for each of twelve standards, written from what the standards say and
nothing of the product's own code. Slow and plain; its clocks must be the product's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from tests.laws.plain_life import (
    DAY,
    Fact,
    Row,
    birth,
    days,
    eve_of_eighteen,
    london,
    midnight,
    months,
    told,
    working_days,
)

OPENS_CASE = {
    "case.reopened",
    "case.stepped_up",
    "assessment.started",
    "enquiry.started",
    "cin_plan.started",
    "cp_plan.started",
    "care.started",
}


def plain_clocks(given: Iterable[Any]) -> list[Row]:
    """The clocks of the twelve standards for one child."""
    facts = told(given)
    born, unborn = birth(facts)
    eve = eve_of_eighteen(born)
    everything = facts
    facts = [fact for fact in facts if eve is None or fact.day <= eve]
    died = [at for at, fact in enumerate(facts) if fact.kind == "child.died"]
    facts = facts[: died[0] + 1] if died else facts
    rows: list[Row] = []
    for standard, loop in LOOPS.items():
        for row in loop(facts, born, unborn, everything):
            row.standard, row.eve = standard, eve
            rows.append(row)
    return rows


def leaves(fact: Fact) -> bool:
    """Whether every duty to the child ends with it."""
    return fact.kind == "child.died" or (fact.kind == "transfer.completed" and fact.data.direction == "out")


def end(row: Row, how: str, fact: Fact) -> None:
    row.ended, row.ended_on = how, fact.day
    on_time = row.due_on is not None and fact.day <= row.due_on
    if how == "stopped" and row.due_at is not None:
        row.ended_at = fact.at or midnight(fact.day)
        on_time = row.ended_at <= row.due_at
    if how == "stopped":
        row.recorded_late = bool(on_time and row.due_on and london(fact.known_at) > row.due_on)


def running(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.ended is None]


def runs(rows: Iterable[tuple[str, Row]], name: str) -> bool:
    return any(own == name and row.ended is None for own, row in rows)


def cancel(rows: Iterable[Row], fact: Fact) -> None:
    for row in running(rows):
        end(row, "cancelled", fact)


def case_is_open(was: bool, fact: Fact) -> bool:
    """Whether the case is open after an event."""
    if leaves(fact) or fact.kind == "case.closed":
        return False
    decided = fact.kind == "referral.decided"
    if decided and fact.data.outcome in ("assessment", "initial_assessment", "strategy_discussion"):
        return True
    return was or fact.kind in OPENS_CASE or fact.kind == "transfer.completed"


# -- the front door ----------------------------------------------------------------------------------------------------


def referral_decision(facts: list[Fact], *_: Any) -> list[Row]:
    """Received while no case is open; decided by the end of the next working day."""
    rows: list[tuple[str, Row]] = []
    case = False
    for fact in facts:
        data = fact.data
        if leaves(fact):
            cancel((row for _, row in rows), fact)
        elif fact.kind == "case.closed":
            of_it = [row for name, row in rows if data.referral_id in (None, name)]
            cancel(of_it, fact)
        elif fact.kind == "referral.decided":
            for name, row in rows:
                if name == data.referral_id and data.outcome == "duplicate":
                    if row.ended != "voided":
                        end(row, "voided", fact)
                elif name == data.referral_id and row.ended is None:
                    end(row, "stopped", fact)
        elif fact.kind == "referral.received" and not case and not runs(rows, data.referral_id):
            rows.append((data.referral_id, Row("", fact.id, fact.day, working_days(fact.day, 1))))
        case = case_is_open(case, fact)
    return [row for _, row in rows]


def re_referral(facts: list[Fact], *_: Any) -> list[Row]:
    """Each referral begins twelve months in which there must not be another while no case is open."""
    rows: list[Row] = []
    now: Row | None = None
    case = False
    for fact in facts:
        if now is not None and now.due_on is not None and fact.day > now.due_on:
            now = None  # the time is over, and nothing happened
        if leaves(fact) and now is not None:
            end(now, "cancelled", fact)
            now = None
        if fact.kind == "referral.received":
            if now is not None and not case and fact.day > now.started_on:
                now.due_on = fact.day
                end(now, "stopped", fact)
                now.recorded_late = False
            elif now is not None:
                end(now, "cancelled", fact)
            now = Row("", fact.id, fact.day, months(fact.day, 12))
            rows.append(now)
        case = case_is_open(case, fact)
    return rows


# -- assessment --------------------------------------------------------------------------------------------------------


class Assessed:
    """A clock of an assessment with the ids that it is known by."""

    def __init__(self, row: Row, assessment: str | None, referral: str | None) -> None:
        self.row, self.assessment, self.referral = row, assessment, referral

    def is_of(self, assessment: str | None, referral: str | None) -> bool | None:
        """Whether they name the same; None where they have nothing to compare."""
        if assessment is not None and self.assessment is not None:
            return assessment == self.assessment
        if referral is not None and self.referral is not None:
            return referral == self.referral
        return None


def meant(all_of: list[Assessed], assessment: str | None, referral: str | None) -> list[Assessed]:
    """The running ones of these ids; failing that those that cannot be told apart from them."""
    here = [one for one in all_of if one.row.ended is None]
    if assessment is None and referral is None:
        return here
    if any(one.is_of(assessment, referral) for one in all_of):  # it names one, be it done already
        return [one for one in here if one.is_of(assessment, referral)]
    return [
        one
        for one in here
        if (assessment is None or one.assessment is None) and (referral is None or one.referral is None)
    ]


def assessment(facts: list[Fact], *_: Any) -> list[Row]:
    """Decided to assess, or a single assessment begun; authorised within 45 working days of the referral."""
    found: list[Assessed] = []
    open_ones: set[str] = set()
    for fact in facts:
        data = fact.data
        if leaves(fact):
            cancel((one.row for one in found), fact)
        elif fact.kind == "referral.decided" and data.outcome == "duplicate":
            named = [one for one in found if one.is_of(None, data.referral_id)]
            for one in named or meant(found, None, data.referral_id):
                if one.row.ended != "voided":
                    end(one.row, "voided", fact)
        elif fact.kind == "assessment.authorised" and data.kind == "single":
            for one in meant(found, data.assessment_id, data.referral_id):
                end(one.row, "stopped", fact)
        elif fact.kind == "assessment.abandoned" and _of_single(fact, facts):
            for one in meant(found, data.assessment_id, data.referral_id):
                end(one.row, "cancelled", fact)
        elif fact.kind == "case.closed" and not open_ones:
            for one in meant(found, None, data.referral_id):
                end(one.row, "cancelled", fact)
        begun = _assessment_begun(fact, facts, found)
        if not begun and (version := next((v for v in fact.was if v.kind == fact.kind and _begins(v)), None)):
            _assessment_begun(version, facts, found, void=fact)
        if fact.kind == "assessment.started":
            open_ones.add(data.assessment_id)
        elif fact.kind in ("assessment.authorised", "assessment.abandoned"):
            open_ones.discard(data.assessment_id)
    return [one.row for one in found]


def _of_single(fact: Fact, facts: list[Fact]) -> bool:
    """Whether what was abandoned was a single assessment, as far as is known."""
    begun = [f for f in facts if f.kind == "assessment.started" and f.day <= fact.day]
    same = [f.data.kind for f in begun if f.data.assessment_id == fact.data.assessment_id]
    return not same or same[-1] == "single"


def _begins(fact: Fact) -> bool:
    if fact.kind == "referral.decided":
        return fact.data.outcome == "assessment"
    return fact.kind == "assessment.started" and fact.data.kind == "single"


def _assessment_begun(fact: Fact, facts: list[Fact], found: list[Assessed], void: Fact | None = None) -> bool:
    """Whether the event is one that begins an assessment's clock, which it then does unless one runs already."""
    if not _begins(fact):
        return False
    own = fact.kind == "assessment.started" and fact.data.reason != "referral"
    one, referral = getattr(fact.data, "assessment_id", None), fact.data.referral_id
    same = [a for a in found if a.row.ended is None and a.is_of(one, referral)] if own else meant(found, one, referral)
    if same:
        for a in same if void is None else []:
            a.assessment, a.referral = a.assessment or one, a.referral or referral
        return True
    day = fact.day if own else _referral_day(fact, facts)
    if day < date(2013, 4, 15):
        return True
    row = Row("", (void or fact).id, day, working_days(day, 45))
    found.append(Assessed(row, one, referral))
    if void is not None:
        end(row, "voided", void)
        row.ended_on = london(void.recorded) if void.recorded else void.day
    return True


def _referral_day(fact: Fact, facts: list[Fact]) -> date:
    """The day of the referral it names; failing that of the latest since the case was last closed; else its own."""
    earlier = [f for f in facts if f.kind == "referral.received" and f.day <= fact.day]
    named = [f.day for f in earlier if f.data.referral_id == fact.data.referral_id]
    closed = [f.day for f in facts if f.kind == "case.closed" and f.day <= fact.day]
    others = [f.day for f in earlier if not closed or f.day >= closed[-1]]
    return (named or others or [fact.day])[-1]


# -- protection --------------------------------------------------------------------------------------------------------


def icpc(facts: list[Fact], *_: Any) -> list[Row]:
    """Enquiry begun; initial conference within 15 working days."""
    rows: list[tuple[str, Row]] = []
    for fact in facts:
        data = fact.data
        if leaves(fact):
            cancel((row for _, row in rows), fact)
        elif fact.kind == "enquiry.ended" and not data.conference_required:
            for name, row in rows:
                if name == data.enquiry_id and row.ended != "voided":
                    end(row, "voided", fact)
        elif fact.kind == "conference.held" and data.conference == "initial" and data.complete:
            for name, row in rows:
                if row.ended is None and (not data.enquiry_ids or name in data.enquiry_ids):
                    end(row, "stopped", fact)
        elif fact.kind == "enquiry.started":
            asked = [v for v in fact.was if v.kind == fact.kind and v.data.conference_required is not False]
            if data.conference_required is not False and not runs(rows, data.enquiry_id):
                rows.append((data.enquiry_id, Row("", fact.id, fact.day, working_days(fact.day, 15))))
            elif data.conference_required is False and asked:
                row = Row("", fact.id, asked[0].day, working_days(asked[0].day, 15))
                end(row, "voided", fact)
                row.ended_on = london(fact.recorded) if fact.recorded else fact.day
                rows.append((asked[0].data.enquiry_id, row))
    return [row for _, row in rows]


def cp_visit(facts: list[Fact], born: date | None, unborn: bool, *_: Any) -> list[Row]:
    """While the child is on a plan, seen in person every 10 working days, from the plan's start or the birth."""
    rows: list[Row] = []
    now: Row | None = None
    by_visit = False
    plans: set[str] = set()
    for fact in facts:
        seen = fact.kind == "visit.made" and fact.data.method == "in_person" and fact.data.seen
        if seen and now is not None and (fact.day > now.started_on or (fact.day == now.started_on and not by_visit)):
            end(now, "stopped", fact)
            now, by_visit = Row("", fact.id, fact.day, working_days(fact.day, 10)), True
            rows.append(now)
        if fact.kind == "cp_plan.started":
            plans.add(fact.data.plan_id)
            if now is None and not unborn:
                day = max(fact.day, born or fact.day)
                now, by_visit = Row("", fact.id, day, working_days(day, 10)), False
                rows.append(now)
        if fact.kind == "cp_plan.ended":
            plans.discard(fact.data.plan_id)
        if leaves(fact):
            plans.clear()
        if now is not None and not plans:
            if fact.day < now.started_on:
                rows.remove(now)  # over before there was anybody to see
            else:
                end(now, "cancelled", fact)
            now = None
    return rows


def core_group_later(facts: list[Fact], _born: Any, _unborn: Any, everything: list[Fact]) -> list[Row]:
    """Each core group of a plan begins 28 days to the next."""
    rows: list[tuple[list[str | None], Row]] = []  # with the plan's id, once known
    begun = {f.data.plan_id for f in everything if f.kind == "cp_plan.started"}
    plans: list[str | None] = _before_the_feed(
        [f for f in everything if f.kind != "transfer.completed" or leaves(f)],
        ("cp_plan.started",),
        ("cp_plan.ended", "child.died", "transfer.completed"),
    )
    ended: set[str] = set()
    for fact in facts:
        plan = fact.data.plan_id if fact.kind in ("core_group.held", "cp_plan.ended", "cp_plan.started") else None
        here = [(own, row) for own, row in rows if row.ended is None]
        known = any(own[0] == plan for own, _ in rows)  # a clock of this plan, be it done already
        of_it = [(own, row) for own, row in here if plan is None or own[0] == (plan if known else None)]
        if leaves(fact):
            cancel((row for _, row in rows), fact)
            plans = []
        elif fact.kind == "cp_plan.ended":
            cancel((row for _, row in of_it), fact)
            ended.add(plan or "")
            plans = [one for one in plans if one not in (plan, None)]
        elif fact.kind == "cp_plan.started" and plan not in plans:
            plans.append(plan)
        elif fact.kind == "core_group.held" and fact.data.complete:
            for own, row in of_it:
                if fact.day > row.started_on:
                    end(row, "stopped", fact)
                else:
                    own[0] = own[0] or plan  # the same one said again
            if plan is not None and plan not in plans and plan not in begun | ended:
                plans = [one for one in plans if one is not None] + [plan]  # a plan older than the feed
            if (plan in plans or (plan is None and plans)) and not any(row.ended is None for _, row in of_it):
                of_plan = plan or plans[-1]
                rows.append(([of_plan], Row("", fact.id, fact.day, days(fact.day, 28))))
    return [row for _, row in rows]


def _before_the_feed(facts: list[Fact], starts: tuple[str, ...], ends: tuple[str, ...]) -> list[str | None]:
    """[None], for something that began before anything was seen, unless the first thing seen is its beginning."""
    moves = [f for f in facts if f.kind in starts or f.kind in ends]
    return [] if any(f.kind in starts and f.day == moves[0].day for f in moves) else [None]


def cp_plan_2y(facts: list[Fact], *_: Any) -> list[Row]:
    """A plan is over before its second anniversary."""
    rows: list[tuple[str, Row]] = []
    for fact in facts:
        if leaves(fact):
            cancel((row for _, row in rows), fact)
        elif fact.kind == "cp_plan.ended":
            for name, row in rows:
                if name == fact.data.plan_id and row.ended is None:
                    end(row, "stopped", fact)
        elif fact.kind == "cp_plan.started" and not fact.data.temporary and not runs(rows, fact.data.plan_id):
            due = months(fact.day, 24)
            rows.append((fact.data.plan_id, Row("", fact.id, fact.day, due and due - DAY)))
    return [row for _, row in rows]


def allocated(facts: list[Fact], *_: Any) -> list[Row]:
    """While an enquiry or a plan runs, a registered social worker holds the child. Each gap is a clock; whether there
    still is an enquiry or a plan is looked at when the day is over."""
    rows: list[Row] = []
    enquiries: set[str] = set()
    plans: set[str] = set()
    holders: set[str] = set()
    for _, day in groupby(facts, key=lambda f: f.day):
        for _, moment in groupby(day, key=lambda f: f.at):
            for fact in moment:
                gaped = bool(enquiries or plans) and not holders
                _allocation_moves(fact, enquiries, plans, holders)
                if (enquiries or plans) and not holders and not gaped:
                    opener = fact
            if holders:
                for row in running(rows):
                    end(row, "stopped", fact)
                    row.recorded_late = False
            elif (enquiries or plans) and not running(rows):
                rows.append(Row("", opener.id, fact.day, fact.day))
        if not enquiries and not plans:
            cancel(rows, fact)
    return rows


def _allocation_moves(fact: Fact, enquiries: set[str], plans: set[str], holders: set[str]) -> None:
    data = fact.data
    if leaves(fact):
        for state in (enquiries, plans, holders):
            state.clear()
    elif fact.kind == "enquiry.started":
        enquiries.add(data.enquiry_id)
    elif fact.kind == "enquiry.ended" and not data.conference_required:
        enquiries.discard(data.enquiry_id)
    elif fact.kind == "conference.held" and data.conference == "initial" and data.complete:
        enquiries -= set(data.enquiry_ids or enquiries)
    elif fact.kind == "cp_plan.started":
        plans.add(data.plan_id)
    elif fact.kind == "cp_plan.ended":
        plans.discard(data.plan_id)
    elif fact.kind == "worker.allocated" and data.registered and data.role in ("lead_social_worker", "social_worker"):
        holders.add(data.allocation_id)
    elif fact.kind == "worker.deallocated":
        holders.discard(data.allocation_id)


# -- care --------------------------------------------------------------------------------------------------------------


def lac_reviews(which: str) -> Callable[..., list[Row]]:
    """Care begun, first review in 20 working days (4 weeks before April 2011); the second in 3 months; later in 6."""

    def loop(facts: list[Fact], _born: Any, _unborn: Any, everything: list[Fact]) -> list[Row]:
        rows: list[Row] = []
        begun = {f.data.care_id for f in everything if f.kind == "care.started" and not f.data.short_breaks}
        ended: set[str] = set()
        open_now = _care_before(everything)
        interrupted: list[Care] = []
        for fact in facts:
            data = fact.data
            if leaves(fact) or fact.kind == "adoption.placed":
                for care in open_now:
                    cancel(care.rows, fact)
                cancel(rows if leaves(fact) else [], fact)
                open_now, interrupted = [], open_now[-1:]
            elif fact.kind == "care.ended":
                ended.add(data.care_id)
                interrupted = [one for one in interrupted if data.care_id not in one.ids]
                for care in [one for one in open_now if data.care_id in one.ids or not one.ids]:
                    cancel(care.rows, fact)
                    open_now.remove(care)
            elif fact.kind == "adoption.disrupted":
                open_now, interrupted = (open_now, interrupted) if open_now else (interrupted or [Care(set())], [])
            elif fact.kind == "care.started" and not data.short_breaks:
                if not any(data.care_id in care.ids for care in open_now):
                    for care in open_now:
                        cancel(care.rows, fact)
                    open_now = [Care({data.care_id})]
                    ended.discard(data.care_id)
                if which == "first" and not running(rows):
                    rows.append(open_now[-1].starts(fact, _first_due(fact.day)))
            elif fact.kind == "review.held" and data.review == "care" and data.complete:
                for row in running(rows):
                    if fact.day > row.started_on or which == "first":
                        end(row, "stopped", fact)
                if data.care_id not in begun | ended and data.care_id is not None:
                    _older_than_the_feed(open_now, data.care_id)
                of_it = [care for care in open_now if data.care_id is None or data.care_id in care.ids][-1:]
                care = of_it[0] if of_it and not running(rows) else None
                if care is not None and care.counts(fact.day):
                    if which == ("second" if care.reviews == 1 else "later"):
                        rows.append(care.starts(fact, months(fact.day, 3 if which == "second" else 6)))
        return rows

    return loop


class Care:
    """A period of care, by the ids it is known under; without any, one that began before the feed."""

    def __init__(self, ids: set[str]) -> None:
        self.ids = ids
        self.reviews = 0
        self.last: date | None = None
        self.rows: list[Row] = []

    def starts(self, fact: Fact, due: date | None) -> Row:
        self.rows.append(Row("", fact.id, fact.day, due))
        return self.rows[-1]

    def counts(self, day: date) -> bool:
        """One review a day."""
        if self.last == day:
            return False
        self.reviews, self.last = self.reviews + 1, day
        return True


def _older_than_the_feed(open_now: list[Care], care_id: str) -> None:
    """A period that nobody saw begin is in the feed from the first review that names it."""
    if any(care_id in care.ids for care in open_now):
        return
    if open_now and not open_now[-1].ids:
        open_now[-1].ids.add(care_id)
    else:
        open_now.append(Care({care_id}))


def _care_before(facts: list[Fact]) -> list[Care]:
    starts = ("care.started", "adoption.disrupted")
    of_care = [f for f in facts if not (f.kind == "care.started" and f.data.short_breaks)]
    ends = ("care.ended", "adoption.placed", "child.died", "transfer.completed")
    of_care = [f for f in of_care if f.kind != "transfer.completed" or leaves(f)]
    return [Care(set()) for _ in _before_the_feed(of_care, starts, ends)]


def _first_due(day: date) -> date | None:
    return working_days(day, 20) if day >= date(2011, 4, 1) else days(day, 28)


# -- missing -----------------------------------------------------------------------------------------------------------


def return_interview(facts: list[Fact], *_: Any) -> list[Row]:
    """Back from missing; an interview within 72 hours, exact."""
    rows: list[tuple[str, Row]] = []
    for fact in facts:
        if leaves(fact):
            cancel((row for _, row in rows), fact)
        elif fact.kind == "return_interview.held":
            for name, row in rows:
                if name in fact.data.missing_ids and row.ended is None:
                    end(row, "stopped", fact)
        elif fact.kind == "missing.ended" and fact.day >= date(2014, 1, 1):
            name = fact.data.missing_id
            gone = [f for f in facts if f.kind == "missing.started" and f.day <= fact.day and f.data.missing_id == name]
            away = bool(gone) and gone[-1].data.category == "away"
            was = [v for v in gone[-1].was if v.kind == "missing.started" and v.data.category != "away"] if away else []
            if (away and not was) or (not away and any(n == name and row.ended is None for n, row in rows)):
                continue
            start = fact.at or midnight(fact.day + DAY)
            due = start + timedelta(hours=72)
            row = Row("", fact.id, fact.day, london(due), started_at=start, due_at=due)
            rows.append((name, row))
            if away:
                end(row, "voided", gone[-1])
                row.ended_on = london(gone[-1].recorded) if gone[-1].recorded else gone[-1].day
    return [row for _, row in rows]


LOOPS: dict[str, Callable[..., list[Row]]] = {
    "referral-decision-1wd": referral_decision,
    "re-referral-12m": re_referral,
    "assessment-45wd": assessment,
    "icpc-15wd": icpc,
    "cp-visit": cp_visit,
    "core-group-later": core_group_later,
    "cp-plan-2y": cp_plan_2y,
    "allocated-qualified": allocated,
    "lac-review-first-20wd": lac_reviews("first"),
    "lac-review-second-3m": lac_reviews("second"),
    "lac-review-later-6m": lac_reviews("later"),
    "return-interview-72h": return_interview,
}
