"""Starts that a correction took back: the clock was there, and the duty never arose. Pure parts of the fold."""

from __future__ import annotations

from datetime import date

import msgspec

from schemas.time.days import london_day
from services.timeliness.fold.endings import finish
from services.timeliness.fold.running import Fold
from services.timeliness.fold.starts import day_0, first_keys, spell_of, start
from services.timeliness.history.facts import Fact
from services.timeliness.standards.compiled import Step
from services.timeliness.standards.states import Spell


def start_link_corrected(fold: Fold, step: Step, fact: Fact) -> None:
    """A start whose linked event was corrected so that it starts nothing (a missing episode that was none)."""
    applies, spell = spell_of(fold, fact)
    others = fold.linked(step, fact)
    if not applies or step.linked is None or step.linked[0].absent or not others:
        return
    if any(step.linked[1](version.data) for version in others[-1].before):
        _start_void(fold, fact, others[-1], spell, day_0(fold, step, fact))


def start_corrected(fold: Fold, step: Step, fact: Fact) -> None:
    """A start that was corrected to one that starts nothing."""
    applies, spell = spell_of(fold, fact)
    for version in fact.before if applies else ():
        if version.kind == fact.kind and step.test(version.data):
            was = msgspec.structs.replace(fact, day=version.day, data=version.data, event=version)
            if not fold.same_start(step, was):  # else it began nothing of its own
                _start_void(fold, was, fact, spell, day_0(fold, step, was))
            return


def _start_void(fold: Fold, fact: Fact, by: Fact, spell: Spell | None, day: date) -> None:
    """A clock whose duty never arose, as `by` recorded: void from the day of the recording."""
    running = start(fold, fact, day, first_keys(fold.ids(fact)), spell)
    if running is not None:
        finish(fold, running, "voided", by)
        recorded = by.event.recordedtime
        running.clock.ended_on = london_day(recorded) if recorded else by.day
