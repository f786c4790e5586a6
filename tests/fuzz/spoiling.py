"""Ways in which files are put together badly."""

from __future__ import annotations

from random import Random

# Days as somebody might write them, and texts that are none.
ODD_DAYS = (
    *("", " ", "31/02/2021", "2021-13-01", "1/5/21", "01.05.2021", "20210501", "May 2021", "2021-05-01T09:30:00"),
    *("2021-05-01T00:00:00", "2021-05-01Z", "01/05/2021 00:00", "0001-01-01", "9999-12-31", "tomorrow", "44317"),
    *("2021-5-1", " 2021-05-01 ", "2021/05/01", "01-05-2021", "٢٠٢١-٠٥-٠١", "2021‑05‑01", "12/31/2021"),
)
ODD_TEXTS = (
    "",
    " ",
    "?",
    "s1",
    "X" * 200,
    "Ann Smith",
    "é",
    "0",
    "-1",
    "5" * 400,
    "null",
    "TRUE",
    "=1+1",
    "a\u200bb",
    "N9 ",
)


def odd(random: Random, day: bool) -> str:
    """A value that is wrong, or odd, where a day or another text belongs."""
    return random.choice(ODD_DAYS if day or random.random() < 0.2 else ODD_TEXTS)


def bytes_of(random: Random, data: bytes) -> bytes:
    """The bytes, damaged: cut, doubled, some changed or taken out or put in."""
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        at = random.randrange(len(data) + 1)
        how = random.random()
        if how < 0.25:
            data = data[:at]
        elif how < 0.45:
            data = data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]
        elif how < 0.6:
            data = data[:at] + data[at + random.randrange(1, 40) :]
        elif how < 0.75:
            data = data[:at] + random.choice(
                (b"\0", b"\r", b"\n", b'"', b",", b"<", b">", b"&", b"\xff", b"\xef\xbb\xbf")
            )
            data += data[at:at]
        else:
            end = min(len(data), at + random.randrange(1, 200))
            data = data[:end] + data[at:end] + data[end:]
    return data
