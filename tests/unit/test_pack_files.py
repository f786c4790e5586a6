"""Charts, the folder of a pack, and what is refused: no store needed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from caseclock.pack.atomic_folder import place
from caseclock.pack.charts import control_chart, lead_chart
from caseclock.pack.model import Page, TrendWeek
from caseclock.pack.request import PackRefused, ask
from caseclock.runtime import rules

NOW = datetime(2024, 3, 11, 8, tzinfo=UTC)
FILES = {"caseclock-2024-W10.html": b"<html>", "caseclock-2024-W10.xlsx": b"PK"}
MONDAY = date(2023, 3, 6)


# -- which pack --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("week", "more", "said"),
    [
        ("last week", {}, "is not a week: write it as 2024-W10"),
        ("2024-03", {}, "is not one week"),
        ("2024-03-05..2024-03-11", {}, "is not one week"),
        ("2024-W11", {}, "is not over before 2024-03-17"),
        ("2024-W10", {"as_of_on": date(2024, 3, 3)}, "is before 2024-W10"),
        ("2024-W10", {"division": "Nroth"}, "there is no division 'Nroth' on 2024-03-10; there are Breckland, "),
        ("2024-W10", {"known_at": NOW + timedelta(days=1)}, "is still to come"),
        ("2012-W10", {}, None),
        ("2001-W10", {}, "too near an end of the calendar"),
    ],
)
def test_what_is_refused_says_what_to_do(week: str, more: dict[str, object], said: str | None) -> None:
    wanted = {"division": None, "as_of_on": None, "known_at": None, **more}
    if said is None:
        ask(rules(), week, shared=False, now=NOW, **wanted)  # type: ignore[arg-type]
        return
    with pytest.raises(PackRefused, match=said):
        ask(rules(), week, shared=False, now=NOW, **wanted)  # type: ignore[arg-type]


def test_as_of_and_known_at_do_not_set_each_other() -> None:
    plain = ask(rules(), "2024-W10", None, None, None, False, NOW)
    assert (plain.as_of_on, plain.known_at) == (date(2024, 3, 10), None)
    assert ask(rules(), "2024-W10", None, None, NOW, False, NOW).as_of_on == date(2024, 3, 10)
    assert ask(rules(), "2024-W10", None, date(2024, 3, 8), None, False, NOW).known_at is None


# -- the folder --------------------------------------------------------------------------------------------------------


def there(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_new_folder_has_all_of_it_and_leaves_nothing_beside(tmp_path: Path) -> None:
    assert place(tmp_path / "deep" / "pack", FILES, force=False)
    assert there(tmp_path / "deep" / "pack") == FILES
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["pack"]


def test_the_same_again_is_no_news(tmp_path: Path) -> None:
    place(tmp_path / "pack", FILES, force=False)
    assert not place(tmp_path / "pack", FILES, force=False)


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    assert place(tmp_path / "pack", FILES, force=False)


def test_another_pack_is_replaced_only_by_force_and_as_a_whole(tmp_path: Path) -> None:
    other = {"caseclock-2024-W09.html": b"old", "caseclock-2024-W09.pdf": b"old"}
    place(tmp_path / "pack", other, force=False)
    with pytest.raises(PackRefused, match="holds another pack"):
        place(tmp_path / "pack", FILES, force=False)
    assert there(tmp_path / "pack") == other
    assert place(tmp_path / "pack", FILES, force=True)
    assert there(tmp_path / "pack") == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["pack"]


@pytest.mark.parametrize("name", ["minutes.docx", "caseclock-county.db"])
def test_what_is_no_pack_is_never_replaced(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(PackRefused, match=f"holds '{name}'"):
        place(tmp_path, FILES, force=True)
    assert there(tmp_path) == {name: b"mine"}


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "pack").write_text("mine")
    with pytest.raises(PackRefused, match="is a file"):
        place(tmp_path / "pack", FILES, force=True)


def test_cut_off_while_writing_nothing_is_there(tmp_path: Path) -> None:
    with pytest.raises(OSError):  # noqa: PT011  (whatever the system calls it)
        place(tmp_path / "pack", {**FILES, "caseclock-no/such/folder": b""}, force=False)
    assert list(tmp_path.iterdir()) == []


# -- charts ------------------------------------------------------------------------------------------------------------


def page(*weeks: TrendWeek, snapshot: bool = False, green: float | None = 95) -> Page:
    return Page(
        id="s1",
        title="Seen & heard <in time>",
        plan="PS1",
        force="local",
        limit="within 1 day",
        measured="done in time",
        snapshot=snapshot,
        rate=False,
        controlled=True,
        green=green,
        amber=85,
        unit="days",
        rows=[],
        trend=list(weeks),
        notes=[],
    )


def week(number: int, good: int | None, of: int | None, **more: object) -> TrendWeek:
    said = {"week_on": MONDAY + timedelta(weeks=number), "good": good, "of": of, "n": of, "in_time": good}
    return TrendWeek(**{**said, **more})  # type: ignore[arg-type]


def drawn(svg: str) -> list[str]:
    """The texts of a chart, which must be well-formed."""
    return [each.text or "" for each in fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def lines(svg: str) -> int:
    return svg.count('stroke="#0b4f8a"')


def test_a_chart_says_its_target_and_its_title() -> None:
    svg = lead_chart(page(week(0, 9, 10), week(1, 10, 10)))
    assert "target 95%" in drawn(svg)
    assert "Seen &amp; heard &lt;in time&gt;" in svg


def test_a_week_with_nothing_due_is_a_gap_and_so_is_one_left_out() -> None:
    whole = [week(number, 9, 10) for number in range(6)]
    assert lines(control_chart(page(*whole))) == 1
    for empty in (week(3, 0, 0), week(3, None, None)):
        assert lines(control_chart(page(*whole[:3], empty, *whole[4:]))) == 2


def test_a_signal_is_a_word_as_well_as_a_shape() -> None:
    inside = {"mean": 0.9, "low": 0.7, "high": 1.0}
    weeks = [week(number, 9, 10, **inside) for number in range(8)]
    assert "worse" not in drawn(control_chart(page(*weeks)))
    weeks[4] = week(4, 2, 10, **inside, signal="lower")
    weeks[5] = week(5, 10, 10, **inside, signal="higher")
    texts = drawn(control_chart(page(*weeks)))
    assert {"worse", "better", "mean 90%"} <= set(texts)


def test_a_target_for_a_snapshot_is_not_drawn_on_what_fell_due() -> None:
    assert "target 95%" not in drawn(control_chart(page(week(0, 9, 10), snapshot=True)))
    assert not [text for text in drawn(lead_chart(page(week(0, 9, 10), green=None))) if "target" in text]


@pytest.mark.parametrize("good", [0, 1, 50, 99, 100])
def test_everything_is_drawn_within_the_plot(good: int) -> None:
    svg = control_chart(page(*(week(n, good, 100, mean=0.5, low=0.0, high=1.0) for n in range(53))))
    for circle in fromstring(svg).iter("{http://www.w3.org/2000/svg}circle"):
        assert 12 <= float(circle.get("cy")) <= 178 - 24
