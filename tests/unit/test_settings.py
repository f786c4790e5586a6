"""Configuration by environment: what is wrong is refused, naming the variable and the remedy."""

from __future__ import annotations

import re

import pytest

from schemas.settings.page import PAGE, document
from schemas.settings.settings import ELSEWHERE, PREFIX, BadSettings, Settings, every


def refusal(**environ: str) -> str:
    with pytest.raises(BadSettings) as refused:
        Settings.read({PREFIX + name: value for name, value in environ.items()})
    return str(refused.value)


def test_an_empty_environment_is_one_machine() -> None:
    found = Settings.read({})
    assert found.db == "sqlite:///caseclock.db"
    assert found.kafka is None
    with pytest.raises(BadSettings, match=r"CASECLOCK_KAFKA is not set: .*make stack"):
        found.brokers()


def test_an_empty_variable_is_absent() -> None:
    assert Settings.read({"CASECLOCK_PARTITIONS": "", "CASECLOCK_KAFKA": ""}) == Settings.read({})


def test_values_are_read() -> None:
    found = Settings.read(
        {"CASECLOCK_KAFKA": "one:9092, [::1]:9093", "CASECLOCK_PARTITIONS": "64", "HOME": "/home/ann"}
    )
    assert found.brokers() == ("one:9092", "[::1]:9093")
    assert found.partitions == 64


@pytest.mark.parametrize("setting", every(), ids=lambda setting: setting.name)
def test_each_default_is_one_its_own_reader_takes(setting) -> None:  # type: ignore[no-untyped-def]
    if setting.default is not None:
        assert getattr(Settings.read({setting.variable: setting.default}), setting.name.lower()) is not None
    assert setting.name.lower() in Settings.__struct_fields__


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("PARTITIONS", "65", "a whole number from 1 to 64"),
        ("PARTITIONS", "0", "a whole number from 1 to 64"),
        ("PARTITIONS", "eight", "a whole number"),
        ("PARTITIONS", "٨", "a whole number"),
        ("BATCH", "-1", "a whole number from 1"),
        ("KAFKA", "localhost", "host:port"),
        ("KAFKA", "http://localhost:9092", "host:port"),
        ("KAFKA", "one:9092,,two:9092", "host:port"),
        ("KAFKA", "one:70000", "host:port"),
        ("KAFKA_SECURITY", "TLS", "one of plaintext, ssl"),
        ("TOPIC_PREFIX", "case clock.", "letters, digits"),
        ("RAW_TOPIC", "..", "a topic's name"),
        ("LOG_FORMAT", "xml", "one of json, text"),
        ("HEALTH_PORT", "99999", "from 0 to 65,535"),
        ("TEAMS", "teams\n.csv", "one line"),
    ],
)
def test_what_is_wrong_is_refused_by_name_with_the_remedy(name: str, value: str, remedy: str) -> None:
    said = refusal(**{name: value})
    assert said.startswith(f"{PREFIX}{name} is {value!r}: ")
    assert remedy in said


def test_a_password_is_never_said() -> None:
    said = refusal(DB="mysql://root:hunter2@host/db")
    assert "hunter2" not in said
    assert "CASECLOCK_DB names no database: write sqlite:///" in said
    assert "hunter2" not in repr(Settings.read({"CASECLOCK_DB": "postgresql://u:hunter2@host/db"}))


def test_a_slip_in_a_name_is_refused_and_guessed() -> None:
    assert refusal(KAFAK="one:9092") == ("CASECLOCK_KAFAK is no setting of caseclock: did you mean CASECLOCK_KAFKA?")
    assert "docs/configuration.md" in refusal(ZOOKEEPERS_QUORUM="one:2181")


def test_variables_read_elsewhere_are_known() -> None:
    assert Settings.read({PREFIX + name: "anything" for name in ELSEWHERE}) == Settings.read({})


def test_every_fault_is_said_at_once() -> None:
    assert len(refusal(PARTITIONS="0", KAFKA="x", LOG_LEVEL="loud").splitlines()) == 3


def test_settings_that_do_not_go_together() -> None:
    assert "CASECLOCK_KAFKA_PASSWORD is not set" in refusal(KAFKA_SECURITY="sasl_ssl", KAFKA_USER="case")
    assert "set it to sasl_ssl" in refusal(KAFKA_USER="case")
    sasl = {"CASECLOCK_KAFKA_SECURITY": "sasl_ssl", "CASECLOCK_KAFKA_USER": "a", "CASECLOCK_KAFKA_PASSWORD": "b"}
    assert Settings.read(sasl).kafka_user == "a"


def test_the_page_is_what_is_declared() -> None:
    remedy = "the settings changed: run `python -m schemas.settings.page`"
    assert PAGE.read_text(encoding="utf-8") == document(), remedy
    assert set(re.findall(r"\| `CASECLOCK_(\w+)`", document())) == {s.name for s in every()} | set(ELSEWHERE)


def test_every_variable_the_code_reads_is_declared() -> None:
    root = PAGE.parents[1]
    code = [
        path for part in ("caseclock", "schemas", "services", "deploy", "tests") for path in (root / part).rglob("*.py")
    ]
    read = {
        name
        for path in code
        for name in re.findall(r'(?:environ|variables)\S* ?"?CASECLOCK_(\w+)"', path.read_text("utf-8"))
    }
    read |= {
        name for path in code for name in re.findall(r'^[A-Z]+ = "CASECLOCK_(\w+)"', path.read_text("utf-8"), re.M)
    }
    assert {"STACK", "SHARED"} <= read
    assert read <= {setting.name for setting in every()} | set(ELSEWHERE)


def test_one_module_reads_the_environment() -> None:
    """Alembic run by hand is handed nothing, so its own file reads the variable too."""
    root = PAGE.parents[1]
    read = {
        str(path.relative_to(root))
        for part in ("caseclock", "schemas", "services")
        for path in (root / part).rglob("*.py")
        if re.search(r"\bos\.(environ|getenv)\b|\bfrom os import\b.*\b(environ|getenv)\b", path.read_text("utf-8"))
    }
    assert read == {"caseclock/environment.py", "schemas/store/migrations/env.py"}
