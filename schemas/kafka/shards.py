"""Shards: the children divided into 64 parts, for ever the same, whatever the number of partitions or workers.

A child's events keep their order because they are all of one shard, and a shard is all in one partition. The number 64
and the hash are part of the contract: another would move children between shards while records are under way.

    >>> shard_of("C0012345")
    25
    >>> partition_of(43, partitions=8)
    3
"""

from __future__ import annotations

from zlib import crc32

SHARDS = 64


def shard_of(child: str) -> int:
    """The shard of a child, 0 to 63: CRC-32 of the id in UTF-8, modulo 64."""
    return crc32(child.encode()) % SHARDS


def partition_of(shard: int, partitions: int) -> int:
    """The partition a shard's records go to. Said outright, because a hash of 64 keys fills partitions unevenly."""
    return shard % partitions
