"""A real broker that speaks TLS and asks for a password, with certificates made here."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.helpers import create_ssl_context
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kafka import KafkaProducer
from kafka.errors import KafkaError

from caseclock.runtime import now
from caseclock.workers.broker import administration, create
from caseclock.workers.streaming import _credentials
from deploy.stack.broker import Broker
from deploy.stack.jars import fetch
from deploy.stack.places import folder, free
from schemas.errors import CaseclockError
from schemas.kafka import options
from schemas.kafka.topics import RAW, topics
from schemas.settings.settings import Settings

PASSWORD = "made-up"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"


def certificate(place: Path, name: str) -> Path:
    """A certificate of 127.0.0.1 that vouches for itself, with its key in a file beside it."""
    key, at = ec.generate_private_key(ec.SECP256R1()), now()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (place / f"{name}.key.pem").write_bytes(secret + pem)
    (place / f"{name}.pem").write_bytes(pem)
    return place / f"{name}.pem"


@pytest.fixture(scope="module")
def secured(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Settings for such a broker. (`broker` is asked for so that there is Kafka, or the test is skipped.)"""
    place = tmp_path_factory.mktemp("secured")
    trusted = certificate(place, "broker")
    more = {
        "listener.security.protocol.map": "CLIENTS:SASL_SSL,CONTROLLER:PLAINTEXT",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": place / "broker.key.pem",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": trusted,
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.clients.plain.sasl.jaas.config": f'{PLAIN} username="own" password="{PASSWORD}"'
        f' user_own="{PASSWORD}" user_caseclock="{PASSWORD}";',
    }
    ports = free(30000 + os.getpid() * 10 % 10000)
    lines = "".join(f"\n{name}={value}" for name, value in more.items())
    started = Broker(place / "kafka", fetch(folder()), next(ports), next(ports), os.getpid(), lines)
    started.start()
    yield {
        "CASECLOCK_KAFKA": started.address,
        "CASECLOCK_PARTITIONS": "2",
        "CASECLOCK_KAFKA_SECURITY": "sasl_ssl",
        "CASECLOCK_KAFKA_CA": str(trusted),
        "CASECLOCK_KAFKA_MECHANISM": "PLAIN",
        "CASECLOCK_KAFKA_USER": "caseclock",
        "CASECLOCK_KAFKA_PASSWORD": PASSWORD,
    }
    started.stop()


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # kafka-python leaves sockets open that were refused
def test_events_go_by_tls_and_a_password_and_not_otherwise(secured: dict[str, str], tmp_path: Path) -> None:
    settings = Settings.read(secured)
    with administration(settings) as client:
        create(client, settings)
    producer = KafkaProducer(**options.producer(settings))
    producer.send(topics(settings)[RAW].name, value=b"{}")
    producer.flush()
    producer.close()
    assert asyncio.run(heard(settings)) == b"{}"
    other = certificate(tmp_path, "other")
    for wrong in ({"CASECLOCK_KAFKA_PASSWORD": "another"}, {"CASECLOCK_KAFKA_CA": str(other)}):
        assert refused(Settings.read(secured | wrong)), wrong
    assert refused(Settings.read({"CASECLOCK_KAFKA": secured["CASECLOCK_KAFKA"]}))
    gc.collect()


def refused(settings: Settings) -> bool:
    try:
        with administration(settings) as client:
            client.list_topics()
    except (CaseclockError, KafkaError):
        return True
    return False


async def heard(settings: Settings) -> bytes:
    """The first raw record, as the client that Faust uses reads it, with what Faust is given."""
    given = _credentials(settings)
    consumer = AIOKafkaConsumer(
        topics(settings)[RAW].name,
        bootstrap_servers=settings.brokers(),
        auto_offset_reset="earliest",
        security_protocol=given.protocol.value,
        sasl_mechanism=given.mechanism.value,
        sasl_plain_username=given.username,
        sasl_plain_password=given.password,
        ssl_context=given.ssl_context or create_ssl_context(),
    )
    await consumer.start()
    try:
        record = await asyncio.wait_for(consumer.getone(), 30)
        return bytes(record.value)
    finally:
        await consumer.stop()
