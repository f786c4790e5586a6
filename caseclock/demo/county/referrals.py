"""From the contact to the manager's decision; and children known by two numbers."""

from __future__ import annotations

from caseclock.demo.county.draw import Chances, between
from caseclock.demo.county.people import Child, Episode
from caseclock.demo.county.recording import Record

SENDER = Chances(
    {
        "police": 29,
        "school": 19,
        "health_visitor": 6,
        "gp": 3,
        "hospital": 8,
        "family": 9,
        "anonymous": 4,
        "housing": 3,
        "other_authority": 6,
        "early_help": 9,
        "probation": 2,
        "other": 2,
    }
)
NEED = Chances({"N1": 57, "N2": 8, "N3": 3, "N4": 8, "N5": 15, "N6": 4, "N7": 1, "N8": 3, "N9": 1})
CONCERN = Chances(
    {
        "domestic_abuse": 34,
        "neglect": 16,
        "parental_mental_health": 14,
        "parental_substance_misuse": 10,
        "physical_abuse": 9,
        "sexual_abuse": 6,
        "emotional_abuse": 8,
        "child_mental_health": 6,
        "exploitation": 4,
    }
)
ANSWERED = 0.8
DECIDED_AGAIN = 0.004  # of decisions to do no more, those first recorded as a decision to assess


def register(record: Record, child: Child, day: int, minute: int, family: str) -> None:
    """Returns what is known of the child when first known, and whose brother or sister it is (`family`: "" of
    nobody's)."""
    text = record.setting.days.text
    if child.expected_on is not None and child.born_on > day:
        record.put("child.registered", day, minute, expected_on=text(child.expected_on))
        record.put("child.born", child.born_on)
        known = child.born_on + between(record.roll(), 0, 10)
        record.put("child.registered", known, born_on=text(child.born_on), sex=child.sex)
    else:
        about = {"disabled": True} if child.disabled else {"uasc": True} if child.asylum else {}
        record.put("child.registered", day, minute, born_on=text(child.born_on), sex=child.sex, **about)
    if family:
        record.put("child.family_set", day, minute, family_id=family)


def refer(record: Record, child: Child, episode: Episode) -> str:
    """Contact, referral and decision. Returns the referral's id."""
    roll, day = record.roll, episode.referred_on
    name, contact = f"r{record.next}", f"c{record.next}"
    sender = "home_office" if episode.origin == "asylum" else SENDER.draw(episode.sender)
    concern = CONCERN.draw(roll())
    record.put("contact.received", day, episode.received_at, contact_id=contact, source=sender, reason=concern)
    record.put("contact.decided", day, episode.received_at + 10, contact_id=contact, outcome="referral")
    record.put(
        "referral.received",
        day,
        episode.received_at + 10,
        referral_id=name,
        contact_id=contact,
        source=sender,
        need=NEED.draw(roll()),
        concerns=[concern],
        no_further_action=episode.outcome == "nfa",
    )
    decided = (episode.decided_on, episode.decided_at)
    if episode.outcome == "nfa" and roll() < DECIDED_AGAIN:
        wrong = record.put("referral.decided", *decided, referral_id=name, outcome="assessment")
        record.replace(wrong, "referral.decided", *decided, referral_id=name, outcome="nfa")
    else:
        record.put("referral.decided", *decided, referral_id=name, outcome=episode.outcome)
    if roll() < ANSWERED:
        record.put("referral.answered", record.setting.days.add(decided[0], between(roll(), 0, 4)), referral_id=name)
    return name


def known_twice(record: Record, twin: Record, child: Child, day: int) -> None:
    """A second record (`twin`) opened for a child already known, and joined to the first when somebody notices."""
    twin.spells = record.spells
    minute = between(record.roll(), 560, 980)
    register(twin, child, day, minute, "")
    contact = f"c{twin.next}"
    twin.put("contact.received", day, minute, contact_id=contact, source="police", reason="domestic_abuse")
    twin.put("contact.decided", day, minute, contact_id=contact, outcome="open_case")
    on = record.setting.days.add(day, between(record.roll(), 1, 30))
    twin.put("child.merged", on, into=record.subject)
