"""Law 15: the program that goes out with evidence agrees with the product, whatever the history."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from caseclock.audit import note
from caseclock.audit.evidence import Asked, write
from caseclock.audit.freeze import freeze
from tests.laws.stores import store, take
from tests.laws.strategies import LONG_AFTER, Given, families, law
from tests.laws.test_law_14_published import AT, RULES, asked


@given(families(), st.integers(0, 99), st.integers(0, 60), st.integers(0, 30), st.booleans())
@law(8)
def test_evidence_of_any_history_is_verified(family: list[Given], which: int, cut: int, days: int, whole: bool) -> None:
    period, as_of = asked(family, which, days - 15)
    first, later = family[: cut % (len(family) + 1)], family[cut % (len(family) + 1) :]
    key = Ed25519PrivateKey.generate()
    with store() as engine, tempfile.TemporaryDirectory() as folder:
        take(engine, first, now=AT, history=True)
        name = freeze(engine, RULES, period, as_of, "a test", AT).shown.publication
        take(engine, later)
        write(engine, RULES, Asked([name], None, whole), "a log", key, Path(folder), LONG_AFTER)
        command = [sys.executable, "-I", "-S", f"{folder}/verify.py", note.public_key(key).hex()]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.stdout.splitlines()[-1] == "verified", ended.stdout + ended.stderr
