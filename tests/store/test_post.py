"""Notices for people, by real servers: whatever fails and whenever we are killed, somebody is told, and where the channel
can tell, once."""

from __future__ import annotations

import io
import threading
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from schemas.store import tables
from schemas.store.engine import reader, table_of
from services.alerts.channels import Message, Outcome
from services.alerts.channels.console import Console
from services.alerts.channels.mail import Mail
from services.alerts.channels.mail import Relay as Where
from services.alerts.channels.notify import Account, Notify
from services.alerts.delivery.outbox import deliver
from services.alerts.delivery.post import MOST
from services.alerts.delivery.retry import BEGIN_AGAIN, LEASE, WAITS
from services.alerts.reports.undelivered import outstanding
from services.alerts.sweep.sweep import sweep
from tests.helpers.alert_clocks import CALENDAR, at, store_clocks, watched
from tests.helpers.alert_routes import desk, routes
from tests.helpers.relay import NotifyApi, Relay, certificate, smtp, web
from tests.unit.test_channels import KEY

NOW = at("2024-03-06")
BOTH = routes(channels=("notify", "email"))


class Killed(BaseException):
    """The process ends here: nothing of ours may catch it."""


class KilledAfter:
    """A channel whose process is killed once it has sent, before anything is noted."""

    def __init__(self, real) -> None:
        self.real, self.name = real, real.name

    def send(self, message: Message, now: datetime) -> Outcome:
        self.real.send(message, now)
        raise Killed

    def find(self, message: Message) -> Outcome | None:
        return self.real.find(message)


@pytest.fixture(scope="module")
def cert(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("cert"))


@pytest.fixture
def api():
    return NotifyApi()


@pytest.fixture
def notify(api):
    with web(api) as url:
        yield Notify(Account(KEY, "template-1", url))


@pytest.fixture
def relay():
    return Relay()


@pytest.fixture
def mail(relay, cert):
    with smtp(relay, cert) as port:
        yield Mail(Where("localhost", port, "clocks@county.example", ca=cert.path))


@pytest.fixture
def engine(engine):
    """One notice, for ann."""
    store_clocks(engine, [watched()])
    assert sweep(engine, CALENDAR, NOW, desk=desk(channels=("notify", "email"))).notices == 1
    return engine


def attempts(engine: Engine) -> list[tuple[str, str, str]]:
    table = table_of(tables.Attempt)
    with reader(engine) as connection:
        query = select(table.c.person, table.c.channel, table.c.outcome).order_by(table.c.number)
        return [tuple(row) for row in connection.execute(query)]


def delivered(engine: Engine) -> list[str]:
    table = table_of(tables.Delivery)
    with reader(engine) as connection:
        return list(connection.execute(select(table.c.channel).where(table.c.notice != "")).scalars())


def test_delivered_is_what_the_receipt_says(engine, api, notify, mail):
    assert deliver(engine, [notify, mail], NOW, BOTH) == (1, ())
    assert (attempts(engine), delivered(engine)) == ([("ann", "notify", "sent")], [])
    deliver(engine, [notify, mail], NOW + timedelta(minutes=1), BOTH)
    assert delivered(engine) == []
    api.taken[0]["status"] = "delivered"
    deliver(engine, [notify, mail], NOW + timedelta(minutes=5), BOTH)
    assert (attempts(engine), delivered(engine)) == ([("ann", "notify", "delivered")], ["notify"])
    assert len(api.taken) == 1


def test_an_address_that_is_refused_goes_by_the_next_channel(engine, api, notify, relay, mail):
    api.refuse = 400, "BadRequestError"
    swept = deliver(engine, [notify, mail], NOW, BOTH)
    assert swept.failures[0][:2] == ("notify", 1)
    assert attempts(engine) == [("ann", "notify", "refused"), ("ann", "email", "delivered")]
    assert relay.mails[0]["To"] == "ann@county.example"


