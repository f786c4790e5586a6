"""A register is read strictly: whatever cannot be meant is refused, naming file, key and remedy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.timeliness.standards.register import BadRegister, england, load, load_standard, load_states

GOOD: dict[str, Any] = {
    "id": "made-3wd",
    "title": "Made",
    "force": "local",
    "owner": "nobody",
    "starts": {"event": "enquiry.started"},
    "stops": {"event": "conference.held", "where": {"conference": "initial"}},
    "match": "enquiry_id",
    "warn": ["2 working days", "1 working day"],
    "escalate": ["0 days", "5 working days"],
    "limits": [{"from": "2010-04-01", "within": "3 working days", "source": "made"}],
}
HOLDS: dict[str, Any] = {
    "id": "made-3wd",
    "title": "Made",
    "force": "local",
    "owner": "nobody",
    "measure": "must_hold",
    "holds": "allocated_qualified",
    "while": ["cp_plan"],
    "limits": [{"from": "2010-04-01", "within": "0 days", "source": "made"}],
}
STATES = {"on_a_plan": {"meaning": "made", "opens": [{"event": "cp_plan.started"}], "closes": []}}


def written(folder: Path, standard: Any, name: str = "made-3wd.yaml", states: Any = None) -> Path:
    """A file of a standard, as YAML or as the text given."""
    path = folder / name
    path.write_text(standard if isinstance(standard, str) else _yaml(standard), encoding="utf-8")
    if states is not None:
        (folder / "states.yaml").write_text(_yaml(states), encoding="utf-8")
    return path


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False).replace("'2010-04-01'", "2010-04-01")


def refusal(path: Path) -> str:
    with pytest.raises(BadRegister) as refused:
        load_standard(path, load_states(england()))
    said = str(refused.value)
    assert said.startswith((f"{path}: ", f"{path}, line ")), "it names the file"
    return said


def changed(plain: dict[str, Any], **more: Any) -> dict[str, Any]:
    """With these keys; those given as None left out."""
    return {key: value for key, value in (plain | more).items() if value is not None}


def limit(**more: Any) -> list[dict[str, Any]]:
    return [changed(GOOD["limits"][0], **more)]


def test_good_ones_are_taken(tmp_path: Path) -> None:
    for plain in (GOOD, HOLDS):
        assert load_standard(written(tmp_path, plain), load_states(england())).id == "made-3wd"


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    # -- the file and its keys
    "unknown key": ({"warning": ["1 day"]}, "unknown field `warning`.*docs/standards.md"),
    "missing key": ({"owner": None}, "`owner` is missing.*docs/standards.md"),
    "wrong type": ({"title": 7}, "title: Expected `str`, got `int`"),
    "unknown force": ({"force": "legal"}, "force: Invalid enum value 'legal'; did you mean local"),
    "unknown measure": ({"measure": "must"}, "measure: Invalid enum value 'must'; did you mean must_hold"),
    "unknown again": ({"again": "always"}, "again: Invalid enum value 'always'; it is one of another, ignore"),
    "another id": ({"id": "made-4wd"}, "id is 'made-4wd'; name the file made-4wd.yaml or correct the id"),
    "no starts": ({"starts": None}, "`starts` and `stops` are needed"),
    "no stops": ({"stops": None}, "`starts` and `stops` are needed"),
    # -- triggers
    "unknown kind": (
        {"starts": {"event": "enquiry.begun"}},
        "no kind of event 'enquiry.begun'; did you mean enquiry.ended",
    ),
    "unknown field": (
        {"starts": {"event": "enquiry.started", "where": {"urgent": True}}},
        "enquiry.started has no field 'urgent'; it is one of .*enquiry_id",
    ),
    "field in unless": ({"starts": {"event": "enquiry.started", "unless": {"urgent": True}}}, "no field 'urgent'"),
    "never that value": (
        {"stops": {"event": "conference.held", "where": {"conference": "first"}}},
        "conference is never 'first'; it is one of initial, review, transfer_in",
    ),
    "a word for a bool": (
        {"starts": {"event": "enquiry.started", "where": {"joint": "yes"}}},
        "joint is of type bool, so 'yes' can never match",
    ),
    "unknown trigger key": ({"starts": {"event": "enquiry.started", "if": 1}}, "starts.if: unknown field `if`"),
    "unknown state": (
        {"starts": {"event": "enquiry.started", "when": "case_opened"}},
        "no state 'case_opened'; did you mean case_open",
    ),
    "unknown state not": ({"starts": {"event": "enquiry.started", "when_not": "x"}}, "no state 'x'"),
    "unknown while": ({"while": "on_plan"}, "no state 'on_plan'"),
    "two whiles": ({"while": ["cp_plan", "case_open"]}, "while: one state"),
    "event and function": (
        {"starts": {"event": "enquiry.started", "function": "eligible_child_at_16"}},
        "`event` or `function`, one of them",
    ),
    "neither": ({"starts": {"where": {}}}, "`event` or `function`, one of them"),
    "unknown function": (
        {"starts": {"function": "at_17"}, "match": None},
        "no function 'at_17'; it is one of eligible_child_at_16",
    ),
    "function and more": (
        {"starts": {"function": "eligible_child_at_16", "when": "case_open"}, "match": None},
        "takes no other key",
    ),
    "function to stop": ({"stops": {"function": "eligible_child_at_16"}}, "stops: a trigger needs `event`"),
    "nth of nothing": (
        {"starts": {"event": "enquiry.started", "nth": 1}},
        "nth counts within a spell: name the state in `while`",
    ),
    "nth in words": (
        {"starts": {"event": "enquiry.started", "nth": "first"}, "while": "case_open"},
        "nth: 'first' is neither",
    ),
    "nth of 0": ({"starts": {"event": "enquiry.started", "nth": 0}, "while": "case_open"}, "nth: '0' is neither"),
    "nth of a stop": ({"stops": {"event": "conference.held", "nth": 2}}, "stops: `nth` is for starts"),
    "counted from nothing": (
        {"starts": {"event": "enquiry.started", "counted_from": "referral.recieved"}},
        "counted_from: there is no kind of event 'referral.recieved'",
    ),
    "counted to": (
        {"cancels": [{"event": "case.closed", "counted_from": "referral.received"}]},
        "cancels: `counted_from` is for starts",
    ),
    "later start": (
        {"starts": {"event": "enquiry.started", "on_a_later_day": True}},
        "starts: `on_a_later_day` is for stops",
    ),
    "later cancel": (
        {"cancels": [{"event": "case.closed", "on_a_later_day": True}]},
        "cancels: `on_a_later_day` is for stops",
    ),
    "linked to nothing": (
        {"starts": {"event": "enquiry.started", "linked": {"event": "concern.risen", "by": "enquiry_id"}}},
        "no kind of event 'concern.risen'|no field",
    ),
    "linked by nothing": (
        {"starts": {"event": "enquiry.started", "linked": {"event": "missing.started", "by": "missing_id"}}},
        "linked: enquiry.started has no field 'missing_id'; `by` is a field that both kinds have",
    ),
    "a fault of no words": ({"faults": [{"event": "case.closed"}]}, "faults: `says` is needed"),
    "match nobody carries": ({"match": "missing_id"}, "match: no stop carries 'missing_id'"),
    "match no start carries": ({"starts": {"event": "concern.raised"}}, "match: no start carries 'enquiry_id'"),
    # -- limits
    "no limits": ({"limits": []}, "limits: there is none"),
    "no source": ({"limits": limit(source=" ")}, "limits from 2010-04-01: `source` is empty; name the text"),
    "source left out": ({"limits": limit(source=None)}, "limits\\[1\\]: `source` is missing"),
    "no length": ({"limits": limit(within=None)}, "limits from 2010-04-01: give one of `within` and `before`"),
    "both": ({"limits": limit(before="2 years")}, "limits from 2010-04-01: give one of `within` and `before`"),
    "another unit": (
        {"limits": limit(within="3 fortnights")},
        "'3 fortnights' is not a length: write a whole number and a unit",
    ),
    "no number": ({"limits": limit(within="some days")}, "'some days' is not a length"),
    "a fraction": ({"limits": limit(within="1.5 days")}, "'1.5 days' is not a length"),
    "two of one day": (
        {"limits": limit() + limit(within="4 working days")},
        "two entries from 2010-04-01; add a later one",
    ),
    "not a day": (
        {"limits": [*limit(), {"from": "soon", "within": "1 day", "source": "x"}]},
        "limits\\[2\\].from: Invalid RFC3339 encoded date",
    ),
    "only with a condition": (
        {"limits": limit(after="1 year"), "while": "placed", "match": None},
        "one without is needed",
    ),
    "given of no state": ({"limits": limit() + limit(given={"long_term": True})}, "name the state in `while`"),
    "given unheard of": (
        {"limits": limit() + limit(given={"long_tem": True}), "while": "placed", "match": None},
        "limits from 2010-04-01: nothing tells 'long_tem' of the state; did you mean long_term",
    ),
    "given in words": (
        {"limits": limit() + limit(given={"long_term": "yes"}), "while": "placed", "match": None},
        "can never match",
    ),
    "given never": (
        {"limits": limit() + limit(given={"regime": "odd"}), "while": "placed", "match": None},
        "regime is never 'odd'",
    ),
    "after how long": (
        {"limits": limit() + limit(after="long"), "while": "placed", "match": None},
        "'long' is not a length",
    ),
    "unmeasured unheard of": (
        {"unmeasured": [{"given": {"x": 1}, "because": "y"}], "while": "placed", "match": None},
        "unmeasured: nothing tells 'x'",
    ),
    "unmeasured of no state": ({"unmeasured": [{"given": {"x": 1}, "because": "y"}]}, "unmeasured: .*`while`"),
    # -- the ladder and targets
    "warned too early": (
        {"warn": ["4 working days"]},
        "warn: 4 working days is longer than the limit itself; shorten it",
    ),
    "warned before a day": (
        {"limits": limit(within="1 day"), "warn": ["1 week"]},
        "warn: 1 week is longer than the limit",
    ),
    "no such warning": ({"warn": ["a day"]}, "'a day' is not a length"),
    "warnings out of order": ({"warn": ["1 working day", "2 working days"]}, "warn: write the earliest warning"),
    "warned twice": ({"warn": ["1 working day", "1 working day"]}, "warn: .*each once"),
    "warned in hours": ({"warn": ["3 hours"]}, "warn: 3 hours for a limit in other units"),
    "hours warned in days": (
        {"limits": limit(within="72 hours"), "warn": ["1 day"]},
        "warn: 1 day for a limit in other units",
    ),
    "escalated out of order": ({"escalate": ["5 working days", "0 days"]}, "escalate: write the earliest step"),
    "escalated twice": ({"escalate": ["0 days", "0 days"]}, "escalate: .*each once"),
    "no such step": ({"escalate": ["at once"]}, "'at once' is not a length"),
    "amber above green": (
        {"targets": [{"from": "2010-04-01", "green": 80, "amber": 90}]},
        "targets from 2010-04-01: per cents",
    ),
    "more than all": (
        {"targets": [{"from": "2010-04-01", "green": 101, "amber": 90}]},
        "targets from 2010-04-01: per cents",
    ),
    "held by none": ({"holds": "cp_plan"}, "holds: only what must hold has it"),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_standard_that_cannot_be_meant_is_refused(tmp_path: Path, wrong: str) -> None:
    change, said = REFUSED[wrong]
    with pytest.raises(BadRegister, match=said):
        load_standard(written(tmp_path, changed(GOOD, **change)), load_states(england()))
    refusal(tmp_path / "made-3wd.yaml")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"holds": None}, "has `holds` and `while`, and neither `starts` nor `stops`"),
        ({"while": None}, "has `holds` and `while`"),
        ({"starts": {"event": "enquiry.started"}}, "neither `starts` nor `stops`"),
        ({"holds": "allocated"}, "no state 'allocated'"),
        ({"match": "plan_id"}, "match: a must_hold standard has none"),
        ({"cancels": [{"event": "case.closed"}]}, "cancels: a must_hold standard has none"),
        ({"recurring": True}, "recurring: a must_hold standard has none"),
        (
            {"limits": [{"from": "2014-01-01", "within": "1 working day", "source": "x"}]},
            "limits from 2014-01-01: a gap is due on the day it opens and is given no grace",
        ),
    ],
)
def test_what_must_hold_has_two_states_and_no_triggers(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(BadRegister, match=said):
        load_standard(written(tmp_path, changed(HOLDS, **change)), load_states(england()))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: [", "made-3wd.yaml, line 2: while parsing a flow node"),
        ("id: made-3wd\nid: made-3wd\n", "line 2: key 'id' is given twice"),
        ("", "Expected `object`"),
        ("- id: made-3wd\n", "Expected `object`"),
        ("limits:\n- {from: 2010-02-30, within: 1 day, source: x}\n", "line 2: '2010-02-30' is no day that there is"),
        ("on: true\n", "unknown field `on`"),  # a word, not the boolean that YAML makes of it
        ("recurring: NO\n", "Expected `bool`, got `str`"),
        ("recurring: yes\n", "Expected `bool`, got `str`"),
        ("x: !!python/object/apply:os.system [ls]\n", "line 1: tags"),
    ],
)
def test_yaml_has_no_surprises(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    assert said in refusal(path)


def test_a_file_of_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "made-3wd.yaml"
    path.write_bytes("title: Kinderschutzgespräch".encode("latin-1"))
    assert "line 1: this is not UTF-8" in refusal(path)


def test_every_fault_of_a_file_is_said_at_once_each_with_the_nearest_right_word(tmp_path: Path) -> None:
    wrong = changed(
        GOOD,
        stops={"event": "conference.held", "where": {"conference": "inital"}},
        cancels=[{"event": "transfer.complete"}, {"event": "visit.made", "where": {"by": "social_wroker"}}],
        match="enquiry_ids",
        warn=["9 working days"],
    )
    said = refusal(written(tmp_path, wrong)).splitlines()
    for part in (
        "conference is never 'inital'; did you mean initial?",
        "there is no kind of event 'transfer.complete'; did you mean transfer.completed?",
        "by is never 'social_wroker'; did you mean social_worker?",
        "match: no start carries 'enquiry_ids'",
        "warn: 9 working days is longer than the limit itself",
    ):
        assert sum(part in line for line in said) == 1, part
    assert len(said) == 5
    assert all(line.startswith(f"{tmp_path / 'made-3wd.yaml'}: ") for line in said)


def test_every_fault_of_the_shape_is_said_at_once(tmp_path: Path) -> None:
    wrong = changed(GOOD, title=5, ownr="x", owner=None, stops={"event": "conference.held", "wheer": {}})
    said = refusal(written(tmp_path, wrong))
    for part in (
        "title: Expected `str`, got `int`",
        "ownr: unknown field `ownr`; did you mean owner?",
        "`owner` is missing",
        "stops.wheer: unknown field `wheer`; did you mean where?",
    ):
        assert part in said


NEVER = {
    "a start about no child": (
        {"starts": {"event": "worker.left"}, "match": None},
        "starts: worker.left is about a worker, so it is in no child's history",
    ),
    "a stop that is in no child's history": (
        {"stops": {"event": "supervision.received"}, "match": None},
        "stops: supervision.received is about a worker",
    ),
    "a stop that counts only where the clock does not run": (
        {"stops": {"event": "conference.held", "when_not": "case_open"}, "while": "case_open"},
        "no stop can meet a start",
    ),
    "wanted and refused at once": (
        {
            "stops": {
                "event": "conference.held",
                "where": {"conference": "initial"},
                "unless": {"conference": ["initial", "review"]},
            }
        },
        "conference is wanted and refused at once",
    ),
    "in a state and out of it": (
        {"stops": {"event": "conference.held", "when": "case_open", "when_not": "case_open"}},
        "is in `when` and in `when_not`",
    ),
    "a meeting that is not complete": (
        {"stops": {"event": "conference.held", "where": {"complete": False}}},
        "only a meeting that is complete counts",
    ),
    "no limit at all": (
        {"limits": [{"from": "2010-04-01", "within": "none", "source": "x"}], "warn": None},
        "each is `none`, so no clock ever runs",
    ),
}


@pytest.mark.parametrize("name", NEVER)
def test_what_can_never_run_is_refused(tmp_path: Path, name: str) -> None:
    change, said = NEVER[name]
    assert said in refusal(written(tmp_path, changed(GOOD, **change)))


def test_a_register_declares_codes_of_its_own(tmp_path: Path) -> None:
    """A council's own reason for setting a team may be asked for where the register declares it, and nowhere else."""
    own = changed(
        GOOD,
        cancels=[{"event": "case.team_set", "where": {"reason": ["transfer", "hub_north"]}}, *GOOD.get("cancels", [])],
    )
    path = written(tmp_path, own)
    with pytest.raises(BadRegister, match=r"reason is never 'hub_north'.*declared in codes.yaml"):
        load(tmp_path)
    (tmp_path / "codes.yaml").write_text("case.team_set.reason: [hub_north]\n")
    load.cache_clear()
    assert list(load(tmp_path).standards) == [path.stem]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("case.team_set.reson: [hub]", "there is no such field; did you mean case.team_set.reason?"),
        ("visit.made.by: [hub]", "visit.made.by: it takes no codes but its own"),
        ("case.team_set.reason: hub", "Expected `array`"),
    ],
)
def test_codes_that_cannot_be_declared_are_refused(tmp_path: Path, text: str, said: str) -> None:
    written(tmp_path, GOOD)
    (tmp_path / "codes.yaml").write_text(text)
    load.cache_clear()
    with pytest.raises(BadRegister) as refused:
        load(tmp_path)
    assert said in str(refused.value)


