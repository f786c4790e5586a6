"""The fold: every clock of one standard for one child, from the child's history. Pure; the heart of the product.

    clocks(standard, history, calendar) -> list of clocks, in order of their start

A clock starts, and then is stopped, cancelled or voided by what happens; nothing here knows what time it is. The whole
history is folded again whenever anything is added, so late, repeated, corrected and withdrawn events need no code of
their own: they are just a different history.

For each event, in the order in which things happened: void, stop, cancel, note, move states, start. So an event that
both stops and starts stops first.
"""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from schemas.calendar import Calendar
from schemas.clock import Clock
from schemas.days import london_day
from services.timeliness.compiled import ENDS_EVERY_DUTY, Limit, Role, Standard, Step
from services.timeliness.eligibility import FUNCTIONS
from services.timeliness.history import UNASSIGNED, History, Known
from services.timeliness.limits import hours_start, hours_stop
from services.timeliness.states import Asked, Spell, Track

ONE_HOUR = timedelta(hours=1)
NO_IDS: dict[str, tuple[str, ...]] = {}


def clocks(standard: Standard, history: History, calendar: Calendar) -> list[Clock]:
    """Every clock the standard has for this child. A clock exists only where a limit is in force on its day 0."""
    if standard.start_kinds.isdisjoint(history.kinds):
        return []
    if standard.file.measure == "must_hold":
        from services.timeliness.holds import gaps

        return gaps(standard, history, calendar)
    return Fold(standard, history, calendar).run()


class Fault(NamedTuple):
    """A fault in the data that no clock carries: the event that shows it, and what is wrong."""

    event: str
    what: str


class Running:
    """A clock that still runs, with what the fold needs to know of it: the ids it goes by, the spell it belongs to."""

    __slots__ = ("booking", "by_doing", "clock", "keys", "limit", "spell")

    def __init__(
        self, clock: Clock, limit: Limit, keys: dict[str, str], spell: Spell | None, by_doing: bool
    ) -> None:
        self.clock, self.limit, self.keys, self.spell = clock, limit, keys, spell
        self.by_doing = by_doing  # begun by an event that itself satisfies the duty
        self.booking: str | None = None