def test_a_receipt_that_says_it_did_not_arrive_goes_by_the_next_channel(engine, api, notify, relay, mail):
    deliver(engine, [notify, mail], NOW, BOTH)
    api.taken[0]["status"] = "permanent-failure"
    deliver(engine, [notify, mail], NOW + timedelta(minutes=1), BOTH)
    assert attempts(engine) == [("ann", "notify", "refused"), ("ann", "email", "delivered")]


def test_where_no_channel_reaches_somebody_the_next_person_up_is_told_and_why(engine, api, notify, relay, mail):
    api.refuse, relay.recipient = (400, "BadRequestError"), "550 no such user"
    deliver(engine, [notify, mail], NOW, BOTH)
    assert [who for who, *_ in attempts(engine)] == ["ann", "ann", "sam", "sam", "hana", "hana", "dev", "dev"]
    assert {outcome for *_, outcome in attempts(engine)} == {"refused"}
    assert delivered(engine) == []
    failed = outstanding(engine, NOW, BOTH)
    assert failed[:3] == (0, 1, ("the relay refused the address (550)",))
    api.refuse = None
    assert deliver(engine, [notify, mail], NOW + BEGIN_AGAIN - timedelta(seconds=1), BOTH).sent == 0
    assert deliver(engine, [notify, mail], NOW + BEGIN_AGAIN, BOTH).sent == 1
    assert outstanding(engine, NOW + BEGIN_AGAIN, BOTH) == (0, 0, (), (), 1)


def test_the_next_person_up_is_told_that_it_was_not_for_them(engine, relay, mail):
    only_mail = routes(channels=("email",))
    relay.recipient = "550 no such user"
    deliver(engine, [mail], NOW, only_mail)
    relay.recipient = "250 OK"
    table = table_of(tables.Attempt)
    with engine.begin() as connection:  # ann's address is refused, sam's is not
        connection.execute(table.delete().where(table.c.number > 1))
        connection.execute(table.update().values(next_try_at=None))
    deliver(engine, [mail], NOW + timedelta(minutes=1), only_mail)
    (got,) = relay.mails
    assert got["To"] == "sam@county.example"
    assert "could not be delivered to ann; you are next on the line" in got.get_body(["plain"]).get_content()


@pytest.mark.parametrize(("status", "kind"), [(429, "RateLimitError"), (500, "Exception")])
def test_a_temporary_failure_is_tried_again_by_the_same_channel(engine, api, notify, mail, status, kind):
    api.refuse = status, kind
    deliver(engine, [notify, mail], NOW, BOTH)
    api.refuse = None
    deliver(engine, [notify, mail], NOW + WAITS[0] - timedelta(seconds=1), BOTH)
    assert attempts(engine) == [("ann", "notify", "later")]
    deliver(engine, [notify, mail], NOW + WAITS[0], BOTH)
    assert attempts(engine) == [("ann", "notify", "later"), ("ann", "notify", "sent")]


