"""The views as a page: `python -m schemas.store.views.page` writes docs/views.md. A test keeps them equal."""

from __future__ import annotations

from pathlib import Path

from schemas.store.views import VIEWS
from schemas.store.views.view import View

PAGE = Path(__file__).parents[3] / "docs" / "views.md"
_INTRODUCTION = """# The views

<!-- made by `python -m schemas.store.views.page` from schemas/views -->

What dashboards, packs and a council's own tools read. The same names, columns and meanings on SQLite and PostgreSQL; the
tables under them may change, these do not. A column may be added; none is renamed or given another meaning.

- They hold counts, never percentages: divide yourself, and show what you divided.
- They know no "now". They answer as of the end of the London day in `as_of`, which every sweep writes; before the first
  sweep they are empty. What lies ahead of that day is not counted.
- They are of the log as it is known now. What was known on an earlier day is asked by `caseclock figures --known-at`.
- Figures are summed from counts that are kept up in the same transaction as the clocks (`tally`), so that ten years
  answer at once and are never out of step with them.
- Days are dates (text `2024-03-31` on SQLite), weeks are ISO weeks from Monday to Sunday. Weeks and months begin with the
  year 2000.
- `caseclock migrate` makes them anew, as this version of caseclock says them.
- A team counts in the division it belonged to on the day a clock counts for. Where teams come to belong elsewhere, the
  next fold counts everything anew.

For a screen that others see, use `shared_figures_week`. In it counts of 1 to 5 are null. A total and its parts are left
out together where one of them is small (`due` = `met` + `missed`; `completed` of which in time; `open` of which overdue;
`in_scope` of which up to date); and where the county less the other divisions would give a division away, the next
smallest division is left out too. Teams are not in it: there nearly every count is small. It is by week alone, because
some months are just four weeks.
"""


def document() -> str:
    """The page's text."""
    return _INTRODUCTION + "".join(map(_section, VIEWS))


def _section(view: View) -> str:
    lines = [f"| `{name}` | {what} |" for name, what in view.columns.items()]
    return f"\n## {view.name}\n\n{view.what}\n\n| column | |\n|---|---|\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(document(), encoding="utf-8")
