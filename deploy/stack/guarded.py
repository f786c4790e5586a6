"""Runs a command that must not outlive another process: `python guarded.py PID USER COMMAND...`, USER may be `-`.

For brokers and databases that tests start: a test run that is killed ends nothing itself.
"""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from typing import Any


def main(guard: int, user: str, command: list[str]) -> int:
    """Gives the command's exit code; ends it when the guard has gone or this is told to end."""
    child = subprocess.Popen(command) if user == "-" else subprocess.Popen(command, **run_as(user))
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    signal.signal(signal.SIGINT, lambda *_: child.send_signal(signal.SIGINT))
    while child.poll() is None:
        if not _there(guard):
            child.kill()
        time.sleep(0.1)
    return child.returncode


def run_as(user: str) -> dict[str, Any]:
    """What makes `subprocess` run something as that user, where we are root."""
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
