"""The fold: every clock of one standard for one child, from the child's history. Pure; the heart of the product.

    clocks(standard, history, calendar) -> list of clocks, in order of their start

A clock starts, and then is stopped, cancelled or voided by what happens; nothing here knows what time it is. The whole
history is folded again whenever anything is added, so late, repeated, corrected and withdrawn events need no code of
their own: they are just a different history.

For each event, in the order in which things happened: end what it ends (`endings.py`), move the state the standard
lives in (`states.py`), start what it starts (`starts.py`). So an event that both stops and starts stops first.

    Tuesday   enquiry.started            a clock begins: 15 working days, day 0 is Tuesday
    Thursday  conference.held initial    it stops: done on the second of them
    Friday    enquiry.ended, no need     had there been no conference, it would be void: the duty never arose
"""

from __future__ import annotations

from datetime import date

import msgspec

from schemas.clock import Clock
from schemas.time.calendar import Calendar
from schemas.time.days import ONE_DAY
from services.timeliness.fold.corrected import start_corrected, start_link_corrected
from services.timeliness.fold.endings import end, excuse, finish, stop
from services.timeliness.fold.must_hold import Scope, gaps
from services.timeliness.fold.running import Fold, Ids, Running, name_aliases
from services.timeliness.fold.starts import day_0, first_keys, is_nth, start
from services.timeliness.history.facts import Fact
from services.timeliness.history.history import History
from services.timeliness.standards.compiled import Role, Standard, Step
from services.timeliness.standards.eligibility import FUNCTIONS
from services.timeliness.standards.states import Spell


def clocks(standard: Standard, history: History, calendar: Calendar) -> list[Clock]:
    """Every clock the standard has for this child. A clock exists only where a limit is in force on its day 0."""
    if standard.start_kinds.isdisjoint(history.kinds):
        return []
    if standard.file.measure == "must_hold":
        return gaps(standard, history, calendar)
    return [running.clock for running in fold(standard, history, calendar).done]


def fold(standard: Standard, history: History, calendar: Calendar) -> Fold:
    """The fold gone through: `done` has the clocks, `faults` what none carries. Not for what must hold (`holds`)."""
    folding, roles = Fold(standard, history, calendar), standard.roles
    starts_by_age = FUNCTIONS[standard.function].starts(history) if standard.function else []
    last_day = history.adult_eve or date.max  # every duty to a child ends then
    for at, fact in enumerate(folding.facts):
        if fact.day > last_day:
            break
        folding.at, role = at, roles[fact.kind]
        if starts_by_age:
            _start_by_age(folding, starts_by_age, fact.day)
        again = folding.said_before(fact, role) if role.starts and folding.done else None
        if role.ends and (folding.running or role.even_alone) and not (again and role.stops):
            end(folding, fact, role)
        if role.moves:
            _move(folding, fact, role)
        if again is not None and again.began():  # else its spell was over with this very event
            _say_again(folding, again, fact)
        elif role.starts:
            _start_what_it_starts(folding, fact, role)
        if fact.kind == "child.died":
            last_day = fact.day
            break
    if starts_by_age:
        _start_by_age(folding, starts_by_age, last_day)
    for running in folding.done:
        _judge(folding, running)
    name_aliases([(running.clock, running.fact, running.ordinal, running.said_by) for running in folding.done])
    if folding.rule.rate:
        _rate(folding)
    return folding


def undone(folding: Fold) -> list[Scope]:
    """The times in which a spell of a standard's state ran and nothing had begun a clock in it yet: in scope of the
    snapshot, and not up to date. Only where the standard asks it of the `spell`, a limit was in force, and the spell is
    measured."""
    if folding.rule.scope != "spell" or folding.scope is None:
        return []
    begun: dict[Spell | None, date] = {}
    for running in folding.done:
        begun[running.spell] = min(running.clock.started_on, begun.get(running.spell, date.max))
    found = []
    for spell in folding.scope.opened:
        first, last = _undone_days(folding, spell, begun.get(spell))
        judged = folding.standard.limits.in_force(first, spell, folding.calendar) is not None
        if judged and (last is None or first <= last) and not folding.standard.unmeasured.holding(spell.known):
            found.append(Scope(first, last))
    return found


def _undone_days(folding: Fold, spell: Spell, begun_on: date | None) -> tuple[date, date | None]:
    """The first and the last of the days at whose end nothing had been done in a spell; None: it lasts."""
    history = folding.history
    first = spell.opened_on or date.min
    if folding.rule.from_birth and history.born_on is not None:
        first = max(first, history.born_on)
    ends = [day - ONE_DAY for day in (begun_on, spell.closed_on) if day is not None]
    return first, min([*ends, *([history.adult_eve] if history.adult_eve else [])], default=None)


def _start_what_it_starts(folding: Fold, fact: Fact, role: Role) -> None:
    begun = False
    for step in role.starts:
        if folding.applies(step, fact):
            _start_if(folding, step, fact)
            begun = True
    if folding.rule.voids_if_corrected and not begun:
        for step in role.starts:
            if step.test(fact.data):
                start_link_corrected(folding, step, fact)
            elif fact.before:
                start_corrected(folding, step, fact)


