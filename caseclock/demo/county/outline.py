"""An episode in outline: what a referral leads to and on which days, before any event is written.

Brothers and sisters share everything here but care, which is each child's own.
"""

from __future__ import annotations

from caseclock.demo.county.draw import Roll, between, spread
from caseclock.demo.county.people import Care, Child, Episode
from caseclock.demo.county.setting import Setting

DECIDE = spread({(0, 0): 55, (1, 1): 33, (2, 2): 6, (3, 5): 5, (6, 15): 1})  # working days
MANAGER_STOPS = 0.01  # assessments abandoned
PLAN_MADE, NO_PLAN_THEN_CIN = 0.82, 0.8  # of conferences
IN_NEED, HELPED = 0.42, 0.26  # of those found in need without an enquiry: a plan; lighter help
IN_NEED_AFTER_ENQUIRY = 0.55
CIN_AFTER_PLAN = 0.65  # plans that step down to a child in need plan
CIN_DAYS = spread({(28, 60): 18, (61, 120): 30, (121, 200): 27, (201, 365): 18, (366, 600): 7})
CLOSE = spread({(0, 0): 25, (1, 5): 40, (6, 15): 25, (16, 40): 10})  # working days from the last work
ENQUIRY = spread({(2, 5): 15, (6, 10): 40, (11, 15): 37, (16, 30): 8})  # working days, no conference following
# Families with a child taken into care, by how far things went before.
INTO_CARE = {"plan": 0.22, "enquiry": 0.08, "assessment": 0.085, "moved_in": 0.15}
WITH_SIBLINGS = 0.7
CARE_DAYS = spread({(2, 28): 11, (29, 180): 17, (181, 365): 12, (366, 730): 18, (731, 1460): 20, (1461, 2900): 22})
MOVES_AWAY = 0.05  # of plans, those that end because the family moves to another council
LEAVER_DAYS = (60, 1090)  # after the 18th birthday


def outline(roll: Roll, setting: Setting, members: list[Child], day: int, origin: str) -> Episode:
    """Returns what a referral on `day` leads to for `members`, whose `free_from` and `last_on` it sets."""
    episode = Episode(origin, day, members, "transfer", day)
    if origin == "moved_in":
        _move_in(roll, setting, episode)
    else:
        episode.outcome = "assessment" if origin == "asylum" else setting.odds_on(day).outcome.draw(roll())
        episode.decided_on = setting.days.add(day, DECIDE.draw(roll()))
        if episode.assessed:
            _assess(roll, setting, episode)
    _close(roll, setting, episode)
    return episode


def _move_in(roll: Roll, setting: Setting, episode: Episode) -> None:
    within = between(roll(), 6, 15) if roll() < 0.85 else between(roll(), 16, 24)
    episode.conference_on = setting.days.add(episode.referred_on, within)
    length = setting.odds_on(episode.referred_on).plan.draw(roll())
    episode.plan_to = setting.days.on_or_after(episode.conference_on + length)


def _assess(roll: Roll, setting: Setting, episode: Episode) -> None:
    odds, days = setting.odds_on(episode.referred_on), setting.days
    episode.authorised_on = days.add(episode.referred_on, odds.assessment.draw(roll()))
    episode.decided_on = min(episode.decided_on, episode.authorised_on)
    if episode.origin == "asylum":
        episode.after = "other"
        return
    if episode.outcome == "strategy_discussion":
        episode.enquiry_on = days.add(episode.decided_on, int(roll() < 0.3))
    elif roll() < odds.enquiry_later:
        episode.enquiry_on = days.add(episode.referred_on, between(roll(), 3, 25))
    elif roll() < MANAGER_STOPS:
        episode.abandoned = True
        return
    if episode.enquiry_on is None:
        episode.after = _after(roll, odds.not_in_need, IN_NEED, HELPED)
    else:
        _enquire(roll, setting, episode)


