"""Says what a view is: its name, what it holds, its columns, and how it is made."""

from __future__ import annotations

from typing import NamedTuple


class View(NamedTuple):
    """`columns`: name → unit and what it counts, in order. `sql`: the SELECT, the same on SQLite and PostgreSQL: it
    knows no now, no calendar and no percentile."""

    name: str
    what: str
    columns: dict[str, str]
    sql: str

    @property
    def statement(self) -> str:
        return f"CREATE VIEW {self.name} ({', '.join(self.columns)}) AS\n{self.sql.strip()}"


LIVE = "(SELECT live FROM generation)"
TODAY = "(SELECT day FROM today)"
NOW = "(SELECT at FROM today)"
WAITS = "q.erased_at IS NULL AND q.id NOT IN (SELECT quarantined FROM settled)"  # as `schemas.store.quarantine.waits`
GROUP = {
    "standard": "id of the standard",
    "group_kind": "`county`, `division` or `team`",
    "group_name": "the division or team; `county` for the county",
}
COUNTS = {
    "due": "clocks due in the period, neither excused nor cancelled, that have stopped or are past due",
    "met": "of those, stopped in time",
    "missed": "of those, not: stopped late, or past due and open",
    "recorded_late": "of those met, known only after the due day",
    "instead": "of those missed, lawfully done in time in another way: by video or phone, while that was lawful",
    "completed": "clocks stopped in the period, whenever due",
    "completed_in_time": "of those, in time",
    "open": "clocks running at the end of the period, or today if that is earlier",
    "overdue": "of those, past due",
    "received": "for a rate, clocks begun in the period; null for the others",
    "received_again": "of those, with one of the child begun within the limit before",
    "in_scope": "for a state or a recurring duty, children it applies to then; null for the others",
    "up_to_date": "of those, up to date",
    "excused": "clocks due in the period from which the council was excused by then: the child declined",
    "cancelled": "clocks due in the period that were cancelled by then",
    "voided": "clocks due in the period, the duty of which never arose",
    "voided_late": "the same, where that was said after the due day",
    "not_measured": "clocks due in the period that no feed can judge",
    "lead_good": "the lead figure: so many (`up_to_date`, `received_again`, else `met`)",
    "lead_of": "of so many (`in_scope`, `received`, else `due`)",
}
SMALL = 5  # a count of 1 to so many is not shown on a shared screen
