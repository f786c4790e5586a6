"""The outbox: what is claimed is delivered, however often a channel fails or we are killed."""

from __future__ import annotations

import io
import logging
from datetime import date, datetime

import pytest
from sqlalchemy import Engine, select

from schemas.store.engine import reader, table_of
from schemas.store.tables import Delivery
from services.alerts.channels import Message, Outcome, refused
from services.alerts.channels.console import Console
from services.alerts.channels.file import Folder
from services.alerts.delivery.outbox import JOINED, Delivered, deliver
from services.alerts.sweep.sweep import sweep
from tests.helpers.alert_clocks import CALENDAR, at, store_clocks, watched

NOW = at("2024-03-06")


class Killed(BaseException):
    """The process ends here: nothing of ours may catch it."""


class Flaky:
    """A channel that passes notices to another, or fails: before it sent, or after."""

    name = "file"

    def __init__(self, real: Folder, *, before: BaseException | None = None, after: BaseException | None = None):
        self.real, self.before, self.after = real, before, after

    def send(self, message: Message, now: datetime) -> Outcome:
        if self.before:
            raise self.before
        sent = self.real.send(message, now)
        if self.after:
            raise self.after
        return sent

    def find(self, message: Message) -> Outcome | None:
        return self.real.find(message)


class Refusing:
    name = "refusing"

    def send(self, message: Message, now: datetime) -> Outcome:
        return refused("")

    def find(self, message: Message) -> Outcome | None:
        return None


@pytest.fixture
def engine(engine):
    """Two clocks overdue."""
    store_clocks(engine, [watched(), watched(date(2024, 3, 1), id="k2", child="CHILD-2", team="south")])
    return engine


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "notices"


def files(folder) -> list[str]:
    return sorted(path.read_text() for path in folder.iterdir())


def deliveries(engine: Engine) -> list[tuple[str, str]]:
    table = table_of(Delivery)
    with reader(engine) as connection:
        query = select(table.c.notice, table.c.channel).where(table.c.notice != JOINED)
        return sorted(tuple(row) for row in connection.execute(query))


def test_each_notice_becomes_one_whole_file(engine, folder):
    assert sweep(engine, CALENDAR, NOW, [Folder(folder)]).sent == 2
    assert len(files(folder)) == 2
    assert all(path.suffix == ".txt" for path in folder.iterdir())
    assert files(folder)[0].startswith("Team north: 1 overdue. For the team manager.")
    assert deliver(engine, [Folder(folder)], NOW) == Delivered(0, ())


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("how", [Killed(), OSError("disk full")], ids=["killed", "failed"])
def test_stopped_between_claim_and_delivery_it_is_delivered_later_once(engine, folder, moment, how):
    flaky = Flaky(Folder(folder), **{moment: how})
    if isinstance(how, Killed):
        with pytest.raises(Killed):
            sweep(engine, CALENDAR, NOW, [flaky])
    else:
        assert sweep(engine, CALENDAR, NOW, [flaky]).failures[0].notices == 2
    assert deliveries(engine) == []
    swept = sweep(engine, CALENDAR, NOW, [Folder(folder)])
    assert (swept.told, swept.sent) == (0, 2)
    assert len(files(folder)) == 2


def test_a_file_that_is_there_is_not_written_again(engine, folder):
    sweep(engine, CALENDAR, NOW, [Flaky(Folder(folder), after=OSError("cut off"))])
    for path in folder.iterdir():
        path.write_text("read and noted")
    deliver(engine, [Folder(folder)], NOW)
    assert files(folder) == ["read and noted", "read and noted"]


def test_a_failing_channel_is_reported_and_holds_up_no_other(engine, folder, caplog):
    out = io.StringIO()
    with caplog.at_level(logging.WARNING):
        swept = sweep(engine, CALENDAR, NOW, [Flaky(Folder(folder), before=OSError("full")), Refusing(), Console(out)])
    assert swept.sent == 2
    assert [(f.channel, f.notices, f.why) for f in swept.failures] == [
        ("file", 2, "OSError: full"),
        ("refusing", 2, "it said the notice was not delivered"),
    ]
    assert "channel file left 2 notices for next time: OSError: full" in caplog.text
    assert "CHILD" not in caplog.text
    assert {channel for _, channel in deliveries(engine)} == {"console"}


def test_the_console_writes_each_notice_once(engine, capsys):
    sweep(engine, CALENDAR, NOW, [Console()])
    sweep(engine, CALENDAR, NOW, [Console()])
    assert capsys.readouterr().out.count("See /team/") == 2


def test_a_new_channel_gets_no_old_mail(engine, folder):
    sweep(engine, CALENDAR, NOW, [Console(io.StringIO())])
    assert sweep(engine, CALENDAR, at("2024-03-07"), [Console(io.StringIO()), Folder(folder)]).sent == 0
    swept = sweep(engine, CALENDAR, at("2024-03-12"), [Console(io.StringIO()), Folder(folder)])
    assert (swept.notices, swept.sent) == (2, 4)
    assert len(files(folder)) == 2


def test_a_channel_that_failed_from_the_first_gets_its_mail_once_it_works(engine, folder):
    broken = Flaky(Folder(folder), before=OSError("wrong password"))
    sweep(engine, CALENDAR, NOW, [Console(io.StringIO()), broken])
    assert sweep(engine, CALENDAR, at("2024-03-07"), [Folder(folder)]).sent == 2


def test_what_was_claimed_while_there_was_no_channel_goes_to_the_first(engine, folder):
    assert sweep(engine, CALENDAR, NOW).notices == 2
    assert sweep(engine, CALENDAR, at("2024-03-07"), [Folder(folder)]).sent == 2
