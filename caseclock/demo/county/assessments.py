"""The single assessment: begun, visited, reviewed, authorised; sometimes authorised too soon and taken back."""

from __future__ import annotations

from caseclock.demo.county.draw import Chances, between, spread
from caseclock.demo.county.people import Child, Episode
from caseclock.demo.county.recording import Record
from caseclock.demo.county.visits import visits

BEGUN = spread({(0, 0): 50, (1, 1): 30, (2, 3): 20})  # working days after the decision
SEEN_EVERY = spread({(1, 5): 30, (6, 12): 45, (13, 25): 25})  # working days
REVIEWED = 0.5
TAKEN_BACK = 0.015  # of authorisations
UNFINISHED = 0.002  # of assessments, those nobody authorises before the case is closed
SIGNED = 1030  # minute of the day
WHY_LATE = Chances({"family_unavailable": 40, "capacity": 35, "awaiting_information": 25})
NEW_INFORMATION = spread({(60, 120): 45, (121, 240): 40, (241, 500): 15})  # days until something new comes up


def assess(record: Record, child: Child, episode: Episode, referral: str) -> None:
    """The assessment that follows a referral."""
    if episode.authorised_on is None:
        return
    days, done = record.setting.days, episode.authorised_on
    begun = min(days.add(episode.decided_on, BEGUN.draw(record.roll())), done)
    minute = episode.decided_at + 5 if begun == episode.decided_on else 570
    name = f"s{record.next}"
    record.put(
        "assessment.started", begun, minute, assessment_id=name, kind="single", reason="referral", referral_id=referral
    )
    if record.roll() < UNFINISHED:
        return
    if episode.abandoned:
        record.put("assessment.abandoned", done, 990, assessment_id=name, reason="family_moved")
        return
    outcome = "conference" if episode.conference_on else episode.after
    late = done > days.add(episode.referred_on, 45)
    at = max(SIGNED, minute + 15) if done == begun else SIGNED
    _carry_out(record, child, name, (begun, done, at), outcome, late, referral)


def assess_anew(record: Record, child: Child, from_on: int, to_on: int) -> None:
    """New information on an open case, assessed again, if anything new comes up."""
    roll, days = record.roll, record.setting.days
    begun = days.on_or_after(from_on + NEW_INFORMATION.draw(roll()))
    odds = record.setting.odds_on(begun)
    if roll() >= odds.something_new:
        return
    done = days.add(begun, odds.assessment.draw(roll()))
    if done < to_on:
        name = f"s{record.next}"
        record.put("assessment.started", begun, 600, assessment_id=name, kind="single", reason="new_information")
        _carry_out(record, child, name, (begun, done, SIGNED), "cin", done > days.add(begun, 45), "")


def _carry_out(
    record: Record, child: Child, name: str, when: tuple[int, int, int], outcome: str, late: bool, referral: str
) -> None:
    """`when`: the day it begins, the day it is authorised and the minute of that."""
    roll, days, (begun, done, at) = record.roll, record.setting.days, when
    visits(record, "assessment", begun, done, child.born_on, SEEN_EVERY, worked=True)
    if done - begun > 25 and roll() < REVIEWED:
        record.put("assessment.reviewed", days.add(begun, between(roll(), 8, 15)), assessment_id=name)
    result: dict[str, str | bool] = {"kind": "single", "outcome": outcome}
    if referral:
        result["referral_id"] = referral
    if child.born_on < done:
        result |= {"seen": roll() < 0.97, "seen_alone": roll() < 0.6}
    if late:
        result["over_time_reason"] = WHY_LATE.draw(roll())
    finished = min(days.on_or_after(max(begun, done - between(roll(), 0, 4))), done)
    if roll() < TAKEN_BACK and done - begun > 20:
        finished = days.on_or_after(done - between(roll(), 8, 12))
        too_soon = record.put("assessment.authorised", finished, at, assessment_id=name, **result)
        record.retract(too_soon, days.add(finished, between(roll(), 1, 3)))
    record.put("assessment.completed", finished, 1000 if finished < done else at, assessment_id=name)
    record.put("assessment.authorised", done, at, assessment_id=name, **result)
