"""The command line itself: its help, and that it answers at once."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest

from tests.helpers.commands import Run

COMMANDS = (
    "generate",
    "import",
    "figures",
    "clocks",
    "explain",
    "sweep",
    "alerts",
    "ack",
    "quarantine",
    "standards",
    "rebuild",
    "verify",
    "erase",
    "migrate",
    "copy",
    "run",
    "pages",
    "access",
)


def test_it_says_its_version(run: Run) -> None:
    ran = run("--version")
    assert (ran.code, ran.out) == (0, f"caseclock {version('caseclock')}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(run: Run, command: str) -> None:
    ran = run(command, "--help")
    assert ran.code == 0
    assert f"Example: caseclock {command}" in " ".join(ran.out.split())


def test_help_names_every_command(run: Run) -> None:
    ran = run("--help")
    assert ran.code == 0
    assert all(command in ran.out for command in COMMANDS)
    assert "Example: caseclock standards check" in " ".join(run("standards", "check", "--help").out.split())


def test_the_command_line_loads_nothing_heavy() -> None:
    """Help and misuse answer at once: the database and the calendar are loaded when a command needs them."""
    code = "import sys, caseclock.cli.main; print(*sorted({'sqlalchemy', 'sqlmodel', 'holidays', 'rich', 'uvicorn',"
    code += " 'jinja2', 'yaml', 'msgspec'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == ""
