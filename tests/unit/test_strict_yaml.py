"""Files that could hang or end a reader are refused at once, by name, line and remedy, whoever reads them."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from schemas.strict_yaml import DEEPEST, BadYaml, read_with_lines
from services.alerts.routes.file import BadRoutes, load_routes
from services.timeliness.standards.register import BadRegister, load_standard, load_states
from tests.scenarios.events import Unclear
from tests.scenarios.language import read

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{of}'] * 9)}]\n" for of, name in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "a list as a key": ("x: 1\n? [a, b]\n: c\n", 2, "a key is one word"),
    "a mapping as a key": ("{{a: 1}: b}\n", 1, "a key is one word"),
    "an anchor that holds itself": ("x: 1\na: &a [*a]\n", 2, "anchors and aliases"),
    "a bomb of aliases": (BOMB, 1, "anchors and aliases"),
    "a tag that does not fit": ("a: !!timestamp x\n", 1, "tags"),
    "a tag that runs something": ("a: !!python/object/apply:os.system [ls]\n", 1, "tags"),
    "lists without end": ("a:\n  " + "[" * 100_000, 2, f"more than {DEEPEST} lists"),
    "mappings without end": ("{a: " * 100_000, 1, f"more than {DEEPEST} lists"),
    "a NUL byte": ("a: b\nc: \0\n", 2, "U+0000"),
    "two documents": ("a: 1\n---\nb: 2\n", 2, "a second document"),
    "a list that is not closed": ("a: 1\nb: [1, 2\n", 3, "correct it there"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_at_once_by_every_reader(tmp_path: Path, name: str) -> None:
    text, line, said = HOSTILE[name]
    path = tmp_path / "made.yaml"
    path.write_text(text, encoding="utf-8")
    states = load_states(tmp_path)
    began = process_time()
    for reader, refusal in (
        (lambda: load_standard(path, states), BadRegister),
        (lambda: load_routes(path), BadRoutes),
        (lambda: read(path), Unclear),
    ):
        with pytest.raises(refusal) as refused:
            reader()
        assert f"made.yaml, line {line}: " in str(refused.value)
        assert said in str(refused.value)
    assert process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2024-02-30\n", "line 2: '2024-02-30' is no day that there is; write one as 2024-03-31"),
        ("a: 2024-01-01T23:00:00+99:00\n", "line 1: '2024-01-01T23:00:00+99:00' is no day"),
        (f"a: {'1' * 5000}\n", "line 1: a number of 5,000 digits; write a shorter one"),
        ("a: ١٢\n", None),  # digits of another script are a word, and no number
        (f"a: {'x' * 5_000_000}", "no file of this kind is so large"),
    ],
)
def test_values_that_cannot_be_are_refused(tmp_path: Path, text: str, said: str | None) -> None:
    path = tmp_path / "made.yaml"
    path.write_text(text, encoding="utf-8")
    if said is None:
        assert read_with_lines(path)[0] == {"a": "١٢"}
    else:
        with pytest.raises(BadYaml) as refused:
            read_with_lines(path)
        assert said in str(refused.value)
        assert str(refused.value).startswith(str(path))


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadYaml, match=r"made\.yaml: No such file or directory; check the path"):
        read_with_lines(tmp_path / "made.yaml")
