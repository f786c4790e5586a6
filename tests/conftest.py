"""What tests may need beyond the repository, and what they say when it is absent.

`@pytest.mark.needs("shared data")` skips a test where the need is not met, or the `shared_data` fixture where
a test wants the folder. What was skipped for want of something is said once more at the very end, so that a
green run that looked at little is not taken for a full one.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.sharing import pytest_xdist_make_scheduler  # noqa: F401  (a hook)

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("CASECLOCK_SHARED") or ROOT.parent / "shared")

# need → (is it there?, what to do about it)
NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "shared data": (
        (SHARED / "data").is_dir,
        f"real input files are looked for in {SHARED / 'data'}; CASECLOCK_SHARED names its parent",
    ),
    "shared domain": (
        (SHARED / "domain").is_dir,
        f"the domain's lists are looked for in {SHARED / 'domain'}; CASECLOCK_SHARED names its parent",
    ),
}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"needs(name): skipped unless there: {', '.join(NEEDS)}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        _skip_without(mark.args[0])


def _skip_without(need: str) -> None:
    there, remedy = NEEDS[need]
    if not there():
        pytest.skip(f"needs {need}: {remedy}")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real input files."""
    _skip_without("shared data")
    return SHARED / "data"


@pytest.fixture(scope="session")
def shared_domain() -> Path:
    """The folder of domain facts the vocabulary and the register were written from."""
    _skip_without("shared domain")
    return SHARED / "domain"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    wanting = {reason: count for reason, count in skipped.items() if reason.startswith("needs ")}
    if wanting:
        terminalreporter.section("NOT RUN for want of something", yellow=True, bold=True)
        for reason, count in sorted(wanting.items()):
            terminalreporter.line(f"{count} tests: {reason}", yellow=True)


def _reason(report: pytest.TestReport) -> str:
    longrepr = report.longrepr
    return longrepr[2].removeprefix("Skipped: ") if isinstance(longrepr, tuple) else str(longrepr)
