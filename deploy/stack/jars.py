"""The broker's jars: fetched once with Maven into a folder, as deploy/kafka/pom.xml names them."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

from deploy.stack.needs import Missing, maven

POM = Path(__file__).parents[1] / "kafka" / "pom.xml"
STAMP = "fetched.sha256"  # of the pom the jars were fetched for; written last, so that half a fetch is none


def fetch(folder: Path, seconds: float = 600) -> Path:
    """The folder of the jars; fetches them if they are not there, or not those the pom names. Raises Missing."""
    jars = folder / "jars"
    wanted = sha256(POM.read_bytes()).hexdigest()
    stamp = jars / STAMP
    if stamp.is_file() and stamp.read_text() == wanted:
        return jars
    for old in jars.glob("*.jar"):
        old.unlink()
    _run_maven(jars, seconds)
    stamp.write_text(wanted)
    return jars


def _run_maven(jars: Path, seconds: float) -> None:
    command = [
        str(maven()),
        "--batch-mode",
        "--no-transfer-progress",
        "--quiet",
        "--file",
        str(POM),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={jars}",
        "-DincludeScope=runtime",
    ]
    try:
        ran = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise Missing(f"Maven did not fetch the broker's jars within {seconds:.0f} s; try again") from None
    if ran.returncode or not list(jars.glob("kafka_*.jar")):
        said = [line for line in (ran.stdout + ran.stderr).splitlines() if "ERROR" in line] or ["(it said nothing)"]
        raise Missing(
            f"Maven could not fetch the broker's jars: {said[0]}\n"
            "Is a Maven repository within reach? A mirror is named in ~/.m2/settings.xml"
        )
