"""Says what the header of a census says: whose it is, the year it is of, and when it was made. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from schemas.events.event import YEARS
from schemas.time.days import LONDON, end_of_day, london_day
from services.ingest.readers.cin.xml import Node
from services.ingest.readers.returns import day, year_to

_SERIALS = 1_000_000  # microseconds: a serial number only settles which of two of the same moment is the later


class Header(NamedTuple):
    """`reference`: the last day of the year it is of, None where none can be read. `sent`: its `DateTime`, or None;
    `unclear`: whether it has one that names no moment."""

    collection: str
    authorities: frozenset[str]
    reference: date | None
    sent: datetime | None
    serial: int
    unclear: bool

    @classmethod
    def of(cls, node: Node) -> Header:
        """Reads a `Header` element. A year with no reference date ends on 31 March."""
        serial = node.get("Source", "SerialNo")
        year = node.get("CollectionDetails", "Year")
        sent = node.get("Source", "DateTime")
        moment = _instant(sent)
        return cls(
            node.get("CollectionDetails", "Collection"),
            frozenset(lea.text for lea in node.all("Source", "LEA")),
            day(node.get("CollectionDetails", "ReferenceDate")) or day(f"{year}-03-31"),
            moment,
            int(serial) % _SERIALS if serial.isascii() and serial.isdigit() and len(serial) < 10 else 0,
            bool(sent) and moment is None,
        )

    @property
    def year(self) -> tuple[date, date] | None:
        """The days it covers, both inclusive."""
        return year_to(self.reference) if self.reference is not None else None

    @property
    def made(self) -> datetime:
        """When the census was made: its `DateTime`, else the end of its reference date. Of two made at one moment the
        greater `SerialNo` is the later, by so many microseconds."""
        assert self.reference is not None
        return (self.sent or end_of_day(self.reference)) + timedelta(microseconds=self.serial)

    def notes(self) -> list[str]:
        """Returns what is odd in it."""
        if self.unclear:
            return ["its DateTime names no moment: taken as made at the end of its reference date"]
        if self.sent is None or self.reference is None or london_day(self.sent) >= self.reference:
            return []
        return [f"made on {london_day(self.sent)}, before its reference date {self.reference}: was it a trial?"]


def _instant(text: str) -> datetime | None:
    """Returns a moment; without a zone it is London time. None where it is none, or in a year that is a slip."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year not in YEARS:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=LONDON)
