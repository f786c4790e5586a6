"""Where a store is, and how one is opened where nothing may be written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from caseclock.runtime import open_store
from schemas.store.engine import connect
from schemas.store.sqlite_file import is_read_only, path_of
from schemas.store.versions import StoreRefused
from services.ingest.log.verify import verify

NOBODY = 65534


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///x.db", "x.db"),
        ("sqlite:////tmp/x.db", "/tmp/x.db"),
        ("sqlite:///file:/tmp/x%20y.db?mode=ro&uri=true", "/tmp/x y.db"),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("sqlite:///file:x?mode=memory&uri=true", None),
        ("postgresql://host/name", None),
    ],
)
def test_the_file_of_a_url(url: str, path: str | None) -> None:
    assert path_of(make_url(url)) == (Path(path).absolute() if path else None)


def test_where_no_store_is_to_be_made_none_is(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match=f"{tmp_path}/x.db: there is no store there"):
        connect(f"sqlite:///{tmp_path}/x.db", makes=False)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoreRefused, match="there is no store there"):
        connect("sqlite://", makes=False)


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that another user can read, and not write."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def ask(folder: Path) -> str:
    """What `verify` says of the store in a folder, to somebody who may write nothing in it: in a process of theirs."""
    folder.chmod(0o555)
    answer, say = os.pipe()
    if os.fork() == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(NOBODY)
            engine = connect(f"sqlite:///{folder}/x.db", makes=False)
            os.write(say, f"{is_read_only(engine.url)} {verify(engine).result}".encode())
        except BaseException as wrong:
            os.write(say, repr(wrong).encode())
        finally:
            os._exit(0)
    os.close(say)
    with os.fdopen(answer) as file:
        said = file.read()
    os.wait()
    return said


def test_a_copy_that_cannot_be_written_is_opened_for_reading(open_to_all: Path) -> None:
    """As it is on an auditor's read-only disk; also one that was cut off with its last writes in the log beside it."""
    engine = open_store(f"sqlite:///{open_to_all}/x.db")
    assert not is_read_only(engine.url)
    with engine.connect() as holding:
        holding.exec_driver_sql("SELECT 1")
        assert (open_to_all / "x.db-wal").exists()
        for beside in open_to_all.iterdir():
            beside.chmod(0o444)
        assert ask(open_to_all) == "True cannot_tell"  # of an empty log
    open_to_all.chmod(0o755)
    engine.dispose()
    assert [path.name for path in open_to_all.iterdir()] == ["x.db"]
    assert ask(open_to_all) == "True cannot_tell"


def test_a_store_that_is_made_is_its_owners_alone_and_one_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    for mode in (0o600, 0o640):
        engine = connect(f"sqlite:///{path}")
        with engine.begin():
            modes = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
        engine.dispose()
        assert modes["x.db"] == modes["x.db-wal"] == mode
        path.chmod(0o640)
