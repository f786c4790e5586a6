"""Says what ends a clock, or is noted on it: voids, stops, excuses, cancels, faults, bookings. Pure parts of the
fold."""

from __future__ import annotations

from datetime import date

from schemas.clock import Clock
from schemas.events.sources import is_return
from schemas.time.days import london_day
from services.timeliness.fold.running import DataFault, Fold, Running, note
from services.timeliness.fold.starts import start
from services.timeliness.history.facts import Fact
from services.timeliness.standards.compiled import ENDS_EVERY_DUTY, Role, Step
from services.timeliness.standards.limits import hours_stop
from services.timeliness.standards.states import proven


def end(fold: Fold, fact: Fact, role: Role) -> None:
    """Everything an event can do to clocks that are there already."""
    if role.ends_every_duty and ENDS_EVERY_DUTY[fact.kind](fact.data):
        for running in list(fold.running):
            finish(fold, running, "cancelled", fact)
    for how, step in role.endings:
        if fold.applies(step, fact):
            _ENDINGS[how](fold, step, fact)


def _void(fold: Fold, step: Step, fact: Fact) -> None:
    """The duty never arose: also where the clock was stopped or overdue before."""
    named = fold.ids(fact)
    sharing = [running for running in fold.done if running.shares(named)]
    for running in sharing or fold.meant(fact):
        if running.clock.ended != "voided":
            finish(fold, running, "voided", fact)


def _stop(fold: Fold, step: Step, fact: Fact) -> None:
    """Stop the running clocks that are meant. Done on the start's own day counts; before it never does."""
    meant = fold.meant(fact)
    if not meant and not fold.names_done(fact):
        _nothing_to_stop(fold, step, fact)
    for running in meant:
        started = running.clock.started_on
        if fact.day < started:
            note(running.clock, "done before its start")
        elif fact.day == started and (step.on_a_later_day or fold.begun_by_doing(running)):
            continue  # the same doing said twice
        elif fold.prohibits:
            _happened(fold, running, fact)
        else:
            running.learn(fold.ids(fact))
            stop(fold, running, fact)


def stop(fold: Fold, running: Running, fact: Fact) -> None:
    """A clock is done; where the rule repeats, the doing starts the next."""
    finish(fold, running, "stopped", fact)
    if fold.rule.repeats:
        start(fold, fact, fact.day, running.keys, running.spell)


def _nothing_to_stop(fold: Fold, step: Step, fact: Fact) -> None:
    """A stop that no running clock is meant by. If its clock begins later, that is a fault of the data."""
    if named := fold.ids(fact):
        fold.too_early.append(named)
    if step.says and fold.standard.limits.in_force(fact.day, None, fold.calendar) is not None:
        fold.faults.append(DataFault(fact.id, step.says))


def _happened(fold: Fold, running: Running, fact: Fact) -> None:
    """Returns what must not happen did: a breach on that day if the time was not over, else nothing to this clock."""
    clock = running.clock
    if _time_over(clock, fact.day):
        fold.running.remove(running)
    else:
        clock.broken, clock.due_on = True, fact.day
        finish(fold, running, "stopped", fact)


def _excuse(fold: Fold, step: Step, fact: Fact) -> None:
    """The council is excused from the duty. A recurring one goes on from then; what was done that day needs none."""
    for running in fold.meant(fact):
        started = running.clock.started_on
        if fact.day < started or (fold.standard.recurring and fact.day == started):
            continue
        excuse(fold, running, fact)


def excuse(fold: Fold, running: Running, fact: Fact) -> None:
    """End a clock as excused, and start the next of a recurring duty; in it the child is not up to date."""
    finish(fold, running, "excused", fact)
    if fold.standard.recurring:
        following = start(fold, fact, fact.day, running.keys, running.spell)
        if following is not None:
            following.clock.after_excuse = True


