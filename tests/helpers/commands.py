"""The command as a person runs it. In this process where nothing else is asked for, which is the same code from `main`
on and a good deal quicker; `spawn` starts a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from caseclock.cli.main import main
from caseclock.runtime import rules

CASECLOCK = [sys.executable, "-m", "caseclock.cli.main"]


class Ran(NamedTuple):
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be JSON and nothing else."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test in a folder of its own, with no settings from outside."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CASECLOCK_") or name in ("ONCE", "COLUMNS")]:
        if name != "CASECLOCK_SHARED":
            monkeypatch.delenv(name)
    rules.cache_clear()
    yield
    rules.cache_clear()


@pytest.fixture
def run(own_folder: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("import", "events.ndjson", "--json")`."""

    def run_it(*arguments: object) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, out, err)

    return run_it


@pytest.fixture
def spawn(own_folder: None) -> Run:
    """The same in a process of its own; to its end."""

    def spawn_it(*arguments: object, **environment: str) -> Ran:
        ended = subprocess.run(
            [*CASECLOCK, *(str(argument) for argument in arguments)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env=os.environ | environment,
        )
        return Ran(ended.returncode, ended.stdout, ended.stderr)

    return spawn_it
