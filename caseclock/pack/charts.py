"""Charts as SVG, from a pack's own numbers: a year of weeks as a line, with the target and the control limits. Pure;
the same numbers give the same text.

Read without colour: the target is a broken line, the mean a dotted one, the limits a grey band, a signal a diamond with
a word beside it. A week with nothing to judge is a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from caseclock.pack.model import Page, TrendWeek

WIDTH, HEIGHT = 680, 178
LEFT, RIGHT, TOP, BOTTOM = 38, 74, 12, 24  # room around the plot
INK, LINE, BAND, EDGE, GRID = "#111111", "#0b4f8a", "#e9e9e9", "#8a8a8a", "#d9d9d9"
FONT = 'font-family="Liberation Sans, Arial, Helvetica, sans-serif" font-size="10"'
LETTERS = 11  # the height of a line of text
_STEPS = (0, 20, 40, 60, 70, 80, 90)  # where the scale may begin


class Point(NamedTuple):
    """A week: a share from 0 to 1, or None where there is nothing to judge; what chance explains; whether it is a
    signal, and in which word."""

    on: date
    share: float | None
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    word: str = ""


def lead_chart(page: Page) -> str:
    """The lead figure of a year of weeks, with the target."""
    return _chart([Point(week.week_on, _share(week.good, week.of)) for week in page.trend], page.green, _about(page))


def control_chart(page: Page) -> str:
    """Returns what fell due in each week and was in time, counted by meetings, within what chance explains. The
    target too, where that is what it is set for."""
    target = None if page.snapshot else page.green
    about = f"{page.title}: in time of what fell due, by week, with control limits"
    return _chart([_controlled(week) for week in page.trend], target, about)


def _about(page: Page) -> str:
    return f"{page.title}: {page.measured}, by week"


def _controlled(week: TrendWeek) -> Point:
    word = {"lower": "worse", "higher": "better"}.get(week.signal or "", "")
    return Point(week.week_on, _share(week.in_time, week.n), week.mean, week.low, week.high, word)


def _share(good: int | None, of: int | None) -> float | None:
    return good / of if of and good is not None else None


def _chart(points: Sequence[Point], target: float | None, about: str) -> str:
    scale = _Scale(points, target)
    label = None if target is None else scale.y(target / 100) - 3
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' role="img" aria-label="{_escaped(about)}">',
        f"<title>{_escaped(about)}</title>",
        *_grid(scale, points),
        *_limits(scale, points, label),
        *_target(scale, target),
        *_line(scale, points),
        *_marks(scale, points),
        *_latest(scale, points),
        "</svg>",
    ]
    return "\n".join(parts)


class _Scale:
    """Says where a week and a share are drawn."""

    def __init__(self, points: Sequence[Point], target: float | None) -> None:
        shown = [p.share for p in points if p.share is not None] + [p.low for p in points if p.low is not None]
        least = 100 * min([*shown, (target or 100) / 100])
        self.bottom = max(step for step in _STEPS if step <= max(0, least - 2))
        self._step = (WIDTH - LEFT - RIGHT) / max(1, len(points) - 1)

    def x(self, at: int) -> float:
        return LEFT + at * self._step

    def y(self, share: float) -> float:
        part = (100 * share - self.bottom) / (100 - self.bottom)
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)


def _grid(scale: _Scale, points: Sequence[Point]) -> list[str]:
    every = 20 if scale.bottom < 60 else 10 if scale.bottom < 90 else 5
    out = []
    for per_cent in range(scale.bottom, 101, every):
        y = scale.y(per_cent / 100)
        out.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GRID}" stroke-width="0.6"/>')
        out.append(_text(LEFT - 5, y + 3.4, f"{per_cent}%", "end"))
    month = None
    for at, point in enumerate(points):
        if point.on.month != month and point.on.day <= 7:
            month = point.on.month
            out.append(f'<path d="M{scale.x(at):.1f} {HEIGHT - BOTTOM}v4" stroke="{EDGE}" stroke-width="0.8"/>')
            named = f"{point.on:%b}" if month != 1 else f"{point.on:%b %Y}"
            out.append(_text(scale.x(at), HEIGHT - BOTTOM + 15, named, "middle"))
    return out


def _clear_of(y: float, target: float | None) -> float:
    """Returns where the mean's label goes: below the target's if they would overlap."""
    return y if target is None or abs(y - target) >= LETTERS else target + LETTERS


def _limits(scale: _Scale, points: Sequence[Point], target: float | None) -> list[str]:
    """The band between the limits, and the mean, wherever there are any. `target`: where the target's label is."""
    out = []
    for run in _runs([p.low is not None and p.high is not None for p in points]):
        upper = [(scale.x(at), scale.y(points[at].high or 0.0)) for at in run]
        lower = [(scale.x(at), scale.y(points[at].low or 0.0)) for at in reversed(run)]
        out.append(f'<path d="{_path([*upper, *lower])}Z" fill="{BAND}" stroke="{EDGE}" stroke-width="0.5"/>')
    for run in _runs([p.mean is not None for p in points]):
        d = _path([(scale.x(at), scale.y(points[at].mean or 0.0)) for at in run])
        out.append(f'<path d="{d}" fill="none" stroke="{INK}" stroke-width="0.9" stroke-dasharray="1 2.6"/>')
        if run[-1] == len(points) - 1:
            y = _clear_of(scale.y(points[-1].mean or 0.0) + 3.4, target)
            out.append(_text(WIDTH - RIGHT + 5, y, f"mean {100 * (points[-1].mean or 0):.0f}%"))
    return out


def _target(scale: _Scale, target: float | None) -> list[str]:
    if target is None:
        return []
    y = scale.y(target / 100)
    return [
        f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{INK}" stroke-width="1.2" stroke-dasharray="7 4"/>',
        _text(WIDTH - RIGHT + 5, y - 3, f"target {target:g}%", bold=True),
    ]


def _line(scale: _Scale, points: Sequence[Point]) -> list[str]:
    out = []
    for run in _runs([p.share is not None for p in points]):
        d = _path([(scale.x(at), scale.y(points[at].share or 0.0)) for at in run])
        out.append(f'<path d="{d}" fill="none" stroke="{LINE}" stroke-width="1.6" stroke-linejoin="round"/>')
    return out


def _marks(scale: _Scale, points: Sequence[Point]) -> list[str]:
    out = []
    for at, point in enumerate(points):
        if point.share is None:
            continue
        x, y = scale.x(at), scale.y(point.share)
        if not point.word:
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.9" fill="{LINE}"/>')
            continue
        out.append(f'<path d="M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z" fill="#ffffff" stroke="{INK}" stroke-width="1.6"/>')
        below = y + 16 if y + 16 < HEIGHT - BOTTOM else y - 8
        end = "end" if at > len(points) - 4 else "middle"
        out.append(_text(x + (5 if end == "end" else 0), below, point.word, end, bold=True))
    return out


def _latest(scale: _Scale, points: Sequence[Point]) -> list[str]:
    """The week itself, larger."""
    last = points[-1]
    if last.share is None or last.word:
        return []
    x, y = scale.x(len(points) - 1), scale.y(last.share)
    return [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.6" fill="{LINE}" stroke="#ffffff" stroke-width="1"/>']


def _runs(there: Sequence[bool]) -> list[list[int]]:
    """The stretches in which something is there."""
    runs: list[list[int]] = []
    for at, is_there in enumerate(there):
        if is_there and runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        elif is_there:
            runs.append([at])
    return runs


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)


def _text(x: float, y: float, text: str, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {FONT}{weight} fill="{INK}">{_escaped(text)}</text>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
