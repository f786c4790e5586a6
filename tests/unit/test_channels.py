"""The channels, against real servers on this machine."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from services.alerts.channels import DELIVERED, SENT, Message
from services.alerts.channels.mail import Mail
from services.alerts.channels.mail import Relay as Where
from services.alerts.channels.notify import Account, Notify, Unanswered
from services.alerts.channels.webhook import Webhook, signature
from tests.helpers.relay import Asked, NotifyApi, Relay, Web, certificate, smtp, web

NOW = datetime(2024, 3, 6, 8, 30, tzinfo=UTC)
TEXT = """Team north-1: 2 overdue.

- 2 × Visits & more <every 10 days>: overdue (due Tue 5 March 2024)

See https://clocks.example/team/north-1"""
MESSAGE = Message("0123456789abcdef", "north-1", "team_manager", TEXT, NOW, "ann", "ann@county.example")
SECRET = "s" * 40
KEY = f"clocks-{'a' * 8}-1111-1111-1111-{'b' * 12}-{'c' * 8}-1111-1111-1111-{'d' * 12}"


@pytest.fixture(scope="module")
def cert(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("cert"))


class TestMail:
    @pytest.fixture
    def relay(self):
        return Relay()

    @pytest.fixture
    def where(self, relay, cert):
        with smtp(relay, cert) as port:
            yield Where("localhost", port, "Caseclock <clocks@county.example>", ca=cert.path)

    def test_text_and_html_over_starttls(self, relay, where):
        assert Mail(where).send(MESSAGE, NOW) == DELIVERED
        (mail,) = relay.mails
        assert (mail["To"], mail["Subject"]) == ("ann@county.example", "Team north-1: 2 overdue")
        assert mail["Date"] == "Wed, 06 Mar 2024 08:30:00 +0000"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail.get_body(["plain"]).get_content().splitlines() == TEXT.splitlines()
        html = mail.get_body(["html"]).get_content()
        assert "<li>2 × Visits &amp; more &lt;every 10 days&gt;: overdue (due Tue 5 March 2024)</li>" in html
        assert '<a href="https://clocks.example/team/north-1">' in html

    def test_one_message_id_however_often_it_is_sent_and_another_for_another_person(self, relay, where):
        for to in ("ann", "ann", "sam"):
            Mail(where).send(MESSAGE._replace(to=to), NOW)
        ids = [mail["Message-ID"] for mail in relay.mails]
        assert ids[0] == ids[1] == f"<{MESSAGE.key}@county.example>"
        assert ids[2] != ids[0]

    @pytest.mark.parametrize(
        ("recipient", "data", "state"),
        [
            ("550 5.1.1 no such user", "250 OK", "refused"),
            ("450 4.2.1 mailbox busy", "250 OK", "later"),
            ("250 OK", "554 5.7.1 refused", "refused"),
            ("250 OK", "451 4.3.0 try later", "later"),
        ],
    )
    def test_4yz_may_pass_and_5yz_will_not(self, relay, where, recipient, data, state):
        relay.recipient, relay.data = recipient, data
        outcome = Mail(where).send(MESSAGE, NOW)
        assert outcome.state == state
        assert "county.example" not in outcome.why  # an address is not for the log

    def test_with_a_user(self, relay, cert):
        with smtp(relay, cert, password=SECRET) as port:
            where = Where("localhost", port, "c@county.example", user="u", password=SECRET, ca=cert.path)
            assert Mail(where).send(MESSAGE, NOW) == DELIVERED
            wrong = Mail(where._replace(password="w" * 40)).send(MESSAGE, NOW)
        assert wrong.state == "refused"
        assert "w" * 40 not in wrong.why

    def test_a_relay_nobody_vouches_for_is_refused(self, where):
        outcome = Mail(where._replace(ca=None)).send(MESSAGE, NOW)
        assert (outcome.state, outcome.why[:24]) == ("refused", "the relay's certificate:")

    def test_a_relay_that_asks_for_tls_refuses_one_that_does_without(self, relay, where):
        assert Mail(where._replace(tls="none")).send(MESSAGE, NOW).state == "refused"
        assert relay.mails == []

    def test_nobody_listening_may_pass(self, where, unused_port):
        assert Mail(where._replace(port=unused_port)).send(MESSAGE, NOW).state == "later"

    def test_it_cannot_tell(self, where):
        assert Mail(where).find(MESSAGE) is None