class Fold:
    """One standard, one history. `running` are the clocks that nothing has ended yet; `done` all that were started."""

    def __init__(self, standard: Standard, history: History, calendar: Calendar) -> None:
        self.standard, self.history, self.calendar = standard, history, calendar
        self.rule = standard.file
        self.prohibits = standard.file.measure == "must_not_happen"
        roles = standard.roles
        self.facts = [fact for fact in history.facts if fact.kind in roles]
        self.tracks = {state.name: Track(state, self.facts) for state in standard.followed}
        self.scope = self.tracks[standard.scope[0]] if standard.scope else None
        self.asked: dict[str, Asked] = {}
        self.at = 0
        self.running: list[Running] = []
        self.done: list[Running] = []
        self.ordinals: dict[str, int] = {}
        self.faults: list[Fault] = []
        self.too_early: list[dict[str, tuple[str, ...]]] = []  # the ids of what was done before it began
        self.by_function = FUNCTIONS[standard.function](history) if standard.function else []

    def run(self) -> list[Clock]:
        roles, eve = self.standard.roles, self.history.adult_eve
        for at, fact in enumerate(self.facts):
            self.at = at
            if eve is not None and fact.day > eve:
                break  # every duty to a child has ended
            if self.by_function:
                self._start_by_function(fact.day)
            role = roles[fact.kind]
            if role.ends and (self.running or role.even_alone):
                self._end(fact, role)
            if role.moves:
                self._move(fact, role)
            for step in role.starts:
                self._start_if(step, fact)
            if fact.kind == "child.died":
                break
        else:
            if self.by_function:
                self._start_by_function(eve or date.max)
        return [self._judged(running) for running in self.done]

    # -- endings ------------------------------------------------------------------------------------------------------

    def _end(self, fact: Known, role: Role) -> None:
        if role.ends_every_duty and ENDS_EVERY_DUTY[fact.kind](fact.data):
            for running in list(self.running):
                self._finish(running, "cancelled", fact)
        for how, step in role.endings:
            if self._applies(step, fact):
                ENDINGS[how](self, step, fact)

    def _stop(self, step: Step, fact: Known) -> None:
        """Stop the running clocks that are meant. Done on the start's own day counts; before it never does."""
        meant = self._meant(fact)
        if (
            not meant
            and step.says
            and self.standard.limits.in_force(fact.day, None, self.calendar) is not None
        ):
            self.faults.append(Fault(fact.id, step.says))
            self.too_early.append(self._ids(fact))
        for running in meant:
            started = running.clock.started_on
            if fact.day < started:
                _note(running.clock, "done before its start")
            elif fact.day == started and (step.on_a_later_day or running.by_doing):
                continue  # the same doing said twice
            elif self.prohibits:
                self._happened(running, fact)
            else:
                self._finish(running, "stopped", fact)
                if self.rule.repeats:
                    self._start(fact, fact.day, running.keys, running.spell)

    def _cancel(self, step: Step, fact: Known) -> None:
        for running in self._meant(fact):
            self._finish(running, "cancelled", fact)

    def _fault(self, step: Step, fact: Known) -> None:
        for running in self._meant(fact):
            _note(running.clock, step.says)

    def _nothing_to_stop(self, step: Step, fact: Known) -> None:
        """A stop that no running clock is meant by. If its clock begins later, that is a fault of the data."""
        if named := self._ids(fact):
            self.too_early.append(named)
        if step.says and self.standard.limits.in_force(fact.day, None, self.calendar) is not None:
            self.faults.append(Fault(fact.id, step.says))

    def _happened(self, running: Running, fact: Known) -> None:
        """What must not happen did: a breach on that day if the time was not over, else nothing to this clock."""
        clock = running.clock
        if _time_over(clock, fact.day):
            self.running.remove(running)
        else:
            clock.broken, clock.due_on = True, fact.day
            self._finish(running, "stopped", fact)

    def _void(self, step: Step, fact: Known) -> None:
        """The duty never arose: also for a clock that the same id shows was stopped or overdue before."""
        named = self._ids(fact)
        for running in self._meant(fact) if not named else [r for r in self.done if _shares(r, named)]:
            self._finish(running, "voided", fact)

    def _finish(self, running: Running, how: str, fact: Known) -> None:
        clock = running.clock
        if how == "cancelled" and fact.day < clock.started_on:
            self.running.remove(running)
            self.done.remove(running)  # it would have begun later, at the birth: it never did
            return
        if how == "cancelled" and self.prohibits and _time_over(clock, fact.day):
            self.running.remove(running)  # met already
            return
        clock.ended, clock.ended_on, clock.stop_cause = how, fact.day, fact.id
        clock.ended_at = None
        if how == "stopped":
            if clock.started_at is not None:
                clock.ended_at = hours_stop(fact.event.time, fact.day)
                clock.day_precision = clock.day_precision or fact.event.time is None
                clock.took = max(0.0, round((clock.ended_at - clock.started_at).total_seconds() / 3600, 1))
            else:
                clock.took = running.limit.length.took(clock.started_on, fact.day, self.calendar)
            clock.recorded_late = self._recorded_late(clock, fact)
        if running in self.running:
            self.running.remove(running)

    def _recorded_late(self, clock: Clock, fact: Known) -> bool:
        """Done on time, known after the due day. A return that gives no time of recording cannot tell."""
        due_on = clock.due_on
        if due_on is None or fact.day > due_on or clock.ended_late():
            return False
        if fact.event.recordedtime is None and fact.source in self.history.returns:
            return False
        known_on = fact.known_at.date()  # of UTC: the London day is this one or the next
        return known_on > due_on or (known_on == due_on and london_day(fact.known_at) > due_on)

    def _book(self, step: Step, fact: Known) -> None:
        """A meeting or visit booked, or a booked one cancelled."""
        data = fact.data
        identity = getattr(data, "meeting_id", None) or getattr(data, "visit_id", None)
        for running in self._meant(fact):
            on = getattr(data, "on", None)
            if on is not None:
                running.clock.booked_on, running.booking = on, identity
            elif running.booking == identity:
                running.clock.booked_on = running.booking = None

    # -- which clocks an event means ----------------------------------------------------------------------------------

    def _ids(self, fact: Known) -> dict[str, tuple[str, ...]]:
        """The values an event carries of the fields that tell clocks apart (`enquiry_id` or several `enquiry_ids`)."""
        found: dict[str, tuple[str, ...]] = {}
        for name in self.standard.match:
            one = getattr(fact.data, name, None)
            many = getattr(fact.data, f"{name}s", None)
            if one is not None:
                found[name] = (one,)
            elif many:
                found[name] = tuple(many)
        return found

    def _meant(self, fact: Known) -> list[Running]:
        """The running clocks an event is about: those that share an id with it; failing that, those that cannot be
        told apart from it (one of the two carries no id). An event without an id means every one."""
        named = self._ids(fact) if self.standard.match else NO_IDS
        if not named:
            return list(self.running)
        sharing = [r for r in self.running if _shares(r, named)]
        return sharing or [r for r in self.running if not any(name in r.keys for name in named)]

    def _applies(self, step: Step, fact: Known) -> bool:
        if not step.test(fact.data):
            return False
        if step.free:
            return True
        if step.when and not self._held(step.when, fact):
            return False
        return not (step.when_not and self._held(step.when_not, fact))

    def _held(self, name: str, fact: Known) -> bool:
        """Whether a state held just before an event. It is followed only as far as it is asked about."""
        asked = self.asked.get(name)
        if asked is None:
            asked = self.asked[name] = Asked(self.standard.asked[name], self.history.facts)
        return asked.held_before(fact)

    # -- states -------------------------------------------------------------------------------------------------------

    def _move(self, fact: Known, role: Role) -> None:
        for name in role.moves:
            for spell in self.tracks[name].take(fact):
                for running in list(self.running):
                    if running.spell is spell:
                        self._finish(running, "cancelled", fact)

    # -- starts -------------------------------------------------------------------------------------------------------

    def _start_if(self, step: Step, fact: Known) -> None:
        if not self._applies(step, fact):
            if fact.before and self.rule.voids_if_corrected:
                self._start_corrected(step, fact)
            return
        spell = self.scope.spell(fact) if self.scope is not None else None
        if self.scope is not None and spell is None:
            return
        if step.nth_from and not _is_nth(step, fact, spell):
            return
        if step.linked is not None and not self._linked(step, fact, spell):
            return
        named = self._ids(fact) if self.standard.match else NO_IDS
        if self.running and self._same_again(step, fact, named):
            return
        day = self._day_0(step, fact) if step.counted_from else fact.day
        running = self._start(fact, day, {name: values[0] for name, values in named.items()}, spell)
        if running is not None and fact.event.time is None:
            self._done_that_morning(running, fact)

    def _done_that_morning(self, running: Running, fact: Known) -> None:
        """A start dated only by its day stands at that day's end; what was done earlier in it counts all the same."""
        at = self.at
        while at > 0 and self.facts[at - 1].day == fact.day:
            at -= 1
        if self.prohibits or running.by_doing:
            return
        for done in self.facts[at : self.at]:
            steps = self.standard.roles[done.kind].stops if done.event.time is not None else ()
            if any(not step.on_a_later_day and self._applies(step, done) for step in steps) and self._fits(
                running, done
            ):
                self.too_early = [named for named in self.too_early if not _shares(running, named)]
                self.faults = [fault for fault in self.faults if fault.event != done.id]
                running.clock.faults = None
                self._finish(running, "stopped", done)
                if self.rule.repeats:
                    self._start(done, done.day, running.keys, running.spell)
                return

    def _fits(self, running: Running, fact: Known) -> bool:
        named = self._ids(fact)
        return _shares(running, named) or not any(name in running.keys for name in named)

    def _same_again(self, step: Step, fact: Known, named: dict[str, tuple[str, ...]]) -> bool:
        """Whether a start, while others run, is one of them said again. A restart ends those it is about."""
        if step.again == "another":  # only a start that names the same is the same
            meant = [r for r in self.running if _shares(r, named)]
        else:
            meant = self._meant(fact)
        if step.again == "restart":
            for running in meant:
                self._finish(running, "cancelled", fact)
            return False
        for running in meant:  # learn the ids it goes by
            running.keys.update(
                {name: values[0] for name, values in named.items() if name not in running.keys}
            )
        return bool(meant)

    def _day_0(self, step: Step, fact: Known) -> date:
        """The event's own day, or that of the event it is counted from: of the same referral, else the latest before
        it since the case was last closed."""
        earlier = self._before(fact, step.counted_from)
        own = getattr(fact.data, "referral_id", None)
        if own is not None and (same := [e for e in earlier if e.data.referral_id == own]):
            return same[-1].day
        closed = max((e.day for e in self._before(fact, "case.closed")), default=date.min)
        since = [e.day for e in earlier if e.day >= closed]
        return since[-1] if since else fact.day

    def _before(self, fact: Known, kind: str) -> list[Known]:
        return [e for e in self.history.facts if e.kind == kind and e.day <= fact.day]

    def _start(self, fact: Known, day: date, keys: dict[str, str], spell: Spell | None) -> Running | None:
        if self.rule.from_birth:
            if self.history.unborn:
                return None  # nobody to see yet
            day = max(day, self.history.born_on or day)
            if self.history.adult_eve is not None and day > self.history.adult_eve:
                return None
        limit = self.standard.limits.in_force(day, spell, self.calendar)
        if limit is None:
            return None
        role = self.standard.roles.get(fact.kind)
        by_doing = role is not None and any(step.test(fact.data) for step in role.stops)
        running = Running(self._clock(fact, day, limit), limit, keys, spell, by_doing)
        for unmeasured in self.rule.unmeasured:
            if spell is not None and _known_of(spell, unmeasured.given):
                running.clock.unmeasured = unmeasured.because
        if any(_shares(running, named) for named in self.too_early):
            _note(running.clock, "done before its start")
        self.running.append(running)
        self.done.append(running)
        return running

    def _clock(self, fact: Known, day: date, limit: Limit) -> Clock:
        ordinal = self.ordinals.get(fact.root, 0)
        self.ordinals[fact.root] = ordinal + 1
        due_on, warn_on = (
            (None, None) if limit.in_hours else limit.plan(day, self.calendar, self.standard.warn)
        )
        clock = Clock(
            id=clock_id(self.standard.id, fact, ordinal), standard=self.standard.id, child=self.history.child,
            started_on=day, due_on=due_on, cause=fact.id, team=UNASSIGNED, warn_on=warn_on,
            lasts_to=self.history.adult_eve, prohibits=self.prohibits,
        )  # fmt: skip
        if limit.in_hours:
            self._in_hours(clock, fact, limit)
        return clock

    def _in_hours(self, clock: Clock, fact: Known, limit: Limit) -> None:
        clock.started_at = hours_start(fact.event.time, clock.started_on)
        clock.due_at = clock.started_at + limit.length.count * ONE_HOUR
        clock.due_on = london_day(clock.due_at)
        warnings = [w.count for w in self.standard.warn if w.unit == "hours"]
        clock.warn_at = clock.due_at - max(warnings) * ONE_HOUR if warnings else None
        clock.day_precision = fact.event.time is None

    def _linked(self, step: Step, fact: Known, spell: Spell | None) -> bool:
        """Whether the linked event lets it start. If only an earlier version of that event did, the clock is void."""
        linked, test = step.linked  # type: ignore[misc]
        value = getattr(fact.data, linked.by)
        others = [e for e in self._before(fact, linked.event) if getattr(e.data, linked.by) == value]
        if not others or test(others[-1].data):
            return True
        if self.rule.voids_if_corrected and any(test(version.data) for version in others[-1].before):
            self._start_void(
                fact, others[-1], spell, self._day_0(step, fact) if step.counted_from else fact.day
            )
        return False

    def _start_corrected(self, step: Step, fact: Known) -> None:
        """A start that was corrected to one that starts nothing: the clock was there and the duty never arose."""
        spell = self.scope.spell(fact) if self.scope is not None else None
        if self.scope is not None and spell is None:
            return
        for version in fact.before:
            if version.kind == fact.kind and step.test(version.data):
                was = Known(version.kind, version.day, version.data, fact.id, fact.source, fact.key, version,
                            fact.known_at, fact.root)  # fmt: skip
                self._start_void(was, fact, spell, self._day_0(step, was) if step.counted_from else was.day)
                return

    def _start_void(self, start: Known, by: Known, spell: Spell | None, day: date) -> None:
        """A clock whose duty never arose, as was recorded by `by`."""
        keys = {name: values[0] for name, values in self._ids(start).items()}
        running = self._start(start, day, keys, spell)
        if running is not None:
            self._finish(running, "voided", by)
            recorded = by.event.recordedtime
            running.clock.ended_on = london_day(recorded) if recorded else by.day

    def _start_by_function(self, up_to: date) -> None:
        while self.by_function and self.by_function[0][0] <= up_to:
            day, fact = self.by_function.pop(0)
            self._start(fact, day, {}, None)

    # -- at the end ---------------------------------------------------------------------------------------------------

    def _judged(self, running: Running) -> Clock:
        """The finished clock, with the team that answers for it and whether it can be judged at all."""
        clock, history = running.clock, self.history
        last = clock.due_on
        if clock.ended_on is not None and (last is None or clock.ended_on < last):
            last = clock.ended_on
        if history.teams:
            clock.team = history.team_on(last)
        if history.coverage is not None and clock.unmeasured is None:
            clock.unmeasured = history.coverage.why_not(
                self.standard.stop_kinds, clock.started_on, clock.due_on
            )
        return clock


