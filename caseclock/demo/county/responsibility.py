"""Who is responsible for a child through an episode, and which worker holds the case.

The front door hands to an assessment team, that to a family team, that to the looked-after team; families move between
areas; workers leave, and for some days nobody but a manager holds the case.
"""

from __future__ import annotations

from caseclock.demo.county import places
from caseclock.demo.county.draw import between
from caseclock.demo.county.people import Child, Episode
from caseclock.demo.county.recording import Record
from caseclock.demo.county.staffing import Post, Tenure

MOVES_AREA = 0.07  # of cases that reach a family team
TAKEN_LATE = 0.06  # the next worker takes the case some days after the last one left
MANAGER_HOLDS = 0.6  # of vacancies, those in which the case is put in the manager's name
OPENS, SHUTS = 545, 1100  # minutes of the day

Turn = tuple[int, int, str, str]  # from this day and minute, this team, why


def assign(record: Record, child: Child, episode: Episode, area: str) -> None:
    """Every change of team and of worker in the episode."""
    turns, ends = _turns(record, child, episode, area), episode.ends[child.place]
    record.spells = []
    for n, (day, minute, team, reason) in enumerate(turns):
        post = _post(record, team, day)
        record.spells.insert(0, (day, minute, team, post))
        record.put("case.team_set", day, minute, team=team, reason=reason)
        if team == places.FRONT_DOOR:
            continue
        last = n + 1 == len(turns)
        until, at = (ends, SHUTS) if last else turns[n + 1][:2]
        if record.roll() < TAKEN_LATE:
            day, minute = record.setting.days.add(day, between(record.roll(), 1, 4)), OPENS
        if (day, minute) < (until, at):
            _hold(record, post, day, minute, until, at, "closed" if last else "transfer")


def _turns(record: Record, child: Child, episode: Episode, area: str) -> list[Turn]:
    """The teams responsible in turn, the front door first."""
    roll, care = record.roll, episode.care.get(child.place)
    turns: list[Turn] = [(episode.referred_on, episode.received_at, places.FRONT_DOOR, "new_referral")]
    if episode.origin == "asylum":
        turns.append((episode.decided_on, episode.decided_at, places.UNACCOMPANIED, "asylum"))
    elif episode.assessed:
        team = places.assessment_team(area, roll())
        turns.append((episode.decided_on, episode.decided_at, team, "assessment"))
    if episode.origin != "asylum" and (episode.plan_to or episode.cin_from or care):
        on = record.setting.days.add(_settled_on(child, episode), between(roll(), 0, 8))
        team = places.DISABLED_CHILDREN if child.disabled else places.family_team(area, roll())
        turns.append((on, OPENS, team, "transfer"))
        if care is None and roll() < MOVES_AREA:
            team = places.family_team(places.area_of(roll()), roll())
            turns.append((on + between(roll(), 20, 200), OPENS, team, "moved_area"))
        if care is not None:
            day = care.from_on + between(roll(), 40, 160)
            turns.append((day, OPENS, places.looked_after_team(area), "looked_after"))
    if care is not None and care.ends == "adoption":
        turns.append((care.to_on - between(roll(), 150, 300), OPENS, places.ADOPTION, "adoption"))
    if care is not None and care.ends == "eighteen":
        turns.append((child.adult_on - between(roll(), 0, 60), OPENS, places.LEAVING_CARE, "leaving_care"))
    return _in_order(turns, episode.ends[child.place])


def _settled_on(child: Child, episode: Episode) -> int:
    """When the case leaves the assessment team: after the conference, on entering care or after the assessment."""
    care = episode.care.get(child.place)
    if episode.plan_to is not None:
        day = episode.conference_on
    else:
        day = care.from_on if care else episode.authorised_on
    return max(day or 0, episode.decided_on)


def _in_order(turns: list[Turn], ends: int) -> list[Turn]:
    kept = turns[:1]
    kept += [turn for turn in turns[1:] if turn[0] <= ends]
    return [turn for n, turn in enumerate(kept) if all(before[:2] < turn[:2] for before in kept[:n])]


def _post(record: Record, team: str, day: int) -> Post:
    """A post of the team, one that is held that day if the third look finds one."""
    for _ in range(3):
        post = record.setting.staff.post(team, record.roll())
        if post.during(day, day):
            break
    return post


def _hold(record: Record, post: Post, day: int, minute: int, until: int, at: int, why: str) -> None:
    """The case goes with the post from one worker to the next, until a day and minute."""
    free: int | None = None  # since when the post has been vacant
    for tenure in post.during(day, min(until, record.setting.last)):
        start = (day, minute) if tenure.from_on <= day else (tenure.from_on, OPENS)
        if free is not None and start[0] > free and record.roll() < MANAGER_HOLDS:
            _stand_in(record, post, free, start[0])
        name = _allocate(record, tenure, *start)
        gone = tenure.to_on < until
        record.put(
            "worker.deallocated",
            *((tenure.to_on, OPENS) if gone else (until, at)),
            allocation_id=name,
            reason="left_post" if gone else why,
        )
        free = tenure.to_on


def _allocate(record: Record, tenure: Tenure, day: int, minute: int) -> str:
    name = f"a{record.next}"
    record.put(
        "worker.allocated",
        day,
        minute,
        allocation_id=name,
        worker=tenure.worker,
        role="lead_social_worker",
        registered=True,
        newly_qualified=tenure.newly_qualified,
        agency=tenure.agency,
    )
    return name


def _stand_in(record: Record, post: Post, day: int, until: int) -> None:
    name = f"a{record.next}"
    record.put(
        "worker.allocated", day, OPENS, allocation_id=name, worker=f"M-{post.team}", role="manager", registered=True
    )
    record.put("worker.deallocated", until, OPENS, allocation_id=name, reason="allocated")
