"""Looked-after children of sixteen and over, and care leavers."""

from __future__ import annotations

from caseclock.demo.county.days import birthday_of
from caseclock.demo.county.draw import Chances, between, spread
from caseclock.demo.county.people import Child, Episode
from caseclock.demo.county.recording import Record
from caseclock.demo.county.visits import visits

THIRTEEN_WEEKS = 91  # days
ASSESSED = spread({(20, 60): 30, (61, 88): 44, (93, 130): 17, (131, 250): 9})  # days after it fell to be done
IN_TOUCH_EVERY = spread({(30, 50): 30, (51, 60): 50, (61, 110): 20})  # days
DOING = Chances({"F1": 10, "F2": 30, "F4": 8, "F5": 25, "G4": 15, "G5": 12})
LIVES = Chances({"B": 8, "C": 12, "D": 5, "U": 35, "V": 15, "Y": 10, "Z": 15})


def prepare(record: Record, child: Child, episode: Episode) -> None:
    """The pathway assessment at sixteen, and contact after eighteen."""
    care = episode.care.get(child.place)
    if care is None:
        return
    due_from = max(birthday_of(child.born_on, 16), max(care.from_on, birthday_of(child.born_on, 14)) + THIRTEEN_WEEKS)
    if due_from < care.to_on:
        days = record.setting.days
        record.put("leaver.status_set", due_from, status="eligible")
        done = days.on_or_after(due_from + ASSESSED.draw(record.roll()))
        if done < care.to_on:
            record.put("pathway_assessment.completed", done)
            made = days.add(done, between(record.roll(), 2, 25))
            record.put("pathway_plan.made", made, plan_id=f"w{record.next}")
    if care.ends == "eighteen":
        _leave(record, child, episode, eligible=due_from < care.to_on)


def _leave(record: Record, child: Child, episode: Episode, eligible: bool) -> None:
    days, roll, ends = record.setting.days, record.roll, episode.ends[child.place]
    if eligible:
        record.put("leaver.status_set", child.adult_on, status="former_relevant")
    visits(record, "leaving_care", child.adult_on, ends - 1, child.born_on, IN_TOUCH_EVERY, worked=False)
    for age in (19, 20, 21):
        birthday = birthday_of(child.born_on, age)
        if birthday < ends:
            record.put(
                "leaver.contacted",
                days.on_or_after(birthday + between(roll(), -20, 20)),
                in_touch="YES" if roll() < 0.9 else "NO",
                activity=DOING.draw(roll()),
                accommodation=LIVES.draw(roll()),
            )