def _enquire(roll: Roll, setting: Setting, episode: Episode) -> None:
    odds, days = setting.odds_on(episode.referred_on), setting.days
    begun = episode.enquiry_on or episode.decided_on
    if roll() >= odds.conference_after:
        episode.enquiry_ends = days.add(begun, ENQUIRY.draw(roll()))
        episode.after = _after(roll, 0.25, IN_NEED_AFTER_ENQUIRY, 0.27)
        return
    within = odds.conference.draw(roll())
    episode.conference_on = days.add(begun, within)
    episode.enquiry_ends = days.add(begun, between(roll(), max(1, within - 9), max(1, within - 3)))
    if roll() < PLAN_MADE:
        episode.plan_to = days.on_or_after(episode.conference_on + odds.plan.draw(roll()))
        episode.moves_away = roll() < MOVES_AWAY
    else:
        episode.after = "cin" if roll() < NO_PLAN_THEN_CIN else "other"


def _after(roll: Roll, nothing: float, in_need: float, helped: float) -> str:
    if roll() < nothing:
        return "nfa"
    kind = roll()
    return "cin" if kind < in_need else "family_support" if kind < in_need + helped else "other"


def _close(roll: Roll, setting: Setting, episode: Episode) -> None:
    """When the work ends: the plan in need that may follow, each child's care, and the closing."""
    done = max(filter(None, (episode.decided_on, episode.authorised_on, episode.enquiry_ends, episode.conference_on)))
    if episode.plan_to is not None:
        done = max(done, episode.plan_to)
    steps_down = episode.plan_to is not None and not episode.moves_away and roll() < CIN_AFTER_PLAN
    if steps_down or (episode.plan_to is None and episode.after == "cin"):
        episode.cin_from, episode.cin_to = done, done + CIN_DAYS.draw(roll())
        done = episode.cin_to
    if episode.opened and not episode.moves_away:
        done = setting.days.add(done, CLOSE.draw(roll()))
    taken = _take_into_care(roll, setting, episode)
    for child in episode.members:
        care = episode.care.get(child.place) if taken else None
        end = min(done, child.adult_on - 1)
        if care is not None and care.ends == "eighteen":
            end, child.free_from = child.adult_on + between(roll(), *LEAVER_DAYS), child.adult_on
        elif care is not None:
            end = min(max(care.to_on + between(roll(), 0, 50), end), child.adult_on - 1)
        child.last_on = episode.ends[child.place] = end
        child.free_from = max(child.free_from, end + 1)
    episode.last_on = max(episode.ends.values())
    episode.closed_on = done if len(episode.care) < len(episode.members) else episode.last_on


def _take_into_care(roll: Roll, setting: Setting, episode: Episode) -> bool:
    if episode.origin == "asylum":
        child = episode.members[0]
        episode.care[child.place] = Care(episode.referred_on, child.adult_on, "eighteen")
        return True
    odds = setting.odds_on(episode.referred_on)
    if not episode.opened or roll() >= INTO_CARE[episode.route] * odds.care:
        return False
    on = _care_begins(roll, episode)
    length = CARE_DAYS.draw(roll())
    for child in episode.members:
        begun = max(on, child.born_on + between(roll(), 0, 3))
        if (child is episode.members[0] or roll() < WITH_SIBLINGS) and begun < child.adult_on - 30:
            episode.care[child.place] = _care(roll, child, begun, length)
    return bool(episode.care)


def _care_begins(roll: Roll, episode: Episode) -> int:
    if episode.plan_to is not None and episode.conference_on is not None:
        return episode.conference_on + between(roll(), 2, max(3, min(400, episode.plan_to - episode.conference_on - 5)))
    if episode.enquiry_on is not None:
        return episode.enquiry_on + between(roll(), 0, 8)
    return episode.decided_on + between(roll(), 3, 60)


def _care(roll: Roll, child: Child, begun: int, length: int) -> Care:
    ends = begun + length
    if ends >= child.adult_on:
        return Care(begun, child.adult_on, "eighteen")
    adopted = length > 330 and begun - child.born_on < 4 * 365 and roll() < 0.4
    return Care(begun, ends, "adoption" if adopted else "home")
