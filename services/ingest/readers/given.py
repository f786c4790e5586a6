"""Records already in hand: what came in one request or one message, taken in by the same way as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


class Given:
    """Records given as JSON bytes. `name` says where they came from; positions count from 1."""

    def __init__(self, records: Sequence[bytes], name: str) -> None:
        self._records = records
        self._name = name
        self.size: int | None = len(records)

    def place(self, position: int) -> str:
        return f"{self._name} record {position}"

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        return enumerate(self._records, start=1)
