"""A PostgreSQL of the tests' own: found among what is installed, started in a new folder, gone afterwards.

It listens on a socket in that folder and nowhere else. It compares text as an English dictionary does unless told not
to, unlike SQLite: what depends on it shows.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections import deque
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from schemas.store.engine import connect
from schemas.store.postgres import OLDEST
from services.ingest.log.guards import guard

FOLDER = "POSTGRES_PROGRAMS"  # names a folder of PostgreSQL's programs, where they are in none of the usual places
INSTALL = "Debian, Ubuntu: apt-get install postgresql"
_USUAL = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/pgsql/bin")
_READY = "database system is ready to accept connections"
_DICTIONARY = ("--locale-provider=icu", "--icu-locale=en-GB", "--locale=C.UTF-8")
_TEMPLATE = "caseclock_template"
_SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "max_connections=100",
    "shared_buffers=64MB",
    "lc_messages=C",
    "log_timezone=UTC",
    "timezone=Pacific/Auckland",  # far from ours: nothing may depend on it
)


class Unavailable(Exception):
    """There is no PostgreSQL to be had. The message says why and what to do."""


def programs() -> Path:
    """The folder of the newest PostgreSQL that will do. Raises Unavailable."""
    named = os.environ.get(FOLDER)
    folders = [Path(named)] if named else [p for pattern in _USUAL for p in Path("/").glob(pattern[1:])]
    if not named and (on_path := shutil.which("postgres")):
        folders.append(Path(on_path).resolve().parent)
    found = sorted((version, folder) for folder in folders if (version := _version(folder)) >= OLDEST)
    if not found:
        where = f"none of version {OLDEST} or newer in {named}" if named else "none is installed"
        raise Unavailable(f"{where}; {INSTALL}; or name the folder of its programs in {FOLDER}")
    return found[-1][1]


def _version(folder: Path) -> int:
    """The major version of the server in a folder; 0 where there is none."""
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    number = re.search(r"(\d+)", said.stdout)
    return int(number[1]) if number else 0


class Server:
    """A running server. Its databases are gone when it is."""

    def __init__(self) -> None:
        self.programs = programs()
        self._folder = Path(tempfile.mkdtemp(prefix="caseclock-pg-", dir="/tmp"))
        self._as = self._other_user()
        self._said: deque[str] = deque(maxlen=40)
        self._numbers = count(1)
        try:
            self._make()
            self.start()
            self._prepare()
        except BaseException:
            self.remove()
            raise

    def _other_user(self) -> dict[str, Any]:
        """The server refuses to run as root: then it runs as somebody who can do little else."""
        if os.geteuid() != 0:
            return {}
        for name in ("postgres", "nobody"):
            try:
                user = pwd.getpwnam(name)
            except KeyError:
                continue
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        raise Unavailable("PostgreSQL does not run as root, and there is no user `postgres` or `nobody` here")

    def _make(self) -> None:
        command = [
            self.programs / "initdb",
            "-D",
            self._folder / "data",
            "-U",
            "caseclock",
            "-E",
            "UTF8",
            "-A",
            "trust",
            "--no-sync",
            "--no-instructions",
            *_DICTIONARY,
        ]
        made = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, **self._as)
        if made.returncode:
            raise Unavailable(f"initdb failed: {made.stderr.strip()}")

    def start(self) -> None:
        """Start it, and come back when it takes connections."""
        die_with_us = [setpriv, "--pdeathsig", "INT"] if (setpriv := shutil.which("setpriv")) else []
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        self._process = subprocess.Popen(
            [*die_with_us, self.programs / "postgres", "-D", self._folder / "data", "-k", self._folder, *settings],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            **self._as,
        )
        ready = threading.Event()
        self._listener = threading.Thread(target=self._listen, args=(self._process, ready), daemon=True)
        self._listener.start()
        ready.wait(60)
        if self._process.poll() is not None or not any(_READY in line for line in self._said):
            raise Unavailable("it did not start: " + " ".join(self._said))

    def _listen(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stderr is not None
        with process.stderr as said:
            for line in said:
                self._said.append(line.strip())
                if _READY in line:
                    ready.set()
        ready.set()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT as an operator would, throwing everybody out; SIGQUIT as in a crash."""
        self._process.send_signal(how)
        self._process.wait(60)
        self._listener.join()

    def remove(self) -> None:
        """End it and take its folder away."""
        if (running := getattr(self, "_process", None)) is not None and running.poll() is None:
            self.stop(signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        return f"postgresql://caseclock@/{database}?host={self._folder}"

    def _prepare(self) -> None:
        """A store to copy: quicker than to make each anew."""
        self.run(f"CREATE DATABASE {_TEMPLATE}")
        engine = connect(self.url(_TEMPLATE))
        guard(engine)
        engine.dispose()

    def store(self) -> str:
        """The URL of a new, empty store."""
        return self.database(f" TEMPLATE {_TEMPLATE}")

    def database(self, more: str = "") -> str:
        """The URL of a new database with nothing in it."""
        name = f"store_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name}{more}")
        return self.url(name)

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE {url.rpartition('?')[0].rpartition('/')[2]} WITH (FORCE)")

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def program(self, name: str, *arguments: str) -> bytes:
        """What one of PostgreSQL's own programs puts out."""
        done = subprocess.run([self.programs / name, *arguments], capture_output=True, check=True)
        return done.stdout
