"""The three `lac-review-*` standards on an SSDA903 folder, worked out a second time: plain csv, numpy's busday and
nothing of the product.

What is counted, and how, is what `docs/feeds.md` and the three standards say; the code is another. Times are days.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

FIRST, SECOND, LATER = "lac-review-first-20wd", "lac-review-second-3m", "lac-review-later-6m"
NEVER = date(9999, 12, 31)


class Row(NamedTuple):
    """One clock. `stopped_on` None unless a review stopped it by then."""

    child: str
    standard: str
    started_on: date
    due_on: date
    stopped_on: date | None
    status: str


def by_hand(folder: Path, holidays: Path, first: date, last: date, as_of: date) -> set[Row]:
    """Every clock started from `first` to `last` (inclusive) with its status at the end of `as_of`:
    met, missed, overdue, open, cancelled or not_measured."""
    births = {row["CHILD"]: uk(row["DOB"]) for row in table(folder / "header.csv")}
    reviews: dict[str, set[date]] = defaultdict(set)
    for row in table(folder / "reviews.csv"):
        reviews[row["CHILD"]].add(uk(row["REVIEW"]))
    episodes: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in table(folder / "episodes.csv"):
        episodes[row["CHILD"]].append(row)
    closed = np.array([row["date"] for row in table(holidays)], dtype="datetime64[D]")
    covered = span(folder)
    found = {
        clock
        for child, rows in episodes.items()
        for clock in of_child(child, rows, sorted(reviews[child]), births[child], closed, covered, as_of)
    }
    return {clock for clock in found if first <= clock.started_on <= last}


def of_child(child, rows, reviews, born, closed, covered, as_of):  # type: ignore[no-untyped-def]
    eve = eighteenth(born) - timedelta(days=1)
    for period in periods_of(rows):
        # the duties end on the earliest of these; a review on that very day still counts
        end = min(period["end"], period["adopted"])
        held = [day for day in reviews if period["from"] <= day <= min(end, eve)]
        starts = []
        if period["known"] and period["from"] <= eve:
            starts.append((FIRST, period["from"], working_days_after(period["from"], 20, closed)))
        for number, day in enumerate(held):
            starts.append((SECOND, day, months_after(day, 3)) if number == 0 else (LATER, day, months_after(day, 6)))
        for standard, started, due in starts:
            after = [day for day in held if day > started or (standard == FIRST and day == started)]
            stop = min(after, default=None)
            yield judged(child, standard, started, due, stop, end, eve, covered, as_of)


def judged(child, standard, started, due, stop, end, eve, covered, as_of):  # type: ignore[no-untyped-def]
    """The status at the end of `as_of`, seeing nothing that happens after it."""
    stop = stop if stop is not None and stop <= as_of else None
    gone = min([day for day in (end, eve) if day <= as_of], default=None)
    if eve == as_of and end > as_of:
        gone = None  # the last day itself has not ended before the end of it
    if started < covered[0] or due > covered[1]:
        status = "not_measured"
    elif stop is not None:
        status = "met" if stop <= due else "missed"
    elif gone is not None:
        status = "cancelled" if gone <= due else "missed"
    else:
        status = "overdue" if due < as_of else "open"
    return Row(child, standard, started, due, stop, status)


def periods_of(rows):  # type: ignore[no-untyped-def]
    """Periods of care: V3 and V4 out, X1 joined where the next begins on that day."""
    care = sorted((r for r in rows if r["LS"] not in ("V3", "V4")), key=lambda r: uk(r["DECOM"]))
    groups: list[list[dict[str, str]]] = []
    for row in care:
        last = groups[-1][-1] if groups else None
        if last and last["REC"] == "X1" and last["DEC"] == row["DECOM"]:
            groups[-1].append(row)
        else:
            groups.append([row])
    made = []
    for at, group in enumerate(groups):
        head, tail = group[0], group[-1]
        before = groups[at - 1][-1] if at else None
        known = head["RNE"] == "S" or bool(before and before["DEC"] and before["REC"] != "X1")
        start = uk(head["DECOM"])
        end = uk(tail["DEC"]) if tail["DEC"] else NEVER
        if at + 1 < len(groups):
            end = min(end, uk(groups[at + 1][0]["DECOM"]))
        adopted = min((uk(r["DECOM"]) for r in group if r["PLACE"] in ("A3", "A4", "A5", "A6")), default=NEVER)
        if not known:  # care began earlier: any review since the period before belongs to it
            start = made[-1]["end"] + timedelta(days=1) if made else date(1, 1, 1)
        made.append({"known": known, "from": start, "end": end, "adopted": adopted})
    return made


def span(folder: Path) -> tuple[date, date]:
    """The first and the last day of what happens in the folder: births and future duties of a status apart."""
    columns = {
        "episodes.csv": ("DECOM", "DEC"),
        "reviews.csv": ("REVIEW",),
        "missing.csv": ("MIS_START", "MIS_END"),
        "placed_for_adoption.csv": ("DATE_PLACED", "DATE_PLACED_CEASED"),
        "ad1.csv": ("DATE_MATCH",),
    }
    days = [uk(r[c]) for name, cs in columns.items() for r in table(folder / name) for c in cs if r[c]]
    return min(days), max(days)


def working_days_after(day: date, count: int, closed: np.ndarray) -> date:
    return np.busday_offset(np.datetime64(day), count, roll="backward", holidays=closed).astype(date)


def months_after(day: date, count: int) -> date:
    month = np.datetime64(day, "M") + count
    end = (month + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    return min(month.astype("datetime64[D]") + np.timedelta64(day.day - 1, "D"), end).astype(date)


def eighteenth(born: date) -> date:
    return date(born.year + 18, 3, 1) if (born.month, born.day) == (2, 29) else born.replace(year=born.year + 18)


def uk(text: str) -> date:
    day, month, year = text.split("/")
    return date(int(year), int(month), int(day))


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
