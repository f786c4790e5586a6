"""NDJSON is read as a stream; a file whose text cannot be trusted is refused whole, saying where and what to do."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from services.ingest.readers import Unreadable
from services.ingest.readers.formats import open_reader
from services.ingest.readers.ndjson import MAX_LINE, Ndjson
from tests.helpers.records import record

ONE, TWO = record("e1"), record("e2")
Written = Callable[[bytes], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    def write(content: bytes) -> Path:
        path = tmp_path / "events.ndjson"
        path.write_bytes(content)
        return path

    return write


def why(path: Path) -> str:
    with pytest.raises(Unreadable) as refusal:
        list(Ndjson(path))
    assert str(path) in str(refusal.value)
    return str(refusal.value)


def test_one_event_a_line(written: Written) -> None:
    reader = Ndjson(written(ONE + b"\n" + TWO + b"\n"))
    assert list(reader) == [(1, ONE), (2, TWO)]
    assert reader.place(2) == "events.ndjson line 2"
    assert reader.done == reader.size == len(ONE) + len(TWO) + 2


def test_mark_line_ends_and_blank_lines_do_not_matter(written: Written) -> None:
    path = written(b"\xef\xbb\xbf" + ONE + b"\r\n\r\n  \n " + TWO + b" ")
    assert list(Ndjson(path)) == [(1, ONE), (4, TWO)]


def test_a_broken_line_is_handed_on(written: Written) -> None:
    assert list(Ndjson(written(b"not an event\n" + ONE + b"\n{\n"))) == [(1, b"not an event"), (2, ONE), (3, b"{")]


def test_other_letters_are_utf_8(written: Written) -> None:
    accented = '{"team":"café"}'.encode()
    assert list(Ndjson(written(accented + b"\n"))) == [(1, accented)]


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(written: Written, content: bytes) -> None:
    assert "holds no events" in why(written(content))


def test_a_file_cut_in_the_middle_of_a_record_is_refused(written: Written) -> None:
    for length in range(1, len(TWO)):
        assert "line 2: the file ends in the middle of a record" in why(written(ONE + b"\n" + TWO[:length]))
    assert len(list(Ndjson(written(ONE + b"\n" + TWO)))) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ((ONE + b"\n").decode().encode("utf-16"), "line 1: this is UTF-16"),
        ((ONE + b"\n").decode().encode("utf-16-le"), "line 1: it has a NUL byte"),
        ((ONE + b"\n").decode().encode("utf-32"), "line 1: this is UTF-32"),
        (ONE + b"\n" + '{"team":"café"}\n'.encode("latin-1"), "line 2: this is not UTF-8 (byte 0xE9 after 12 others"),
        (ONE + b"\n" + TWO[:20] + b"\0" + TWO[20:] + b"\n", "line 2: it has a NUL byte"),
        (b"[" + ONE + b",\n" + TWO + b"]\n", "line 1: this is one JSON list"),
        (b"[\n" + ONE + b"\n]\n", "line 1: this is one JSON list"),
    ],
)
def test_another_encoding_or_shape_is_refused(written: Written, content: bytes, says: str) -> None:
    assert says in why(written(content))


def test_a_line_may_be_as_long_as_the_limit_and_no_longer(written: Written) -> None:
    longest = b'{"x":"' + b"x" * (MAX_LINE - 8) + b'"}'
    assert len(longest) == MAX_LINE
    assert list(Ndjson(written(longest))) == [(1, longest)]
    assert list(Ndjson(written(longest + b"\r\n"))) == [(1, longest)]
    assert "line 2: longer than 1,048,576 bytes" in why(written(ONE + b"\n" + longest[:-2] + b'x"}\n'))


def test_a_huge_line_is_refused_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "huge.ndjson"
    with path.open("wb") as file:
        for _ in range(20):
            file.write(b"x" * MAX_LINE)
    tracemalloc.start()
    try:
        assert "line 1: longer than" in why(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * MAX_LINE


def test_the_format_goes_by_content(written: Written, tmp_path: Path) -> None:
    assert isinstance(open_reader(written(ONE)), Ndjson)
    assert isinstance(open_reader(written(b"")), Ndjson)
    assert isinstance(open_reader(written(b"<x/>"), "ndjson"), Ndjson)
    with pytest.raises(Unreadable, match=r"has no episodes\.csv"):
        open_reader(tmp_path)
    with pytest.raises(Unreadable, match="no such file"):
        open_reader(tmp_path / "missing")
    with pytest.raises(ValueError, match="choose one of auto, ndjson"):
        open_reader(tmp_path, "excel")


def test_xml_and_folders_are_returns(written: Written, tmp_path: Path) -> None:
    for start in (b"<?xml ", b"\xef\xbb\xbf\n <Message>", "<?xml version".encode("utf-16")):
        assert type(open_reader(written(start))).__name__ == "CinCensus"
    (tmp_path / "Episodes.csv").write_text("CHILD,DECOM\n")
    assert type(open_reader(tmp_path)).__name__ == "Ssda903"
