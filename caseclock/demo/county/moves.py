"""Families who come from another council with a plan, and families who go to one; cases closed, and taken up again."""

from __future__ import annotations

from caseclock.demo.county.draw import Chances, between
from caseclock.demo.county.people import Child, Episode
from caseclock.demo.county.recording import Record

REASON = Chances({"RC7": 40, "RC8": 30, "RC9": 18, "other": 12})
REASON_BY_END = {"adoption": "RC1", "eighteen": "RC6"}
CLOSED_TOO_SOON = 0.012  # closings taken back within days
CLOSES = 1095  # minute of the day, after everything else
TAKEN_UP = 0.012  # closings after which the case is reopened without a referral


def arrive(record: Record, episode: Episode) -> None:
    """The other council's notice, and the duty passing when the conference here has been held."""
    name = f"t{record.subject}"
    authority = f"authority-{between(record.roll(), 1, 40)}"
    record.put(
        "transfer.notified",
        episode.referred_on,
        episode.received_at,
        transfer_id=name,
        direction="in",
        authority=authority,
        papers_complete=True,
    )
    accepted = record.setting.days.add(episode.referred_on, between(record.roll(), 1, 4))
    record.put("transfer.accepted", accepted, transfer_id=name)
    record.put("transfer.completed", episode.conference_on or accepted, transfer_id=name, direction="in")


def close(record: Record, child: Child, episode: Episode, for_good: bool) -> None:
    """Returns how the child's case ends: the family has gone to another council, or the work is done. `for_good`:
    they are not referred again."""
    ends, roll, days = episode.ends[child.place], record.roll, record.setting.days
    care = episode.care.get(child.place)
    if episode.moves_away and care is None:
        name = f"t{record.next}"
        notified = max(ends - between(roll(), 8, 25), episode.conference_on or 0)
        authority = f"authority-{between(roll(), 1, 40)}"
        record.put(
            "transfer.notified", notified, transfer_id=name, direction="out", authority=authority, papers_complete=True
        )
        record.put("transfer.completed", ends, 1040, transfer_id=name, direction="out")
        return
    reason = REASON_BY_END.get(care.ends, "RC7") if care else REASON.draw(roll())
    if roll() < CLOSED_TOO_SOON and ends - episode.decided_on > 30:
        first = record.put("case.closed", days.on_or_after(ends - 12), 1030, reason=reason)
        record.retract(first, days.on_or_after(ends - between(roll(), 1, 6)))
    record.put("case.closed", ends, CLOSES, reason=reason)
    if for_good and care is None and roll() < TAKEN_UP and ends + 90 < child.adult_on:
        again = days.on_or_after(ends + between(roll(), 3, 20))
        record.put("case.reopened", again, reason="new_information")
        record.put("case.closed", days.add(again, between(roll(), 10, 45)), CLOSES, reason="other")
