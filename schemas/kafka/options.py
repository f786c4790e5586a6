"""Says how each client speaks to the brokers, from the settings. Builds plain values; imports no client."""

from __future__ import annotations

import ssl
from typing import Any

from schemas.kafka.topics import LARGEST_RECORD
from schemas.settings.settings import Settings

GONE_AFTER = 10_000  # ms without a sign of life until a worker's partitions go to others
SIGN_OF_LIFE = 2_000  # ms
A_STEP = 300_000  # ms that a worker may take over one batch
AT_ONCE = 16 * 1024 * 1024  # bytes fetched ahead, at most


def client(settings: Settings) -> dict[str, Any]:
    """Returns what every client of kafka-python is given. Raises BadSettings without brokers."""
    made: dict[str, Any] = {
        "bootstrap_servers": list(settings.brokers()),
        "security_protocol": settings.kafka_security.upper(),
        "reconnect_backoff_max_ms": 1_000,  # a broker that comes back is found again soon
        "metrics_enabled": False,  # we count for ourselves
    }
    if settings.kafka_security.endswith("ssl"):
        made["ssl_context"] = ssl.create_default_context(cafile=settings.kafka_ca)
    if settings.kafka_security.startswith("sasl"):
        made |= {
            "sasl_mechanism": settings.kafka_mechanism,
            "sasl_plain_username": settings.kafka_user,
            "sasl_plain_password": settings.kafka_password,
        }
    return made


def admin(settings: Settings) -> dict[str, Any]:
    """For KafkaAdminClient. It gives up soon: somebody waits for the answer."""
    made = {**client(settings), "bootstrap_timeout_ms": 5_000, "request_timeout_ms": 20_000}
    made.pop("metrics_enabled")
    return made


def producer(settings: Settings) -> dict[str, Any]:
    """For KafkaProducer: acknowledged by all copies, each record once and in order whatever is tried again."""
    return {
        **client(settings),
        "acks": "all",
        "enable_idempotence": True,
        "linger_ms": 5,
        "batch_size": 256 * 1024,
        "max_request_size": LARGEST_RECORD,
        "allow_auto_create_topics": False,
    }


def consumer(settings: Settings, group: str) -> dict[str, Any]:
    """For KafkaConsumer in a group. It commits by hand, and where no place is known it asks (`none`): to begin at the
    latest would skip, and to begin at the earliest unasked would hide that records were deleted unread."""
    return {
        **client(settings),
        "group_id": settings.topic_prefix + group,
        "enable_auto_commit": False,
        "auto_offset_reset": "none",
        "allow_auto_create_topics": False,
        "session_timeout_ms": GONE_AFTER,
        "heartbeat_interval_ms": SIGN_OF_LIFE,
        "max_poll_interval_ms": A_STEP,
        "max_poll_records": settings.batch,
        "fetch_max_bytes": AT_ONCE,
        "max_partition_fetch_bytes": LARGEST_RECORD,
    }
