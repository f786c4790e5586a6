"""Says what starts a clock. Pure parts of the fold."""

from __future__ import annotations

from datetime import date, timedelta

from schemas.clock import Clock
from schemas.time.days import london_day
from services.timeliness.fold.running import Fold, Ids, Running, clock_id, note
from services.timeliness.history.facts import Fact
from services.timeliness.history.history import UNASSIGNED
from services.timeliness.standards.compiled import Limit, Step
from services.timeliness.standards.limits import hours_start
from services.timeliness.standards.states import Spell

ONE_HOUR = timedelta(hours=1)


def day_0(fold: Fold, step: Step, fact: Fact) -> date:
    """The event's own day, or that of the event it is counted from: of the same referral, whatever its day, else the
    latest before it since the case was last closed."""
    if not step.counted_from:
        return fact.day
    own = getattr(fact.data, "referral_id", None)
    named = [e.day for e in fold.history.of({step.counted_from}) if own is not None and e.data.referral_id == own]
    if named:
        return named[0]  # a referral sent again is the same: its day is that of the first saying
    earlier = fold.before(fact, step.counted_from)
    closed = max((e.day for e in fold.before(fact, "case.closed")), default=date.min)
    since = [e.day for e in earlier if e.day >= closed]
    return since[-1] if since else fact.day


def spell_of(fold: Fold, fact: Fact) -> tuple[bool, Spell | None]:
    """Whether the standard applies at an event, and the spell of its state that the event belongs to."""
    if fold.scope is None:
        return True, None
    spell = fold.scope.spell(fact)
    return spell is not None, spell


def first_keys(named: Ids) -> dict[str, str]:
    """The ids a clock goes by from its start."""
    return {name: values[0] for name, values in named.items()}


def is_nth(step: Step, fact: Fact, spell: Spell | None) -> bool:
    """Counts an event within its spell, once a day, and says whether it is one of the wanted."""
    if not step.nth_from:
        return True
    if spell is None or spell.counted_on == fact.day:
        return False
    spell.counted += 1
    spell.counted_on = fact.day
    return spell.counted >= step.nth_from and (step.nth_to is None or spell.counted <= step.nth_to)


def start(fold: Fold, fact: Fact, day: date, keys: dict[str, str], spell: Spell | None) -> Running | None:
    """A clock from `day`, if a limit is in force on it. Not before the birth where a child has to be seen."""
    history = fold.history
    if fold.rule.from_birth:
        if history.unborn:
            return None  # nobody to see yet
        day = max(day, history.born_on or day)
        if history.adult_eve is not None and day > history.adult_eve:
            return None
    limit = fold.standard.limits.in_force(day, spell, fold.calendar)
    if limit is None:
        return None
    ordinal = fold.ordinals.get(fact.root, 0)
    fold.ordinals[fact.root] = ordinal + 1
    running = Running(_clock(fold, fact, day, limit, ordinal), fact, limit, keys, spell)
    running.ordinal = ordinal
    if fold.rule.unmeasured and spell is not None:
        for because in fold.standard.unmeasured.holding(spell.known):
            running.clock.unmeasured = because
    done_before = fold.too_early and any(running.shares(named) for named in fold.too_early)
    if done_before and not fold.begun_by_doing(running):
        note(running.clock, "done before its start")
    fold.running.append(running)
    fold.done.append(running)
    return running


def _clock(fold: Fold, fact: Fact, day: date, limit: Limit, ordinal: int) -> Clock:
    standard, eve = fold.standard, fold.history.adult_eve
    due_on, warn_on = (None, None) if limit.in_hours else limit.plan(day, fold.calendar, standard.warn)
    clock = Clock(
        id=clock_id(standard.id, fact, ordinal),
        standard=standard.id,
        child=fold.history.child,
        started_on=day,
        due_on=due_on,
        cause=fact.id,
        team=UNASSIGNED,
        warn_on=warn_on,
        lasts_to=eve,
        prohibits=fold.prohibits,
        meeting=getattr(fact.data, "meeting_id", None),
    )
    if limit.in_hours:
        clock.started_at = hours_start(fact.event.time, day)
        clock.due_at = clock.started_at + limit.length.count * ONE_HOUR
        clock.due_on = london_day(clock.due_at)
        warnings = [w.count for w in standard.warn if w.unit == "hours"]
        clock.warn_at = clock.due_at - max(warnings) * ONE_HOUR if warnings else None
        clock.day_precision = fact.event.time is None
    return clock