def _done_instead(fold: Fold, step: Step, fact: Fact) -> None:
    """Returns what was lawful then in place of the doing, if it came in time. It ends nothing."""
    for running in fold.meant(fact):
        if running.clock.started_on <= fact.day and not _time_over(running.clock, fact.day):
            running.clock.instead = step.says


def _cancel(fold: Fold, step: Step, fact: Fact) -> None:
    for running in _closed_by(fold, fact):
        finish(fold, running, "cancelled", fact)


def _closed_by(fold: Fold, fact: Fact) -> list[Running]:
    """The running clocks that a closing is about: those it names; naming none, what ran when the day opened, else what
    began that day."""
    meant = fold.meant(fact)
    begun_that_day = [running for running in meant if not proven(running.fact.day, running.fact.event.time, fact)]
    if not begun_that_day or fold.ids(fact) or not fold.ran_when_the_day_opened(fact):
        return meant
    return [running for running in meant if running not in begun_that_day]


def _fault(fold: Fold, step: Step, fact: Fact) -> None:
    for running in _closed_by(fold, fact):
        note(running.clock, step.says)


def _book(fold: Fold, step: Step, fact: Fact) -> None:
    """A meeting or visit booked, or a booked one cancelled."""
    on = getattr(fact.data, "on", None)
    identity = getattr(fact.data, "meeting_id", None) or getattr(fact.data, "visit_id", None)
    for running in fold.meant(fact):
        if on is not None:
            running.clock.booked_on, running.booking = on, identity
        elif running.booking == identity:
            running.clock.booked_on = running.booking = None


_ENDINGS = {
    "voids": _void,
    "stops": _stop,
    "excused": _excuse,
    "instead": _done_instead,
    "cancels": _cancel,
    "faults": _fault,
    "booked": _book,
}


def finish(fold: Fold, running: Running, how: str, fact: Fact) -> None:
    """End a clock: `stopped`, `excused`, `cancelled` or `voided`, on the event's day."""
    clock = running.clock
    if how == "cancelled" and fact.day < clock.started_on:
        fold.running.remove(running)
        fold.done.remove(running)  # it would have begun later, at the birth: it never did
        return
    if how == "cancelled" and fold.prohibits and _time_over(clock, fact.day):
        fold.running.remove(running)  # met already
        return
    clock.ended, clock.ended_on, clock.ended_at, clock.stop_cause = how, fact.day, None, fact.id
    if how == "stopped":
        _stopped(fold, running, fact)
    if running in fold.running:
        fold.running.remove(running)


def _stopped(fold: Fold, running: Running, fact: Fact) -> None:
    clock = running.clock
    if clock.started_at is not None:
        clock.ended_at = hours_stop(fact.event.time, fact.day)
        clock.day_precision = clock.day_precision or fact.event.time is None
        clock.took = max(0.0, round((clock.ended_at - clock.started_at).total_seconds() / 3600, 1))
    elif clock.unmeasured is None:  # else nobody knows by which limit it is to be measured
        clock.took = running.limit.length.took(clock.started_on, fact.day, fold.calendar)
    clock.recorded_late = _recorded_late(fold, clock, fact)
    clock.meeting = getattr(fact.data, "meeting_id", None) or clock.meeting


def _recorded_late(fold: Fold, clock: Clock, fact: Fact) -> bool:
    """Done on time, known after the due day. A return, or a feed that gives no time of recording, cannot tell."""
    due_on = clock.due_on
    if due_on is None or clock.broken or fact.day > due_on or (clock.due_at is not None and clock.ended_late()):
        return False
    if is_return(fact.source) or (fact.event.recordedtime is None and fact.source in fold.history.returns):
        return False
    known_on = fact.known_at.date()  # of UTC: the London day is this one or the next
    return known_on > due_on or (known_on == due_on and london_day(fact.known_at) > due_on)


def _time_over(clock: Clock, day: date) -> bool:
    return clock.due_on is not None and day > clock.due_on
