"""A batch of raw records as it came from Kafka, read like any other source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol


class Partition(NamedTuple):
    """A partition of a topic. Equal to, and as good as, the client's own."""

    topic: str
    partition: int


class Raw(Protocol):
    """A record of Kafka's, as far as ingest looks at it. `value` is None where there is none."""

    @property
    def offset(self) -> int: ...
    @property
    def value(self) -> bytes | None: ...


class Polled:
    """Records by partition, each partition's in its order. Positions count them from 0; `size` is how many."""

    def __init__(self, records: Mapping[Partition, Sequence[Raw]]) -> None:
        self._records = [(partition, record) for partition, some in records.items() for record in some]
        self.size: int | None = len(self._records)

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        for position, (_, record) in enumerate(self._records):
            yield position, record.value or b""

    def place(self, position: int) -> str:
        partition, record = self._records[position]
        return f"topic {partition.topic} partition {partition.partition} offset {record.offset}"