# -- states ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"opens": []}, "on_a_plan: `opens` is empty"),
        ({"opens": [{"event": "plan.begun"}]}, "no kind of event 'plan.begun'"),
        ({"opens": [{"event": "cp_plan.started", "where": {"old": True}}]}, "cp_plan.started has no field 'old'"),
        ({"closes": [{"event": "cp_plan.ended", "nth": 1}]}, "on_a_plan: a state's trigger has `event`, `where` and"),
        ({"key": "plan"}, "on_a_plan: key: nothing that opens it carries 'plan'"),
        ({"facts": [{"event": "cp_plan.changed", "take": ["colour"]}]}, "cp_plan.changed has no field 'colour'"),
        ({"carries_on": {"old": True}}, "has no field 'old'"),
        ({"while": "x"}, "unknown field `while`"),
    ],
)
def test_a_state_that_cannot_be_meant_is_refused(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    states = {"on_a_plan": STATES["on_a_plan"] | change}
    written(tmp_path, changed(GOOD), states=states)
    with pytest.raises(BadRegister, match=said) as refused:
        load(tmp_path)
    assert str(tmp_path / "states.yaml") in str(refused.value)


def test_a_register_with_states_of_its_own_has_only_those(tmp_path: Path) -> None:
    written(tmp_path, changed(GOOD, **{"while": "on_a_plan"}), states=STATES)
    assert list(load(tmp_path).standards) == ["made-3wd"]
    other = tmp_path / "other"
    other.mkdir()
    written(other, changed(GOOD, **{"while": "cp_plan"}), states=STATES)
    with pytest.raises(BadRegister, match=r"no state 'cp_plan'; did you mean on_a_plan"):
        load(other)


# -- registers ---------------------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there_or_has_nothing_in_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRegister, match="no such folder; a register is a folder with"):
        load(tmp_path / "nowhere")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(BadRegister, match="no standards in it; add one YAML file a standard"):
        load(empty)


def test_one_bad_file_refuses_the_whole_register(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    written(tmp_path, changed(GOOD, id="another", limits=[]), name="another.yaml")
    with pytest.raises(BadRegister, match=r"another\.yaml: limits: there is none"):
        load(tmp_path)


def test_the_version_changes_with_any_file_and_only_then(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b", "c", "d")]
    for folder in folders:
        folder.mkdir()
    written(folders[0], GOOD)
    written(folders[1], GOOD)
    written(folders[2], changed(GOOD, title="Other words"))
    written(folders[3], GOOD, states=STATES)
    versions = [load(folder).version.partition("-")[2] for folder in folders]
    assert versions[0] == versions[1]
    assert len(set(versions)) == 3
    assert load(folders[0]).version.startswith("a-")


def test_england_has_the_first_twenty_and_the_offer_of_a_return_interview() -> None:
    register = load()
    assert len(register.standards) == 21
    assert register.version.startswith("england-")
    assert list(register.standards) == sorted(register.standards)
    for standard in register.standards.values():
        assert all(entry.source for entry in standard.file.limits)


def test_what_rests_on_guidance_alone_says_so() -> None:
    """Working Together, the Framework before it and the guidance on missing children are to be followed unless there is
    good reason not to; only an Act or regulations bind outright."""
    for standard in load().standards.values():
        sources = " ".join(entry.source for entry in standard.file.limits)
        if standard.file.force == "statutory":
            assert re.search(r"\bAct\b|Regulations|SI \d", sources), standard.id
        elif standard.file.force == "statutory guidance":
            assert re.search(r"Working Together|statutory guidance", sources), standard.id


EVERYTHING_WRONG = """
id: all-wrong
title: Everything wrong at once
forse: local
owner: nobody
starts: {event: enquiry.startd, where: {confrence: initial}}
stops: [{event: conference.held, where: {conference: inital}}, {event: visit.made, where: {by: socialworker}}]
while: cp_plann
match: enquiry_idd
again: anothr
limits:
  - {from: 2010-03-17, within: 15 wrking days, source: guidance}
  - {from: 2013-02-20, within: -3 days}
warn: [2 wrking days]
escalate: [x]
targets: [{from: 2014-01-01, green: 95, amber: 105}]
"""


def test_whatever_is_wrong_with_a_file_is_said_at_once(tmp_path: Path) -> None:
    """Shape, words, lengths and sense, each with the nearest right word: nobody mends a file fault by fault."""
    path = tmp_path / "all-wrong.yaml"
    path.write_text(EVERYTHING_WRONG, "utf-8")
    with pytest.raises(BadRegister) as refused:
        load_standard(path, load().states)
    for fault in (
        "did you mean force?",
        "did you mean another?",
        "limits[2]: `source` is missing",
        "did you mean enquiry.started?",
        "did you mean conference_required?",
        "did you mean initial?",
        "did you mean social_worker?",
        "did you mean cp_plan?",
        "did you mean enquiry_id?",
        "'15 wrking days' is not a length",
        "'-3 days' is not a length",
        "'2 wrking days' is not a length",
        "'x' is not a length",
        "amber at most green",
    ):
        assert fault in str(refused.value), fault


def test_every_day_that_is_none_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "days.yaml"
    path.write_text("a: 2013-02-30\nb: 2013-04-31\nb: 1\n", "utf-8")
    with pytest.raises(BadRegister) as refused:
        load_standard(path, {})
    assert [line.split(":")[0].rpartition(" ")[2] for line in str(refused.value).splitlines()] == ["3", "1", "2"]
