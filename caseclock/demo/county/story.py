"""A family's whole story, told child by child."""

from __future__ import annotations

from caseclock.demo.county.assessments import assess, assess_anew
from caseclock.demo.county.care import look_after
from caseclock.demo.county.draw import Roll, between
from caseclock.demo.county.in_need import help_family, plan
from caseclock.demo.county.leavers import prepare
from caseclock.demo.county.meetings import Diary, protection_diary
from caseclock.demo.county.missing import go_missing
from caseclock.demo.county.moves import arrive, close
from caseclock.demo.county.people import Child, Episode, Family
from caseclock.demo.county.protection import protect
from caseclock.demo.county.recording import Record
from caseclock.demo.county.referrals import known_twice, refer, register
from caseclock.demo.county.responsibility import assign
from caseclock.demo.county.setting import Setting

LONG_OPEN = 130  # days after which a case may be assessed again
OPENS, SHUTS = 510, 975  # minutes of the day between which referrals come


def tell(family: Family, setting: Setting, roll: Roll, lines: list[bytes]) -> None:
    """Every event of a family's children, into `lines`."""
    records = {child.place: Record(setting, roll, child.id, lines) for child in family.children}
    known: set[int] = set()
    together = family.id if len(family.children) > 1 else ""
    for episode in family.episodes:
        diary = _diary(roll, setting, family, episode)
        for child in episode.members:
            record = records[child.place]
            assign(record, child, episode, family.area)
            if child.place not in known:
                known.add(child.place)
                register(record, child, episode.referred_on, episode.received_at, together)
            _tell_child(record, child, episode, diary, family.id)
            if episode.opened:
                close(record, child, episode, for_good=episode is family.episodes[-1])
            if child.known_as:
                twin = Record(setting, roll, child.known_as, lines)
                noticed = min(episode.referred_on + between(roll(), 1, 30), setting.last)
                known_twice(record, twin, child, noticed)
                child.known_as = ""


def _diary(roll: Roll, setting: Setting, family: Family, episode: Episode) -> Diary | None:
    """Sets the hours of the episode, and draws its meetings if there was a conference."""
    episode.received_at = between(roll(), OPENS, SHUTS)
    same_day = episode.decided_on == episode.referred_on
    episode.decided_at = (
        min(episode.received_at + between(roll(), 20, 180), 1075) if same_day else between(roll(), 545, 1030)
    )
    episode.sender = roll()
    if episode.conference_on is None:
        return None
    begun = episode.enquiry_on or episode.referred_on
    late_by = episode.conference_on - setting.days.add(begun, 15)
    return protection_diary(roll, setting, family.id, episode, max(0, late_by))


def _tell_child(record: Record, child: Child, episode: Episode, diary: Diary | None, family: str) -> None:
    ends = episode.ends[child.place]
    if episode.origin == "moved_in":
        arrive(record, episode)
    else:
        assess(record, child, episode, refer(record, child, episode))
    protected_to = protect(record, child, episode, diary, family)
    plan(record, child, episode, protected_to)
    help_family(record, episode)
    look_after(record, child, episode)
    prepare(record, child, episode)
    go_missing(record, child, episode)
    if ends - episode.decided_on > LONG_OPEN and child.adult_on > ends:
        assess_anew(record, child, episode.decided_on, ends)
