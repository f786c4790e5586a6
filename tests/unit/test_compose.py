"""The files for Docker say what the rest of the project says. (They are run where there is Docker; here, read.)"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from caseclock.workers import WORKERS
from schemas.settings.settings import every

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("caseclock:")}


def properties(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip() and line[0] != "#"]
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize(
    "image", sorted({s["image"] for s in SERVICES.values()} | {*re.findall(r"FROM (\S+)", DOCKERFILE)})
)
def test_images_are_pinned(image: str) -> None:
    _, colon, tag = image.partition(":")
    assert colon
    assert re.fullmatch(r"v?\d+\.\d+(\.\d+)?(-[a-z-]+)?", tag), image


def test_every_worker_is_run_and_no_other() -> None:
    commands = [service["command"] for service in OURS.values() if service["command"][0] == "worker"]
    assert sorted(command[1] for command in commands) == sorted(WORKERS)


def test_what_is_set_is_a_setting() -> None:
    known = {setting.variable for setting in every()}
    for service in OURS.values():
        assert {name for name in service["environment"] if name.startswith("CASECLOCK_")} <= known


def test_what_is_depended_on_is_there() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", ())) <= SERVICES.keys()
        mounted = [mount.partition(":")[0] for mount in service.get("volumes", ())]
        for mount in mounted:
            assert (DEPLOY / mount).exists() if mount.startswith(".") else mount in COMPOSE["volumes"]


@pytest.mark.parametrize("name", sorted(OURS))
def test_ours_writes_nothing_and_may_do_nothing_more(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")
    assert not service.get("cap_add")


def test_nothing_listens_beyond_this_machine() -> None:
    for service in SERVICES.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_both_brokers_are_alike() -> None:
    """The one of `make stack` and the one of Docker: version, and every setting that is not a place or a pace."""
    pom = (DEPLOY / "kafka" / "pom.xml").read_text(encoding="utf-8")
    (version,) = re.findall(r"<artifactId>kafka_2\.13</artifactId>\s*<version>([^<]+)<", pom)
    assert SERVICES["broker"]["image"] == f"apache/kafka:{version}"
    native = properties(DEPLOY / "kafka" / "server.properties")
    docker = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): str(value)
        for name, value in SERVICES["broker"]["environment"].items()
        if name.startswith("KAFKA_")
    }
    for name in docker.keys() & native.keys():
        if "listener" not in name and name not in ("log.dirs", "controller.quorum.voters"):
            assert docker[name] == native[name], name
    for name in ("auto.create.topics.enable", "offsets.retention.minutes", "process.roles"):
        assert name in docker


def test_prometheus_asks_every_worker_where_it_answers() -> None:
    said = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    (found,) = said["scrape_configs"][0]["dns_sd_configs"]
    assert sorted(found["names"]) == sorted(WORKERS)
    for name in WORKERS:
        assert str(found["port"]) == OURS[name]["environment"]["CASECLOCK_HEALTH_PORT"]


def test_rules_ask_for_metrics_there_are() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text(encoding="utf-8"))
    parts = ("caseclock", "services")
    source = "".join(
        path.read_text(encoding="utf-8") for part in parts for path in (DEPLOY.parent / part).rglob("*.py")
    )
    for rule in [rule for group in rules["groups"] for rule in group["rules"]]:
        for metric in re.findall(r"caseclock_\w+", rule["expr"]):
            assert f'"{metric.removesuffix("_total").removesuffix("_bucket")}"' in source, metric


def test_the_image_is_built_from_the_lock_and_runs_as_nobody_in_particular() -> None:
    assert re.search(r"locked\.py stream notify pack > ", DOCKERFILE)
    assert "--editable" not in DOCKERFILE
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE):
        for part in copied.split():
            assert (DEPLOY.parent / part).exists(), part


def test_the_image_is_of_this_version() -> None:
    said = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f'org.opencontainers.image.version="{said["version"]}"' in DOCKERFILE
    assert f'org.opencontainers.image.licenses="{said["license"]}"' in DOCKERFILE
    assert {service["image"] for service in OURS.values()} == {f"caseclock:{said['version']}"}
