"""What a shared pack leaves out: small counts, and whatever they could be worked out from."""

from __future__ import annotations

from caseclock.pack.model import Row, Stand
from caseclock.pack.suppression import _blocked, _column, small


def stand(good: int, of: int) -> Stand:
    return Stand(good=good, of=of, per_cent=100 * good // of if of else None, standing="red")


def row(group: str, good: int, of: int, overdue: int = 0) -> Row:
    kind = "county" if group == "county" else "division"
    return Row(
        kind=kind,
        group=group,
        this=stand(good, of),
        last=None,
        due=None,
        met=None,
        missed=None,
        completed=None,
        completed_in_time=None,
        open=None,
        overdue=overdue,
        overdue_last=0,
        oldest=None,
        recorded_late=0,
        cancelled=0,
        voided=0,
        voided_late=0,
        not_measured=0,
        p50=None,
        units=None,
        units_good=None,
        signal=None,
    )


def shown(*rows: Row) -> list[tuple[int | None, int | None]]:
    return [(found.this.good, found.this.of) for found in _blocked(list(rows), "this")]


def test_one_to_five_are_small() -> None:
    assert [n for n in range(8) if small(n)] == [1, 2, 3, 4, 5]
    assert not small(None)


def test_nothing_is_left_out_where_nothing_is_small() -> None:
    assert shown(row("county", 20, 40), row("a", 10, 20), row("b", 10, 20)) == [(20, 40), (10, 20), (10, 20)]


def test_where_one_part_is_small_neither_part_is_shown() -> None:
    """17 of 20 would say that 3 were not; the per cent too."""
    (found,) = _blocked([row("county", 17, 20)], "this")
    assert (found.this.good, found.this.of, found.this.per_cent) == (None, 20, None)


def test_a_small_total_is_not_shown() -> None:
    assert shown(row("county", 0, 4)) == [(None, None)]


def test_one_division_left_out_alone_takes_the_next_smallest_with_it() -> None:
    """Else it would be the county less the others."""
    rows = row("county", 30, 60), row("a", 17, 20), row("b", 7, 14), row("c", 6, 26)
    assert shown(*rows) == [(30, 60), (None, 20), (None, 14), (6, 26)]


def test_one_division_of_few_alone_takes_the_total_of_another_with_it() -> None:
    rows = row("county", 30, 60), row("a", 2, 4), row("b", 8, 16), row("c", 20, 40)
    assert shown(*rows) == [(30, 60), (None, None), (None, None), (20, 40)]


def test_two_left_out_hide_each_other() -> None:
    rows = row("county", 50, 100), row("a", 17, 20), row("b", 2, 20), row("c", 31, 60)
    assert shown(*rows) == [(50, 100), (None, 20), (None, 20), (31, 60)]


def test_where_the_whole_is_left_out_nothing_can_be_worked_out() -> None:
    rows = row("county", 17, 20), row("a", 7, 8), row("b", 0, 0)
    assert shown(*rows)[0] == (None, 20)
    assert shown(*rows)[2] == (0, 0)


def test_single_counts_go_the_same_way() -> None:
    rows = [row("county", 0, 0, 30), row("a", 0, 0, 3), row("b", 0, 0, 12), row("c", 0, 0, 15)]
    assert [found.overdue for found in _column(rows, "overdue")] == [30, None, None, 15]
    assert [found.overdue for found in _column([rows[0], *rows[2:]], "overdue")] == [30, 12, 15]
