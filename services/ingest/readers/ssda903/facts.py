"""Says what the folder says of one child, as facts. Pure: rows in, facts out. `docs/feeds.md` has the table.

A day that cannot be read is passed on as it stands, in the event it belongs to, to be refused with its place;
the rest of the child goes in. An end before its beginning counts as such a day: the episode is then taken as
open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from schemas.time.days import birthday
from services.ingest.readers.returns import NOT_STATED, Fact, day, identity, said, spelt, yes_no
from services.ingest.readers.ssda903.care import ADOPTION, care_facts, care_id
from services.ingest.readers.ssda903.files import Row
from services.ingest.readers.ssda903.periods import REASONS, UNCLEAR, CarePeriod, Episode, in_order, periods

# What each file tells of; only what a folder holds is stated as covered.
CARRIED = {
    "episodes.csv": (
        "care.started",
        "care.ended",
        "legal_status.changed",
        "placement.started",
        "placement.ended",
        "adoption.placed",
    ),
    "header.csv": ("child.registered",),
    "reviews.csv": ("review.held",),
    "missing.csv": ("missing.started", "missing.ended"),
    "placed_for_adoption.csv": ("adoption.decided", "adoption.dropped"),
    "ad1.csv": ("adoption.matched",),
}

_SEX = {"1": "male", "2": "female"}


class Said(NamedTuple):
    """A fact with the file it was read from."""

    file: str
    fact: Fact


def facts_of(child: str, rows: dict[str, list[Row]]) -> list[Said]:
    """Every fact of one child, from its rows by file; the person first."""
    episodes, refused = _episodes(child, rows.get("episodes.csv", []))
    of_care = periods(episodes)
    found = [Said("episodes.csv", fact) for period in of_care for fact in care_facts(child, period)]
    found += [Said("episodes.csv", fact) for fact in refused]
    held = _reviews(child, rows.get("reviews.csv", []), of_care, _adult_on(rows))
    found += [Said("reviews.csv", fact) for fact in held]
    found += [Said("missing.csv", fact) for fact in _missing(child, rows.get("missing.csv", []))]
    for file, tells in (("placed_for_adoption.csv", _decided), ("ad1.csv", _matched)):
        found += [Said(file, fact) for row in rows.get(file, []) for fact in tells(child, row)]
    return [*_person(child, rows, found), *found]


def _person(child: str, rows: dict[str, list[Row]], found: list[Said]) -> Iterator[Said]:
    """Who the child is. Registered on the day of birth or of the first fact, whichever is earlier. Rows that contradict
    one another say the fact twice, differently: the second is refused as a conflict."""
    about, born = _about(rows), _born(rows)
    sex = next((row["SEX"] for row in about if row["SEX"]), "")
    days = sorted(at for text in [born, *(said.fact.on for said in found)] if (at := day(text)))
    data = said(born_on=spelt(born), sex=_SEX.get(sex, sex), uasc=True if rows.get("uasc.csv") else None)
    on = days[0].isoformat() if days else born
    yield Said(about[0].file, Fact(child, "child.registered", on, (), data, about[0].line))
    for row in about:
        says = said(born_on=spelt(row["DOB"]), sex=_SEX.get(row["SEX"], row["SEX"]))
        if {**data, **says} != data:
            yield Said(row.file, Fact(child, "child.registered", on, (), {**data, **says}, row.line))


def _about(rows: dict[str, list[Row]]) -> list[Row]:
    return [row for file in dict.fromkeys(("header.csv", "uasc.csv", *rows)) for row in rows.get(file, [])]


def _born(rows: dict[str, list[Row]]) -> str:
    """The birth as header.csv has it, or else the first file that has one."""
    return next((row["DOB"] for row in _about(rows) if row["DOB"]), "")


def _adult_on(rows: dict[str, list[Row]]) -> date:
    born = day(_born(rows))
    return birthday(born, 18) if born is not None else date.max


def _episodes(child: str, rows: list[Row]) -> tuple[list[Episode], list[Fact]]:
    """The episodes that have a day, and what could not be read of them."""
    episodes: list[Episode] = []
    refused: list[Fact] = []
    for row in rows:
        decom, dec = day(row["DECOM"]), day(row["DEC"])
        key = (spelt(row["DECOM"]), row["DEC"])
        if decom is None:
            own = {"placement_id": identity(child, "placement.started", *key), "care_id": "unknown"}
            data = {**own, "type": row["PLACE"], **_whole(row)}
            refused.append(Fact(child, "placement.started", row["DECOM"], key, data, row.line))
            continue
        if row["DEC"] and (dec is None or dec < decom):
            why = row["DEC"] if dec is None else f"DEC {row['DEC']} is before DECOM {row['DECOM']}"
            data = {"placement_id": identity(child, "placement.started", *key)}
            refused.append(Fact(child, "placement.ended", why, key, data, row.line))
            dec = None
        rne, ls, place, rec = (row[column].upper() for column in ("RNE", "LS", "PLACE", "REC"))
        if rne not in REASONS:
            if rne:
                data = {"care_id": identity(child, "care.started", *key), "legal_status": ls or NOT_STATED}
                refused.append(Fact(child, "care.started", f"RNE {row['RNE']} is no code", key, data, row.line))
            rne = UNCLEAR
        home = (row["PL_POST"], row["URN"])
        need, provider, change = row["CIN"], row["PLACE_PROVIDER"], row["REASON_PLACE_CHANGE"]
        episodes.append(Episode(decom, dec, rne, ls, need, place, provider, rec, change, home, row.line))
    return in_order(episodes), refused


def _whole(row: Row) -> dict[str, str]:
    """Returns what a row says, for whoever puts it right; where the child lives is not kept."""
    return said(**{column: text for column, text in row.fields.items() if column not in ("PL_POST", "URN")})


def _reviews(child: str, rows: list[Row], of_care: list[CarePeriod], adult_on: date) -> Iterator[Fact]:
    """One review for each day, in the period of care that holds it if one does; none does after the 18th
    birthday. Of rows that differ in the code of one day the first code in order counts (none at all says nothing), and
    the others say the fact again, differently: they are refused as conflicts."""
    by_day: dict[tuple[str, str], Row] = {}
    for row in rows:
        by_day.setdefault((spelt(row["REVIEW"]), row["REVIEW_CODE"]), row)
    coded = {on for on, code in by_day if code}
    for (on, code), row in sorted(by_day.items(), key=lambda item: item[0]):
        if not code and on in coded:
            continue
        period = _holding(of_care, on, adult_on)
        data = said(
            review=_of_what(period, on),
            care_id=care_id(child, period) if period is not None else None,
            meeting_id=identity(child, "review.held", on),
            complete=True,
            child_part=code,
        )
        yield Fact(child, "review.held", on, (on,), data, row.line)


def _holding(of_care: list[CarePeriod], on: str, adult_on: date) -> CarePeriod | None:
    """The period a day lies in: the later where one ends as the next begins; care rather than short breaks."""
    at = day(on)
    holding = [period for period in of_care if at is not None and at <= adult_on and period.holds(at)]
    return max(holding, key=lambda period: (not period.short_breaks, period.key), default=None)


def _of_what(period: CarePeriod | None, on: str) -> str:
    """A review after the day on which the child was placed for adoption is one of the adoption."""
    if period is None:
        return "care"
    if period.short_breaks:
        return "short_breaks"
    placed = [episode.decom.isoformat() for episode in period.episodes if episode.place in ADOPTION]
    return "adoption" if placed and on > placed[0] else "care"


def _missing(child: str, rows: list[Row]) -> Iterator[Fact]:
    category = {"M": "missing", "A": "away"}
    once = {(spelt(row["MIS_START"]), row["MISSING"], spelt(row["MIS_END"])): row for row in rows}
    begun: dict[str, int] = {}
    latest_first = sorted(once.items(), key=lambda item: (not item[0][2], item[0][2], item[0]), reverse=True)
    for (start, what, end), row in sorted(latest_first, key=lambda item: item[0][0]):
        ordinal = begun[start] = begun.get(start, -1) + 1
        own = identity(child, "missing.started", start, ordinal)
        data = {"missing_id": own, "category": category.get(what, what), "from": "care"}
        yield Fact(child, "missing.started", start, (start, ordinal), data, row.line)
        if end:
            yield Fact(child, "missing.ended", end, (start, ordinal), {"missing_id": own}, row.line)


def _decided(child: str, row: Row) -> Iterator[Fact]:
    """Yields the decision that the child should be placed for adoption, and its reversal. A row with neither day, or
    with a reason and no day, goes out as it stands, to be refused."""
    key = (spelt(row["DATE_PLACED"]),)
    if key[0] or not row["DATE_PLACED_CEASED"]:
        yield Fact(child, "adoption.decided", key[0], key, {}, row.line)
    if row["DATE_PLACED_CEASED"] or row["REASON_PLACED_CEASED"]:
        data = {"reason": row["REASON_PLACED_CEASED"] or NOT_STATED}
        yield Fact(child, "adoption.dropped", row["DATE_PLACED_CEASED"], key, data, row.line)


def _matched(child: str, row: Row) -> Iterator[Fact]:
    """Yields the match; one without a day goes out as it stands, to be refused."""
    on = row["DATE_MATCH"]
    data = said(with_current_carer=yes_no(row["FOSTER_CARE"]))
    yield Fact(child, "adoption.matched", on, (spelt(on),), data, row.line)
