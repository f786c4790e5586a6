"""A rebuild that workers do: what it waits for, and what becomes of one that is cut off or overtaken."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from sqlalchemy import Engine

from caseclock.runtime import now, rules
from caseclock.workers import rebuild as spreading
from schemas.settings.settings import Settings
from schemas.store.engine import reader
from services.ingest.intake.intake import take_in
from services.ingest.readers.given import Given
from services.timeliness.table import progress, spread
from services.timeliness.table.catch_up import catch_up
from services.timeliness.table.progress import RuleVersions
from services.timeliness.table.spread import Overtaken
from tests.helpers.worker_flow import digest_of, of_one_machine, records


def folded(engine: Engine) -> None:
    take_in(engine, Given(records(), "made"), history=False, now=now())
    catch_up(engine, rules().register, rules().calendar)


def generations(engine: Engine) -> set[int]:
    with reader(engine) as connection:
        return {state.generation for state in progress.states(connection)}


def versions() -> RuleVersions:
    return RuleVersions(rules().register.version, rules().calendar.version)


def fold_what_is_being_built(engine: Engine) -> None:
    catch_up(engine, rules().register, rules().calendar, range(64))


def test_without_workers_it_gives_up_and_leaves_the_clocks(streaming: Settings, engine: Engine) -> None:
    folded(engine)
    done: list[int] = []
    with pytest.raises(spreading.NotRebuilt, match=r"\d+ of 64 shards are not folded") as refused:
        spreading.rebuild(engine, streaming, rules(), 0.3, done.append)
    assert "Is a timeliness worker running" in str(refused.value)
    assert generations(engine) == {1}
    assert digest_of(engine) == of_one_machine()
    assert done
    assert max(done) < 64  # those of no events there are


def test_the_command_says_so(workers_environ: dict[str, str], store: Engine) -> None:
    folded(store)
    ran = subprocess.run(
        [sys.executable, "-m", "caseclock.cli.main", "rebuild", "--timeout", "1"],
        env={**os.environ, **workers_environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "of 64 shards are not folded. Is a timeliness worker running" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_who_comes_second_is_overtaken_and_breaks_nothing(engine: Engine) -> None:
    folded(engine)
    first, to = spread.begin(engine, versions())
    second, _ = spread.begin(engine, versions())
    fold_what_is_being_built(engine)
    assert spread.left(engine, first, to) == []
    assert spread.finish(engine, rules().register, rules().calendar, first).equal
    with pytest.raises(Overtaken):
        spread.left(engine, second, to)
    with pytest.raises(Overtaken):
        spread.finish(engine, rules().register, rules().calendar, second)
    spread.give_up(engine, second)  # what is live now stays
    assert generations(engine) == {second}
    assert digest_of(engine) == of_one_machine()


def test_one_that_was_given_up_is_overtaken(engine: Engine) -> None:
    folded(engine)
    fresh, to = spread.begin(engine, versions())
    spread.give_up(engine, fresh)
    with pytest.raises(Overtaken):
        spread.left(engine, fresh, to)


def test_what_comes_meanwhile_is_folded_before_the_swap(engine: Engine) -> None:
    half = len(records()) // 2
    take_in(engine, Given(records()[:half], "made"), history=False, now=now())
    catch_up(engine, rules().register, rules().calendar)
    fresh, _ = spread.begin(engine, versions())
    fold_what_is_being_built(engine)
    take_in(engine, Given(records()[half:], "made"), history=False, now=now())
    assert spread.finish(engine, rules().register, rules().calendar, fresh).equal
    assert digest_of(engine) == of_one_machine()
