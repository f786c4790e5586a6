"""Missing episodes and the interviews on return."""

from __future__ import annotations

from caseclock.demo.county.draw import Chances, between, spread
from caseclock.demo.county.people import Child, Episode
from caseclock.demo.county.recording import Record

FROM_AGE = 12 * 365  # days
OFTEN, SELDOM = 0.13, 0.55  # of the over-twelves in care: those often missing, and those now and then
OFTEN_EVERY, SELDOM_EVERY = (spread({(3, 20): 50, (21, 60): 50}), spread({(60, 300): 50, (301, 900): 50}))  # days
AT_HOME = 0.06  # of the over-twelves with an open case at home
GONE = spread({(0, 0): 40, (1, 1): 45, (2, 3): 10, (4, 12): 5})  # nights away
INTERVIEW = Chances({"in_time": 74, "late": 13, "declined": 8, "none": 5})
RECODED = 0.03  # of episodes first called missing, and found to have been an absence


def go_missing(record: Record, child: Child, episode: Episode) -> None:
    """Every time the child goes missing in an episode."""
    roll, care = record.roll, episode.care.get(child.place)
    if care is None:
        start = max(episode.decided_on, child.born_on + FROM_AGE)
        if episode.opened and start < episode.ends[child.place] and roll() < AT_HOME:
            _gone(record, between(roll(), start, episode.ends[child.place]), "home")
        return
    start, nature = max(care.from_on, child.born_on + FROM_AGE), roll()
    gap = OFTEN_EVERY if nature < OFTEN else SELDOM_EVERY if nature < OFTEN + SELDOM else None
    ends = min(care.to_on, record.setting.last)
    if gap is None or start >= ends:
        return
    day = start + gap.draw(roll())
    while day < ends - 15:
        day = _gone(record, day, "care") + gap.draw(roll())


def _gone(record: Record, day: int, home: str) -> int:
    """One time away. Returns the day of the return."""
    roll, name = record.roll, f"x{record.next}"
    nights = GONE.draw(roll())
    left = between(roll(), 900, 1200) if nights == 0 else between(roll(), 900, 1380)
    back, at = day + nights, between(roll(), left + 100, 1430) if nights == 0 else between(roll(), 420, 1380)
    facts = {"missing_id": name, "from": home}
    category = "away" if roll() < 0.06 else "missing"
    event = record.put("missing.started", day, left, category=category, **facts)
    if category == "missing" and roll() < RECODED:
        record.replace(event, "missing.started", day, left, category="away", **facts)
    record.put("missing.ended", back, at, missing_id=name)
    if category == "missing":
        _interview(record, name, back, at)
    return back


def _interview(record: Record, name: str, back: int, at: int) -> None:
    days, roll, result = record.setting.days, record.roll, INTERVIEW.draw(record.roll())
    if result == "none":
        return
    offered = days.add(back, between(roll(), 0, 1)) if at < 960 else days.add(back, 1)
    record.put("return_interview.offered", offered, missing_ids=[name])
    if result == "declined":
        record.put("return_interview.declined", max(offered, back + 1), missing_ids=[name])
        return
    wait = between(roll(), 1, 2) if result == "in_time" else between(roll(), 4, 15)
    on = max(days.on_or_after(back + wait) if result == "late" else back + wait, offered)
    record.put("return_interview.held", on, missing_ids=[name], independent=roll() < 0.8)
