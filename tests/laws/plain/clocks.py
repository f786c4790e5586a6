"""The clocks of one standard, one event after another."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.laws.plain.days import DAY, due, london, midnight
from tests.laws.plain.facts import Fact
from tests.laws.plain.life import Life, Row
from tests.laws.plain.rules import RULES, fits, limit, named, own_id, partner, some
from tests.laws.plain.states import Spell, State, leaves, ran

NOTHING: tuple[str, ...] = ()


def clocks_of(standard: str, life: Life) -> list[Row]:
    """The clocks of what must be done in time, or must not happen."""
    run = Run(standard, life)
    for fact in life.childhood:
        run.see(fact)
    kinds = {trigger["event"] for trigger in some(run.rule["stops"])}
    return [life.finish(row, kinds) for row in run.rows]


class Run:
    def __init__(self, standard: str, life: Life) -> None:
        self.standard, self.life, self.rule = standard, life, RULES[standard]
        self.rows: list[Row] = []
        self.match: list[str] = some(self.rule.get("match"))
        self.never = self.rule.get("measure") == "must_not_happen"
        asked = {s for t in self._all_triggers() for s in some(t.get("when")) + some(t.get("when_not"))}
        self.states = {name: State(name, life.facts) for name in {*asked, *some(self.rule.get("while"))}}
        self.during = self.states.get(self.rule.get("while", ""))

    def _all_triggers(self) -> list[dict[str, Any]]:
        roles = ("starts", "stops", "cancels", "excused", "instead", "voids")
        return [trigger for role in roles for trigger in some(self.rule.get(role)) if "event" in trigger]

    # -- one event -----------------------------------------------------------------------------------------------------

    def see(self, fact: Fact) -> None:
        does = {role: self._trigger(role, fact) for role in ("voids", "stops", "excused", "instead", "cancels")}
        starts = self._trigger("starts", fact)
        for state in self.states.values():
            state.see(fact)
        if leaves(fact):
            self._end(self._running(fact), "cancelled", fact)
            return
        if does["voids"]:
            self._end([row for row in self._meant(fact, done=True) if row.ended != "voided"], "voided", fact)
        if does["stops"]:
            self._stop(does["stops"], fact)
        if does["excused"]:
            self._end(self._meant(fact), "excused", fact)
        if does["instead"]:
            for row in self._meant(fact):
                if row.started_on <= fact.day and (row.due_on is None or fact.day <= row.due_on):
                    row.instead = does["instead"]["says"]
        if does["cancels"]:
            self._end(self._closed(fact), "cancelled", fact)
        self._spells_over(fact)
        if starts:
            self._begin(starts, fact)
        elif self.rule.get("voids_if_corrected"):
            self._void_what_was(fact)

    def _trigger(self, role: str, fact: Fact) -> dict[str, Any] | None:
        for trigger in some(self.rule.get(role)):
            if fits(trigger, fact, self.life.facts) and self._stands(trigger, fact):
                return dict(trigger)
        return None

    def _stands(self, trigger: dict[str, Any], fact: Fact) -> bool:
        """Whether the states are as they must be just before."""
        wanted = all(self._held(name, fact) for name in some(trigger.get("when")))
        return wanted and not any(self._held(name, fact) for name in some(trigger.get("when_not")))

    def _held(self, name: str, fact: Fact) -> bool:
        if fact.kind == "referral.received" and name == "case_open":
            return self.life.case.held_at(fact)
        return bool(self.states[name].open)

    # -- which clocks an event means -----------------------------------------------------------------------------------

    def _running(self, fact: Fact) -> list[Row]:
        """What must not happen runs to its last day and no longer."""
        here = [row for row in self.rows if row.ended is None]
        return [row for row in here if not self.never or row.due_on is None or fact.day <= row.due_on]

    def _ids(self, fact: Fact) -> dict[str, list[str]]:
        return {name: named(fact, name) for name in self.match}

    def _same(self, row: Row, ids: dict[str, list[str]]) -> bool | None:
        """By the most exact id that both carry; None where they have nothing to compare."""
        for name, values in ids.items():
            if values and row.ids.get(name) is not None:
                return row.ids[name] in values
        return None

    def _meant(self, fact: Fact, done: bool = False) -> list[Row]:
        """The clocks that it names; naming none that there is, those that it cannot be told apart from."""
        ids, running = self._ids(fact), self._running(fact)
        if not any(ids.values()):
            return running
        if same := [row for row in self.rows if self._same(row, ids)]:
            return [row for row in same if done or row in running]
        return [row for row in running if self._same(row, ids) is None]

    def _closed(self, fact: Fact) -> list[Row]:
        """Naming none, a closing ends what ran when the day opened, else what began that day."""
        here = self._meant(fact)
        if any(self._ids(fact).values()):
            return here
        older = [row for row in here if ran(row.begun, fact.day)] or self.life.case_ran(fact.day)
        by_hours = [row for row in here if fact.at is not None and row.begun.at is not None]
        return [row for row in here if not older or ran(row.begun, fact.day) or row in by_hours]

    # -- endings -------------------------------------------------------------------------------------------------------

    def _end(self, rows: list[Row], how: str, fact: Fact) -> None:
        for row in rows:
            if how == "cancelled" and fact.day < row.started_on:
                self.rows.remove(row)  # over before it began
                continue
            row.ended, row.ended_on, row.ended_by, row.recorded_late = how, fact.day, fact, False
            row.ended_at = None
            if how == "stopped" and row.due_at is not None:
                row.ended_at = fact.at or midnight(fact.day)
            if how == "stopped" and not self.never:
                late = row.ended_at > row.due_at if row.ended_at and row.due_at else fact.day > (row.due_on or date.max)
                row.recorded_late = not late and self.life.known_late(row, fact)

    def _stop(self, trigger: dict[str, Any], fact: Fact) -> None:
        """A stop before day 0 is none; nor is what began the clock, told twice on its day."""
        for row in self._meant(fact):
            twice = fact.day == row.begun.day and fact.kind == row.begun.kind
            early = fact.day < row.started_on + (DAY if trigger.get("on_a_later_day") else 0 * DAY)
            said_again = self.never and self._told_before(fact)
            if twice or early or said_again:
                continue
            if self.never:
                row.due_on = fact.day
            self._end([row], "stopped", fact)
            if self.rule.get("repeats"):
                self._add(Row(self.standard, fact, fact.day, None, {}, row.spell), fact)

    def _told_before(self, fact: Fact) -> bool:
        """Whether a clock that began is of the very event."""
        own = own_id(fact.kind)
        return any(row.ids[own] == fact.get(own) for row in self.rows if self._is_the_same(row))

    def _spells_over(self, fact: Fact) -> None:
        """A spell that is over cancels; where clocks are not told apart by it, another of its kind goes on with them."""
        if self.during is None:
            return
        for row in [row for row in self.rows if row.ended is None and row.spell is not None and row.spell.closed]:
            others = self.during.open
            if self.during.key not in self.match and others and not self.during.said.get("one_at_a_time"):
                row.spell = others[-1]
            else:
                self._end([row], "cancelled", fact)

    # -- beginnings ----------------------------------------------------------------------------------------------------

    def _begin(self, trigger: dict[str, Any], fact: Fact, void: Fact | None = None) -> None:
        spell = self.during.of(fact) if self.during is not None else None
        if self.during is not None and (spell is None or not self._counts(trigger, fact, spell)):
            return
        ids = {name: fact.get(name) for name in self.match or [own_id(fact.kind)]}
        if spell is not None and self.during is not None and self.during.key in self.match and spell.ids:
            ids[self.during.key] = sorted(spell.ids)[-1]
        if self._joins(trigger, fact, ids, void):
            return
        row = Row(self.standard, void or fact, self._day_0(trigger, fact), None, ids, spell)
        if self.never:
            row.begun_again = any((due(r.started_on, "12 months") or date.max) >= row.started_on for r in self.rows)
        if not self._add(row, fact):
            return
        if void is not None:
            self._end([row], "voided", void)
            row.ended_on = london(void.recorded) if void.recorded else void.day
        elif fact.at is None and not self.never:
            self._done_that_day(row, fact)

    def _done_that_day(self, row: Row, fact: Fact) -> None:
        """What is done on the start's own day counts, also where the start, known only by its day, stands after it."""
        for other in self.life.childhood:
            if other.day != fact.day or other.place >= fact.place or self._same(row, self._ids(other)) is False:
                continue
            for role, how in (("excused", "excused"), ("stops", "stopped")):
                trigger = self._trigger(role, other)
                if trigger and not trigger.get("on_a_later_day") and other.kind != fact.kind and row.ended is None:
                    self._end([row], how, other)

    def _counts(self, trigger: dict[str, Any], fact: Fact, spell: Spell) -> bool:
        """Which one in its spell it is, one a day."""
        if "nth" not in trigger:
            return True
        first = not spell.days or spell.days == [fact.day]
        twice = fact.day in spell.days
        spell.days += [] if twice else [fact.day]
        return not twice and first == (str(trigger["nth"]) == "1")

    def _joins(self, trigger: dict[str, Any], fact: Fact, ids: dict[str, str | None], void: Fact | None) -> bool:
        """Whether it only says again what is there, or is ignored while something runs."""
        told = {name: [value] for name, value in ids.items() if value is not None}
        same = [row for row in self.rows if self._same(row, told)]
        again = trigger.get("again", self.rule.get("again", "ignore"))
        known = [row for row in same if self._is_the_same(row)]
        if known and not self.rule.get("recurring"):
            self._learn(known, ids, void)
            return True
        running = self._running(fact)
        if again == "restart":
            self._end(running, "cancelled", fact)
            for row in running:
                row.restarted = True
            return False
        if again == "another":
            return False
        if self.match and same:
            running = [row for row in running if row in same]
        elif self.match and told:
            running = [row for row in running if self._same(row, told) is None]
        self._learn(running, ids, void)
        return bool(running)

    def _is_the_same(self, row: Row) -> bool:
        """Running or done, not cancelled nor void, and not of a spell that is over; or followed by another that began."""
        over = row.spell is not None and row.spell.closed is not None
        return (row.ended in (None, "stopped", "excused") or row.restarted) and not over

    def _learn(self, rows: list[Row], ids: dict[str, str | None], void: Fact | None) -> None:
        for row in rows if void is None else []:
            row.ids = {name: row.ids.get(name) or value for name, value in ids.items()}

    def _day_0(self, trigger: dict[str, Any], fact: Fact) -> date:
        """The day of the referral it names, else of the latest since the case was last closed, else its own."""
        if "counted_from" not in trigger:
            return fact.day
        received = [f for f in self.life.facts if f.kind == trigger["counted_from"]]
        referral = fact.get("referral_id")
        if same := [f for f in received if referral is not None and f.get("referral_id") == referral]:
            return same[0].day
        closed = [f.place for f in self.life.facts if f.kind == "case.closed" and f.place < fact.place]
        since = [f for f in received if f.place < fact.place and (not closed or f.place > closed[-1])]
        return since[-1].day if since else fact.day

    def _add(self, row: Row, fact: Fact) -> bool:
        """Adds a clock where a limit is in force on its day 0."""
        if self.rule.get("from_birth"):
            if self.life.unborn:
                return False
            row.started_on = max(row.started_on, self.life.born or row.started_on)
        spell = row.spell
        terms, since = (spell.terms, spell.since) if spell is not None else ({}, None)
        one = limit(self.rule, row.started_on, terms, since)
        if one is None:
            return False
        length = one.get("within") or one["before"]
        if "hour" in length:
            row.started_at = fact.at or midnight(fact.day + DAY)
            row.due_at = row.started_at + timedelta(hours=int(length.split()[0]))
            row.due_on = london(row.due_at)
        else:
            row.due_on = due(row.started_on, length)
            if "before" in one and row.due_on is not None:
                row.due_on -= DAY
        for case in self.rule.get("unmeasured", []):
            row.unmeasured |= all(terms.get(name) in some(value) for name, value in case["given"].items())
        self.rows.append(row)
        return True

    def _void_what_was(self, fact: Fact) -> None:
        """A start corrected to one that starts nothing leaves a void clock."""
        for version in fact.was:
            for trigger in some(self.rule["starts"]):
                if version.kind == fact.kind and fits(trigger, version, self.life.facts):
                    self._begin(trigger, version, void=fact)
                    return
        for trigger in some(self.rule["starts"]):
            if trigger["event"] == fact.kind and "linked" in trigger:
                self._void_what_was_linked(trigger, fact)

    def _void_what_was_linked(self, trigger: dict[str, Any], fact: Fact) -> None:
        """So does one whose partner was corrected."""
        bare = {key: value for key, value in trigger.items() if key != "linked"}
        for other in partner(trigger["linked"], fact, self.life.facts)[-1:]:
            for version in other.was:
                if fits(bare, fact, []) and fits(trigger, fact, [version]):
                    self._begin(bare, fact, void=other)
                    return
