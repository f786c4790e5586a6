"""A PostgreSQL cluster of one's own, on loopback, with a password."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

from deploy.stack.guarded import run_as
from deploy.stack.needs import Missing, postgres
from deploy.stack.places import must_be_free
from deploy.stack.processes import Died, Process

NAME = "caseclock"  # of the database and of its user
READY = 60  # seconds
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "password_encryption": "scram-sha-256",
    "log_min_messages": "warning",
    "log_min_duration_statement": "-1",  # a statement holds events, and a log must not
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
}


class Database:
    """A cluster in a folder: its data, its log, its process."""

    def __init__(self, folder: Path, port: int, guard: int | None = None) -> None:
        self.folder, self.port, self._guard = folder, port, guard
        self.process = Process(folder, "database")
        self._data = folder / "data"

    @property
    def url(self) -> str:
        """As SQLAlchemy takes it, with the password."""
        password = (self.folder / "password").read_text().strip()
        return f"postgresql+psycopg://{NAME}:{password}@127.0.0.1:{self.port}/{NAME}"

    def start(self) -> None:
        """Starts it, made first if it is not there, and waits until it answers. Raises Died, Missing."""
        if self.process.running() is None:
            must_be_free(self.port)
            self._make()
            self._launch()
        else:
            self.process.wait(self._answers, READY)

    def stop(self) -> bool:
        """Ends it in good order, connections cut. Whether it ran."""
        return self.process.stop(seconds=30, how=signal.SIGINT)

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.kill()

    def _launch(self) -> None:
        command: list[str | Path] = [postgres() / "postgres", "-D", self._data, "-p", str(self.port)]
        for name, value in _SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        end = time.monotonic() + READY
        while True:
            self.process.start(command, user=_user(), guard=self._guard)
            try:
                return self.process.wait(self._answers, READY)
            except Died as died:
                # of one that was killed, what it started takes a moment to notice
                left = any(sign in str(died) for sign in ("shared memory block", "postmaster.pid"))
                if not left or time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def _answers(self) -> bool:
        ready = postgres() / "pg_isready"
        return not subprocess.run(
            [ready, "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", NAME, "-d", "postgres"], check=False
        ).returncode

    def _make(self) -> None:
        """The cluster's folder, the first time."""
        if (self._data / "PG_VERSION").is_file():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        _reachable(self.folder)
        shutil.rmtree(self._data, ignore_errors=True)
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        self._data.mkdir(mode=0o700)
        if (user := _user()) is not None:
            for path in (self._data, password):
                os.chown(path, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        initdb: list[str | Path] = [
            postgres() / "initdb",
            "-D",
            self._data,
            "-U",
            NAME,
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--data-checksums",
        ]
        _as(user, initdb)
        _as(user, [postgres() / "postgres", "--single", "-D", self._data, "postgres"], f"CREATE DATABASE {NAME}\n")


def _as(user: str | None, command: list[str | Path], said: str = "") -> None:
    """Runs a command to its end, as a user. Raises Died if it fails."""
    given = [str(part) for part in command]
    how = run_as(user) if user else {}
    ran = subprocess.run(given, input=said, capture_output=True, text=True, check=False, cwd="/", **how)
    if ran.returncode or "ERROR" in ran.stderr:
        raise Died(f"the database could not be made: {(ran.stderr or ran.stdout).strip()[-500:]}")


def _user() -> str | None:
    """Who is to run PostgreSQL, which refuses to be root; None: whoever we are. Raises Missing."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise Missing("PostgreSQL cannot run as root, and there is no user postgres: adduser --system --group postgres")


def _reachable(folder: Path) -> None:
    """Raises Missing if the user who is to run PostgreSQL could not get at the folder."""
    user = _user()
    if user is None:
        return
    ran = subprocess.run(["test", "-x", folder], check=False, **run_as(user))
    if ran.returncode:
        raise Missing(
            f"{folder}: the user {user}, who must run PostgreSQL as we are root, cannot enter it:"
            " set CASECLOCK_STACK=/var/tmp/caseclock-stack"
        )