ENDINGS = {
    "voids": Fold._void, "stops": Fold._stop, "cancels": Fold._cancel, "faults": Fold._fault, "booked": Fold._book,
}  # fmt: skip


def clock_id(standard: str, fact: Known, ordinal: int) -> str:
    """A clock's id: of the standard and the first event of its start's chain of replacements, so that neither a
    correction nor a merge makes it a new clock. Never of the child's id or a date."""
    text = f"{standard}\n{fact.source}\n{fact.root}\n{ordinal}"
    return blake2b(text.encode(), digest_size=12).hexdigest()


def _shares(running: Running, named: dict[str, tuple[str, ...]]) -> bool:
    """Whether a clock and an event name the same, by the first field that both carry."""
    for name, values in named.items():
        if name in running.keys:
            return running.keys[name] in values
    return False


def _is_nth(step: Step, fact: Known, spell: Spell | None) -> bool:
    """Counts an event within its spell, once a day, and says whether it is one of the wanted."""
    if spell is None or spell.counted_on == fact.day:
        return False
    spell.counted += 1
    spell.counted_on = fact.day
    return spell.counted >= step.nth_from and (step.nth_to is None or spell.counted <= step.nth_to)


def _known_of(spell: Spell, given: dict[str, Any]) -> bool:
    return all(spell.known.get(name) in (v if isinstance(v, list) else [v]) for name, v in given.items())


def _time_over(clock: Clock, day: date) -> bool:
    return clock.due_on is not None and day > clock.due_on


def _note(clock: Clock, fault: str) -> None:
    if fault not in (clock.faults or ""):
        clock.faults = f"{clock.faults}; {fault}" if clock.faults else fault
