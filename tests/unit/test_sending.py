"""What is done next about a notice: by which channel, to whom, when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.alerts.channels import DELIVERED, SENT, Outcome, later, refused
from services.alerts.delivery.retry import (
    BEGIN_AGAIN,
    LEASE,
    NO_RECEIPT,
    TRIES,
    WAITS,
    Ask,
    Rest,
    Send,
    Try,
    next_step,
    noted,
)

NOW = datetime(2024, 3, 6, 8, 30, tzinfo=UTC)
CHAIN = [("ann", "notify"), ("ann", "email"), ("sam", "notify"), ("sam", "email")]
BUSY, GONE = later("busy"), refused("gone")


class Notice:
    """One notice as time goes by: each step is answered by whatever the channel says next."""

    def __init__(self, *answers: Outcome) -> None:
        self.answers, self.tries, self.now = list(answers), [], NOW
        self.log: list[tuple[str, str]] = []

    def go_on(self) -> str:
        """Do all that can be done now; says how it stands."""
        while self.answers:
            step = next_step(CHAIN, self.tries, self.now)
            if isinstance(step, Rest):
                break
            if isinstance(step, Send):
                self.tries.append(Try(step.number, step.person, step.channel, self.now, "trying"))
                self.log.append((step.person, step.channel))
            answer = self.answers.pop(0)
            answer, when = noted(CHAIN, self.tries, answer, self.now)
            self.tries[-1] = self.tries[-1]._replace(outcome=answer.state, next_try_at=when)
        return self.tries[-1].outcome

    def wait(self, length: timedelta) -> Notice:
        self.now += length
        return self


def test_delivered_it_rests_for_ever():
    notice = Notice(DELIVERED, BUSY)
    assert notice.go_on() == "delivered"
    assert next_step(CHAIN, notice.tries, NOW + timedelta(days=99)) == Rest(done=True)


def test_a_permanent_failure_goes_to_the_next_channel_and_then_the_next_person_at_once():
    notice = Notice(GONE, GONE, GONE, DELIVERED)
    assert notice.go_on() == "delivered"
    assert notice.log == CHAIN


def test_a_temporary_failure_is_tried_again_after_longer_and_longer():
    notice = Notice(*[BUSY] * (TRIES - 1), DELIVERED)
    for wait in WAITS:
        assert notice.go_on() == "later"
        notice.wait(wait - timedelta(seconds=1)).go_on()
        assert notice.tries[-1].next_try_at == notice.now + timedelta(seconds=1)
        notice.wait(timedelta(seconds=1))
    assert notice.go_on() == "delivered"
    assert notice.log == [CHAIN[0]] * TRIES


def test_one_try_too_many_counts_as_permanent():
    notice = Notice(*[BUSY] * TRIES, DELIVERED)
    while notice.answers:
        notice.go_on()
        notice.wait(timedelta(minutes=1))
    assert notice.log == [*[CHAIN[0]] * TRIES, CHAIN[1]]
    assert notice.tries[TRIES - 1].outcome == "refused"


def test_when_nobody_is_left_it_begins_again_much_later():
    notice = Notice(*[GONE] * 4, DELIVERED)
    assert notice.go_on() == "refused"
    assert notice.tries[-1].next_try_at == NOW + BEGIN_AGAIN
    assert [t.next_try_at for t in notice.tries[:-1]] == [None] * 3
    assert notice.wait(BEGIN_AGAIN).go_on() == "delivered"
    assert notice.log == [*CHAIN, CHAIN[0]]


def test_sent_is_asked_about_less_and_less_often_until_there_is_a_receipt():
    notice, waits = Notice(*[SENT] * 30, DELIVERED), []
    while notice.go_on() == "sent":
        waits.append(notice.tries[-1].next_try_at - notice.now)
        notice.wait(waits[-1])
    assert notice.log == [CHAIN[0]]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(minutes=1), timedelta(hours=1))


def test_a_receipt_that_never_comes_goes_to_the_next_channel():
    notice = Notice(SENT, DELIVERED)
    notice.go_on()
    assert isinstance(next_step(CHAIN, notice.tries, NOW + NO_RECEIPT - timedelta(seconds=1)), Ask)
    assert next_step(CHAIN, notice.tries, NOW + NO_RECEIPT) == Send(2, "ann", "email", False)


def test_a_receipt_that_says_refused_goes_to_the_next_channel():
    notice = Notice(SENT, GONE, SENT)
    notice.go_on()
    assert notice.wait(timedelta(minutes=1)).go_on() == "sent"
    assert notice.log == CHAIN[:2]


def test_cut_off_while_trying_it_is_asked_about_before_it_is_sent_again():
    trying = [Try(1, "ann", "notify", NOW, "trying")]
    assert next_step(CHAIN, trying, NOW + LEASE - timedelta(seconds=1)) == Rest()  # somebody may be at it
    assert next_step(CHAIN, trying, NOW + LEASE) == Send(2, "ann", "notify", True)


def test_whoever_left_the_file_is_passed_over():
    gone = [Try(1, "zoe", "notify", NOW, "refused")]
    assert next_step(CHAIN, gone, NOW) == Send(2, "ann", "notify", False)


@pytest.mark.parametrize("outcome", [BUSY, GONE, SENT, DELIVERED])
def test_with_nobody_to_tell_there_is_nothing_to_do(outcome):
    assert next_step([], [], NOW) == Rest()