class TestNotify:
    @pytest.fixture
    def api(self):
        return NotifyApi()

    @pytest.fixture
    def notify(self, api):
        with web(api) as url:
            yield Notify(Account(KEY, "template-1", url))

    def test_sent_is_not_yet_delivered(self, api, notify):
        assert notify.send(MESSAGE, NOW) == SENT
        (taken,) = api.taken
        assert (taken["email_address"], taken["template_id"]) == ("ann@county.example", "template-1")
        assert taken["personalisation"] == {"subject": "Team north-1: 2 overdue", "message": TEXT}
        assert taken["reference"] == MESSAGE.key
        assert SECRET not in str(api.asked) + KEY[-36:]

    @pytest.mark.parametrize(
        ("status", "state"),
        [
            ("created", "sent"),
            ("sending", "sent"),
            ("pending", "sent"),
            ("delivered", "delivered"),
            ("permanent-failure", "refused"),
            ("temporary-failure", "later"),
            ("technical-failure", "later"),
        ],
    )
    def test_delivered_is_what_its_receipt_says(self, api, notify, status, state):
        api.status = status
        notify.send(MESSAGE, NOW)
        assert notify.find(MESSAGE).state == state

    def test_the_newest_of_several_counts_and_of_none_nothing_is_known(self, api, notify):
        assert notify.find(MESSAGE) is None
        for api.status in ("technical-failure", "delivered"):
            notify.send(MESSAGE, NOW)
        assert notify.find(MESSAGE) == DELIVERED
        assert notify.find(MESSAGE._replace(to="sam")) is None

    @pytest.mark.parametrize(
        ("status", "kind", "state"),
        [
            (400, "BadRequestError", "refused"),
            (403, "AuthError", "refused"),
            (429, "RateLimitError", "later"),
            (429, "TooManyRequestsError", "later"),
            (500, "Exception", "later"),
            (503, "Exception", "later"),
        ],
    )
    def test_errors_as_documented(self, api, notify, caplog, status, kind, state):
        api.refuse = status, kind
        with caplog.at_level(logging.DEBUG):
            outcome = notify.send(MESSAGE, NOW)
        assert (outcome.state, outcome.why) == (state, f"Notify answered {status} ({kind})")
        assert "ann@county.example" not in outcome.why
        assert KEY[-36:] not in caplog.text

    def test_nobody_listening_may_pass(self, unused_port):
        notify = Notify(Account(KEY, "template-1", f"http://127.0.0.1:{unused_port}"))
        assert notify.send(MESSAGE, NOW).state == "later"
        with pytest.raises(Unanswered):
            notify.find(MESSAGE)


class TestWebhook:
    @pytest.fixture
    def receiver(self):
        return Answering()

    @pytest.fixture
    def webhook(self, receiver, cert):
        with web(receiver, cert) as url:
            yield Webhook(f"{url}/notices?sig=part-of-the-address", SECRET, cert.path)

    def test_signed_with_time_and_key(self, receiver, webhook):
        assert webhook.send(MESSAGE, NOW) == DELIVERED
        (asked,) = receiver.asked
        assert asked.query == {"sig": "part-of-the-address"}
        assert asked.headers["caseclock-timestamp"] == "1709713800"
        assert asked.headers["caseclock-signature"] == f"v1={signature(SECRET, '1709713800', asked.body)}"
        assert asked.headers["caseclock-key"] == asked.headers["idempotency-key"] == asked.json["key"] == MESSAGE.key
        assert (asked.json["to"], asked.json["text"]) == ("ann", TEXT)

    def test_a_changed_body_or_time_or_another_secret_has_another_signature(self):
        made = {signature(SECRET, "1", b"a"), signature(SECRET, "2", b"a"), signature(SECRET, "1", b"b")}
        assert len(made | {signature("t" * 40, "1", b"a")}) == 4

    @pytest.mark.parametrize(
        ("status", "state"),
        [
            (200, "delivered"),
            (202, "delivered"),
            (409, "delivered"),
            (400, "refused"),
            (401, "refused"),
            (302, "refused"),
            (410, "refused"),
            (408, "later"),
            (429, "later"),
            (500, "later"),
            (503, "later"),
        ],
    )
    def test_answers(self, receiver, webhook, status, state):
        receiver.status = status
        assert webhook.send(MESSAGE, NOW).state == state
        assert len(receiver.asked) == 1

    def test_one_nobody_vouches_for_gets_nothing(self, receiver, webhook, cert):
        with web(receiver, cert) as url:
            assert Webhook(url, SECRET).send(MESSAGE, NOW).state == "later"
        assert receiver.asked == []

    def test_nobody_listening_may_pass(self, unused_port):
        outcome = Webhook(f"http://127.0.0.1:{unused_port}/secret-path", SECRET).send(MESSAGE, NOW)
        assert outcome.state == "later"
        assert "secret-path" not in outcome.why


class Answering(Web):
    status = 200

    def answer(self, asked: Asked):
        return self.status, None


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