class TestKilledBetweenSentAndNoted:
    def test_notify_is_asked_and_nothing_is_sent_twice(self, engine, api, notify, mail):
        with pytest.raises(Killed):
            deliver(engine, [KilledAfter(notify), mail], NOW, BOTH)
        assert attempts(engine) == [("ann", "notify", "trying")]
        deliver(engine, [notify, mail], NOW + timedelta(minutes=1), BOTH)  # it might still be at it
        deliver(engine, [notify, mail], NOW + LEASE, BOTH)
        assert attempts(engine) == [("ann", "notify", "trying"), ("ann", "notify", "sent")]
        assert len(api.taken) == 1

    def test_so_it_is_where_the_answer_was_lost_on_the_way(self, engine, api, notify, mail):
        api.cut = True
        deliver(engine, [notify, mail], NOW, BOTH)
        assert attempts(engine) == [("ann", "notify", "later")]
        deliver(engine, [notify, mail], NOW + WAITS[0], BOTH)
        assert attempts(engine)[-1] == ("ann", "notify", "sent")
        assert len(api.taken) == 1

    def test_smtp_cannot_tell_so_it_is_sent_again_with_the_same_message_id(self, engine, relay, mail):
        only_mail = routes(channels=("email",))
        with pytest.raises(Killed):
            deliver(engine, [KilledAfter(mail)], NOW, only_mail)
        deliver(engine, [mail], NOW + LEASE, only_mail)
        first, second = relay.mails
        assert first["Message-ID"] == second["Message-ID"]

    def test_killed_before_it_was_sent_it_is_sent(self, engine, api, notify, mail):
        table = table_of(tables.Attempt)
        with reader(engine) as connection:
            notice = connection.execute(select(table_of(tables.Notice).c.id)).scalar_one()
        with engine.begin() as connection:
            row = {"notice": notice, "number": 1, "person": "ann", "channel": "notify", "at": NOW}
            connection.execute(table.insert().values(**row, outcome="trying", why=""))
        deliver(engine, [notify, mail], NOW + LEASE, BOTH)
        assert len(api.taken) == 1


def test_two_senders_at_once_send_once(engine, another, api, notify):
    store_clocks(engine, [watched(id=f"k{n}", team=team) for n, team in enumerate(("west", "south"))])
    sweep(engine, CALENDAR, at("2024-03-07"), desk=desk(channels=("notify",)))
    other, start = another(), threading.Barrier(2)

    def run(mine: Engine) -> None:
        start.wait()
        deliver(mine, [notify], at("2024-03-07"), routes(channels=("notify",)))

    threads = [threading.Thread(target=run, args=(mine,)) for mine in (engine, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    references = [one["reference"] for one in api.taken]
    assert len(references) == len(set(references)) >= 3


def test_a_channel_that_keeps_failing_is_left_alone_until_the_next_call(engine, api, notify):
    store_clocks(engine, [watched(id=f"k{n}", team=team) for n, team in enumerate(("west", "south", "vacant"))])
    sweep(engine, CALENDAR, at("2024-03-12"), desk=desk(channels=("notify",)))
    api.refuse = 503, "Exception"
    deliver(engine, [notify], at("2024-03-12"), routes(channels=("notify",)))
    assert len(api.asked) == 3
    api.refuse = None
    deliver(engine, [notify], at("2024-03-13"), routes(channels=("notify",)))
    assert len(api.taken) == len({one["reference"] for one in api.taken}) == 5  # ann, bob, cat, sam, sue


def test_a_call_sends_so_many_and_the_next_call_the_rest(engine, api, notify):
    table = table_of(tables.Notice)
    more = {"team": "north", "level": "team_manager", "text": "Team north: 1 overdue.", "created_at": NOW}
    with engine.begin() as connection:
        connection.execute(table.insert(), [{"id": f"n{n}", "recipient": "ann", **more} for n in range(MOST)])
    only = routes(channels=("notify",))
    assert [deliver(engine, [notify], NOW, only).sent for _ in range(3)] == [MOST, 1, 0]


def test_a_channel_the_file_does_not_name_gets_copies(engine, notify):
    out = io.StringIO()
    deliver(engine, [notify, Console(out)], NOW, routes(channels=("notify",)))
    assert out.getvalue().startswith("Team north: 1 overdue.")
    assert delivered(engine) == ["console"]


def test_what_nobody_could_be_told_of_is_sent_once_there_is_somebody(engine, relay, mail):
    empty = desk(channels=("email",))._replace(routes=None)
    store_clocks(engine, [watched(), watched(date(2024, 3, 6), id="k9", team="west")])
    sweep(engine, CALENDAR, at("2024-03-07"), desk=empty)  # a notice for a team, that no channel has
    deliver(engine, [mail], at("2024-03-07"), routes(channels=("email",)))
    assert sorted(got["To"] for got in relay.mails) == ["ann@county.example", "bob@county.example"]
