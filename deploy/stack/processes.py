"""Processes that outlive the command that started them: remembered in a file, found again, ended.

A number alone does not tell a process: the machine gives it to another in time. So its time of birth is kept beside it,
and nothing is ended that was born at another.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.stack import guarded

# Those that we started, kept for as long as we run: they may outlive the object that started them, and one that is
# dropped while it runs is reported as lost.
_started: list[subprocess.Popen[bytes]] = []


class Died(Exception):
    """A process ended, or did not get ready, where it should run. The message shows the end of what it said."""


class Process:
    """A process by its name, with `NAME.pid` and `NAME.log` in a folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._file = folder / f"{name}.pid"
        self._child: subprocess.Popen[bytes] | None = None  # if it is this process that started it

    def start(
        self,
        command: Sequence[str | Path],
        environ: Mapping[str, str] | None = None,
        user: str | None = None,
        guard: int | None = None,
    ) -> None:
        """Starts it apart from this terminal. `user`: who runs it, where we are root. `guard`: the number of a process
        that it must not outlive."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        given = [str(part) for part in command]
        if guard is not None:
            given = [sys.executable, guarded.__file__, str(guard), user or "-", *given]
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                given,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
                env=environ,
                **(guarded.run_as(user) if user and guard is None else {}),
            )
        _started.append(self._child)
        self._file.write_text(json.dumps({"pid": self._child.pid, "born": _born(self._child.pid)}))

    def running(self) -> int | None:
        """Its number while it runs."""
        try:
            kept = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return None
        pid = int(kept["pid"])
        self._reap()
        return pid if kept["born"] is not None and _born(pid) == kept["born"] else None

    def wait(self, ready: Callable[[], bool], seconds: float) -> None:
        """Until it is ready. Raises Died if it ends before, or takes longer."""
        end = time.monotonic() + seconds
        while not ready():
            if self.running() is None:
                raise Died(f"{self.name} ended while starting. {self._said()}")
            if time.monotonic() > end:
                raise Died(f"{self.name} is not ready after {seconds:.0f} s. {self._said()}")
            time.sleep(0.05)

    def ask_to_end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Tells it to end, and does not wait."""
        if (pid := self.running()) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)

    def stop(self, seconds: float = 30, how: signal.Signals = signal.SIGTERM) -> bool:
        """Ends it, with force if it takes longer. Whether it ran."""
        pid = self.running()
        if pid is not None:
            self.ask_to_end(how)
            end = time.monotonic() + seconds
            while self.running() is not None:
                if time.monotonic() > end:
                    self.kill()
                    break
                time.sleep(0.05)
        self._file.unlink(missing_ok=True)
        return pid is not None

    def kill(self) -> None:
        """Ends it at once, as a power cut would: it and what it started."""
        pid = self.running()
        if pid is not None:
            os.killpg(pid, signal.SIGKILL)
            while _group_there(pid):
                self._reap()
                time.sleep(0.01)

    def _reap(self) -> None:
        """A child of ours that ended is still there until somebody looks."""
        if self._child is not None:
            self._child.poll()

    def _said(self) -> str:
        try:
            last = self.log.read_text(errors="replace").strip().splitlines()[-8:]
        except OSError:
            last = []
        return "\n  ".join([f"See {self.log}:", *last])


def _group_there(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


def _born(pid: int) -> str | None:
    """When a process was born, in whatever form this system has; None if there is no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] == "Z" else fields[19]
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return None
    said = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return said.stdout.strip() or None