def _move(folding: Fold, fact: Fact, role: Role) -> None:
    """Move the states; the clocks of a spell that is over are cancelled, unless the state holds all the same (a second
    plan began before the first one ended) and no id ties them to that spell."""
    latest = folding.latest_spell()
    for name in role.moves:
        track = folding.tracks[name]
        for spell in track.take(fact):
            goes_on = track.goes_on_in() if not folding.standard.match else None
            for running in [r for r in folding.running if r.spell is spell]:
                if goes_on is not None:
                    running.spell = goes_on
                else:
                    finish(folding, running, "cancelled", fact)
    if fact.event.time is None and folding.latest_spell() not in (latest, None):
        for earlier in folding.that_morning():  # the state held from the day on, so it counts
            for step in folding.standard.roles[earlier.kind].starts:
                if folding.applies(step, earlier):
                    _start_if(folding, step, earlier)


def _say_again(folding: Fold, running: Running, fact: Fact) -> None:
    """A start said again begins nothing: the clock there is has one more fact that says it."""
    running.said_by.append(fact)
    running.learn(folding.ids(fact))


def _start_if(folding: Fold, step: Step, fact: Fact) -> None:
    """Start a clock, unless the standard does not apply, the event is not the one that counts, or it runs already."""
    spell = folding.scope.spell(fact) if folding.scope is not None else None
    if spell is None and folding.scope is not None:
        return
    if step.nth_from and not is_nth(step, fact, spell):
        return
    named = folding.ids(fact)
    if folding.running and _runs_already(folding, step, fact, named):
        return
    day = day_0(folding, step, fact) if step.counted_from else fact.day
    running = start(folding, fact, day, first_keys(named) if named else folding.keys_of(spell), spell)
    if running is not None and fact.event.time is None:
        _done_that_morning(folding, running, fact)


def _runs_already(folding: Fold, step: Step, fact: Fact, named: Ids) -> bool:
    """Whether a start, while others run, is one of them said again. A restart ends those it is about."""
    meant = folding.same_start(step, fact)
    for running in meant:
        if step.again == "restart":
            finish(folding, running, "cancelled", fact)
            running.restarted = True
        else:
            running.learn(named)
            running.said_by.append(fact)
    return bool(meant) and step.again != "restart"


def _done_that_morning(folding: Fold, running: Running, fact: Fact) -> None:
    """A start dated only by its day stands at that day's end; what was done earlier in it counts all the same, and what
    was done on it with no hour either, though its kind stands before that of the start."""
    if folding.prohibits or folding.begun_by_doing(running):
        return
    for done in folding.earlier_that_day():
        role = folding.standard.roles[done.kind]
        named = folding.ids(done)
        if running.may_be(named) and any(folding.applies(s, done) for s in role.excused):
            excuse(folding, running, done)
            return
        steps = role.stops
        if running.may_be(named) and any(folding.applies(s, done) for s in steps if not s.on_a_later_day):
            folding.too_early = [ids for ids in folding.too_early if not running.shares(ids)]
            folding.faults = [fault for fault in folding.faults if fault.event != done.id]
            running.clock.faults = None
            stop(folding, running, done)
            return


def _start_by_age(folding: Fold, starts: list[tuple[date, Fact]], up_to: date) -> None:
    """Start what no single event says: a birthday, a length of care. Once done it is done for good."""
    while starts and starts[0][0] <= up_to:
        day, fact = starts.pop(0)
        if not folding.running and all(running.clock.ended != "stopped" for running in folding.done):
            start(folding, fact, day, {}, None)


def _rate(folding: Fold) -> None:
    """Mark the clocks that had one begun within the limit before: the day on which that limit is up still counts."""
    before: Running | None = None
    for running in sorted(folding.done, key=lambda each: each.clock.started_on):
        clock = running.clock
        up_on = before.limit.due_on(before.clock.started_on, folding.calendar) if before is not None else None
        clock.begun_again = up_on is not None and clock.started_on <= up_on
        clock.team = folding.history.team_on(clock.started_on)
        before = running


def _teams(history: History, first: date, last: date | None) -> str | None:
    """Returns who was responsible from which day on, in JSON; None where nobody else was (see `Clock.teams`)."""
    since = [(day, team) for day, team in history.teams if first < day and (last is None or day <= last)]
    if not since:
        return None
    return msgspec.json.encode([(first, history.team_on(first)), *since]).decode()


def _judge(folding: Fold, running: Running) -> None:
    """Finish a clock: the team that answers for it and whether it can be judged at all."""
    clock, history = running.clock, folding.history
    if history.teams:
        last = clock.due_on
        if clock.ended_on is not None and (last is None or clock.ended_on < last):
            last = clock.ended_on
        clock.team = history.team_on(last)
        clock.teams = _teams(history, clock.started_on, last)
    if history.coverage is not None and clock.unmeasured is None:
        clock.unmeasured = history.coverage.why_not(folding.standard.stop_kinds, clock.started_on, clock.due_on)
