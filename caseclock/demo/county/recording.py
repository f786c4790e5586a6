"""A child's record: how what happened comes to be written down, and sent.

Most is typed within three days, some of it weeks late. Now and then the wrong day is typed and put right later,
something is sent twice, or (as often as the run asks for) sent in a state that must be refused.
"""

from __future__ import annotations

from typing import Any

import msgspec

from caseclock.demo.county.draw import Chances, Roll, between
from caseclock.demo.county.habits import (
    BOOKINGS,
    HOW,
    MISDATED,
    PASSING,
    PASSING_VISITS,
    PUT_RIGHT,
    SEASON,
    THERE_AND_THEN,
)
from caseclock.demo.county.setting import Setting
from caseclock.demo.county.staffing import Post

SOURCE = "county"
SENT_TWICE = 0.002  # of events
WRONG_DAY = 0.008  # of visits and meetings

_encode = msgspec.json.Encoder().encode


class Record:
    """The events of one child (or worker), numbered as they are written.

    `lines`: where they go: ten digits of the minute at which they were typed, then the event as JSON. What is typed
    after the last day of the run is left out. `spells`: who was responsible from when, the latest first.
    """

    __slots__ = ("_code", "_days", "_lines", "_number", "roll", "setting", "spells", "subject", "typed_on")

    def __init__(self, setting: Setting, roll: Roll, subject: str, lines: list[bytes]) -> None:
        self.setting, self.roll, self.subject = setting, roll, subject
        self.spells: list[tuple[int, int, str, Post]] = []
        self.typed_on = 0  # the day on which the latest event was typed
        self._lines, self._days, self._number = lines, setting.days, 0
        self._code = setting.code(subject)

    @property
    def next(self) -> str:
        """The id of the next event; what that event begins (a visit, a plan) takes its name from it."""
        return f"{self._code}-{self._number + 1}"

    def put(self, kind: str, day: int, minute: int | None = None, /, **data: Any) -> str:
        """An event on a day, at a `minute` of it if the hour matters. Returns the event's id."""
        share, delays = HOW.get(kind, THERE_AND_THEN)
        if minute is None and share and self.roll() < share:
            minute = 600 + between(self.roll(), 0, 360)
        if kind in MISDATED and day >= self.setting.first and self.roll() < WRONG_DAY:
            wrong = self._write(kind, day - between(self.roll(), 1, 4), minute, self._typed(day, delays), data)
            return self.replace(wrong, kind, day, minute, **data)
        return self._write(kind, day, minute, self._typed(day, delays), data)

    def replace(self, event: str, kind: str, day: int, minute: int | None = None, /, **data: Any) -> str:
        """The event that puts right the one just written."""
        typed_on = self._typed(max(day, self.typed_on), PUT_RIGHT)
        return self._write(kind, day, minute, typed_on, data, f'"replaces":"{event}",')

    def retract(self, event: str, day: int) -> None:
        """Takes back an event that was typed by `day`."""
        self._write("event.retracted", day, None, day, {}, f'"retracts":"{event}",')

    def _typed(self, day: int, delays: Chances[int] | None) -> int:
        delay = delays.draw(self.roll()) if delays else 0
        return self._days.on_or_after(day + delay) if delay else day

    def _write(
        self, kind: str, day: int, minute: int | None, typed_on: int, data: dict[str, Any], link: str = ""
    ) -> str:
        self._number += 1
        self.typed_on = typed_on
        name = f"{self._code}-{self._number}"
        if typed_on > self.setting.last or (day < self.setting.first and self._over(kind, day, data)):
            return name
        days, roll = self._days, self.roll
        if typed_on > day:
            typed_at = 540 + int(roll() * 480)
        else:
            typed_at = 965 + int(roll() * 110) if minute is None else min(minute + int(roll() * 40), 1439)
        when = f'"occurredon":"{days.text(day)}"' if minute is None else f'"time":"{days.at(day, minute)}"'
        text = (
            f'{days.instant(typed_on, typed_at):010d}{{"specversion":"1.0","id":"{name}","source":"{SOURCE}",'
            f'"type":"{kind}","subject":"{self.subject}",{when},"recordedtime":"{days.at(typed_on, typed_at)}",'
            f'{self._recorder(typed_on, typed_at)}{link}"data":{_encode(data).decode()}}}'
        )
        self._lines.append(text.encode())
        trouble = roll()
        if trouble < SENT_TWICE:
            self._lines.append(text.encode())
        elif trouble > 1 - self.setting.bad_rate:
            self._lines.append(_spoilt(text, name, int(roll() * 3)).encode())
        return name

    def _over(self, kind: str, day: int, data: dict[str, Any]) -> bool:
        """Whether something from before the run is over and done with."""
        if kind in BOOKINGS:
            return bool(data["on"] < self._days.text(self.setting.first))
        if day >= self.setting.first - SEASON:
            return False
        return kind in PASSING or (kind == "visit.made" and data["regime"] in PASSING_VISITS)

    def _recorder(self, day: int, minute: int) -> str:
        """The team responsible when it was typed, and the worker then in post."""
        for start, at, team, post in self.spells:
            if day > start or (day == start and minute >= at):
                return f'"team":"{team}","worker":"{post.holder(day)}",'
        return ""


def _spoilt(text: str, name: str, how: int) -> str:
    """The event as a careless source might send it once more: a kind nobody knows, free text, a time without a zone."""
    text = text.replace(f'"id":"{name}"', f'"id":"{name}x"')
    if how == 0:
        return text.replace('"type":"', '"type":"old_system.')
    if how == 1:
        return text.replace('"data":{', '"notes":"rang the school, will ring again on Monday","data":{')
    return text.replace("+00:00", "").replace("+01:00", "")
