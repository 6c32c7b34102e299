# SPDX-License-Identifier: Apache-2.0
"""Clients that authenticate to the one broker behind kbridge: it passes through, again and again where the broker asks for that,
and nothing of it is printed."""

import re
import socket
import struct
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.clients import CLIENT_TIMEOUT_S, CORE_CLIENTS, Client, Consumer, produce
from tests.e2e.direct import Direct
from tests.e2e.flow import wait_until
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.sasl import BROKER, MECHANISMS, PASSWORD, USER, Login, create_user, logged_in, secrets_in
from tests.kafka.cluster import Cluster
from tests.kafka.process import Process

RECORDS = 500
SASL_HANDSHAKE = 17
HANDSHAKE = re.compile(r"^\S+ +(#\d+) .* SaslHandshake v\d+ ", re.MULTILINE)
# To its end: a log is read while it is written.
REFUSAL = re.compile(r"[Aa]uthentication failed[^(\"\n]*(?=[(\"\n])")

CLIENTS = [client for client in CORE_CLIENTS if client.name != "java-verifiable"]
# Before 2.6.1 librdkafka repeats a nonce, which Kafka 4 refuses (confluentinc/librdkafka#4895): here with any password.
NO_SCRAM = ["kcat"]
LOGINS = [
    pytest.param(client, mechanism, id=f"{client.name}-{mechanism}", marks=pytest.mark.feature(f"SASL/{mechanism}"))
    for client in CLIENTS
    for mechanism in MECHANISMS
    if mechanism == "PLAIN" or client.name not in NO_SCRAM
]
by_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
by_mechanism = pytest.mark.parametrize("mechanism", MECHANISMS)


@pytest.fixture(scope="module")
def kafka():
    with Cluster(advertise="nowhere.invalid:1234", security="SASL_PLAINTEXT", properties=BROKER) as cluster:
        create_user(cluster.internal)
        yield cluster


@pytest.fixture
def proxy(kafka, tmp_path):
    """kbridge, which prints all that it ever prints."""
    recording = tmp_path / "recording.pcapng"
    shown = ("--traffic", "--log", "debug", "--record", str(recording))
    proxy = Kbridge(kafka, tmp_path, binary(), *shown, "--timeouts.header", "1s")
    yield proxy
    proxy.stop()
    assert secrets_in(proxy.log.read_bytes() + recording.read_bytes()) == []


def handshakes(proxy: Kbridge) -> Counter[str]:
    """How many each connection has begun."""
    return Counter(HANDSHAKE.findall(proxy.log.read_text(errors="replace")))


def has_authenticated_again(client: Client, begun_before: int, proxy: Kbridge) -> bool:
    # Kafka closes the connections of those that do not know of it, librdkafka 2.0.2 among them, and they come again.
    begun = handshakes(proxy)
    return len(begun) > begun_before if client.name == "kcat" else max(begun.values()) >= 3


@pytest.mark.parametrize(("client", "mechanism"), LOGINS)
def test_a_client_authenticates_and_again_when_its_session_ends(client, mechanism, kafka, proxy, name, tmp_path):
    client = logged_in(client, Login(mechanism))
    Direct(kafka.internal).create_topic(name)
    member = Consumer(client, 0, proxy.address, name, name, tmp_path)
    values = [str(number) for number in range(2 * RECORDS)]

    produce(client, proxy.address, name, values[:RECORDS], tmp_path)
    member.process.wait_until(lambda: len(member.values()) == RECORDS, CLIENT_TIMEOUT_S)
    begun = len(handshakes(proxy))
    member.process.wait_until(lambda: has_authenticated_again(client, begun, proxy), CLIENT_TIMEOUT_S)
    produce(client, proxy.address, name, values[RECORDS:], tmp_path)
    member.process.wait_until(lambda: len(member.values()) >= 2 * RECORDS, CLIENT_TIMEOUT_S)
    member.process.wait_until(proxy.talks_to_broker, CLIENT_TIMEOUT_S)

    member.stop()
    assert sorted(member.values()) == sorted(values)
    assert proxy.log_contains(r"SaslAuthenticate v\d+ ")


@by_mechanism
@by_client
def test_a_wrong_password_gets_the_error_that_it_gets_directly(client, mechanism, kafka, proxy, name, tmp_path):
    client = logged_in(client, Login(mechanism, "wrong"))
    assert_refused_alike(client, kafka, proxy, name, tmp_path)


@pytest.mark.parametrize("client", [client for client in CLIENTS if client.name in NO_SCRAM], ids=lambda client: client.name)
def test_a_client_that_kafka_4_refuses_directly_is_refused_alike(client, kafka, proxy, name, tmp_path):
    assert_refused_alike(logged_in(client, Login("SCRAM-SHA-256")), kafka, proxy, name, tmp_path)


def test_a_token_that_stands_still_is_told_without_its_bytes(kafka, proxy):
    request = struct.pack(">hhih", SASL_HANDSHAKE, 0, 1, -1) + struct.pack(">h", 5) + b"PLAIN"
    token = f"\0{USER}\0{PASSWORD}".encode()
    with socket.create_connection(("127.0.0.1", proxy.port), CLIENT_TIMEOUT_S) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        assert connection.recv(4096)
        connection.sendall(struct.pack(">i", len(token)) + token[: len(USER) + 3])
        assert connection.recv(1) == b""
    proxy.process.wait_until(lambda: proxy.log_contains(r"\(timeouts\.header\)"), CLIENT_TIMEOUT_S)


def assert_refused_alike(client: Client, kafka: Cluster, proxy: Kbridge, topic: str, folder: Path) -> None:
    through = refusal(client, proxy.address, topic, folder / "through")
    assert through == refusal(client, kafka.direct, topic, folder / "direct") != ""


def refusal(client: Client, bootstrap: str, topic: str, folder: Path) -> str:
    """What a producer says of it first; most never end by themselves."""
    folder.mkdir()
    log, source = folder / "log", folder / "in"
    source.write_text("never sent\n")
    process = Process(client.name, client.produce(bootstrap, topic, {}), log, stdin=source)
    wait_until(lambda: REFUSAL.search(log.read_text()) or not process.runs(), f"{client.name} is refused", CLIENT_TIMEOUT_S)
    process.kill()
    found = REFUSAL.search(log.read_text())
    return found[0].strip() if found else ""
