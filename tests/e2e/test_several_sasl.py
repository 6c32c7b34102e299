# SPDX-License-Identifier: Apache-2.0
"""SASL with three brokers behind the one port: what a client proves to one of them, kbridge repeats at the others; what cannot be
repeated is refused with a sentence."""

import re
import subprocess
import time
from collections import Counter

import pytest
from confluent_kafka import KafkaError, Producer
from confluent_kafka.admin import AdminClient

from tests.e2e.clients import CLIENT_TIMEOUT_S, CONFLUENT, JAVA, KAFKAJS, Consumer, produce, wait_for_members
from tests.e2e.direct import Direct
from tests.e2e.flow import wait_until
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.sasl import BROKER, SCRAM, Login, logged_in, secrets_in
from tests.e2e.served import leaders, served
from tests.kafka.cluster import Cluster

RECORDS = 10_000
PARTITIONS = 12
MEMBERS = 2
# Short enough that every client proves itself again during its test, and far above the second that a broker wants in between. Java's
# clients do so when a twentieth is left at the least, and what they have sent by then must have come in time.
SESSION_S = 10
SESSIONS = 3
MECHANISMS = [pytest.param(mechanism, marks=pytest.mark.feature(f"SASL/{mechanism}")) for mechanism in ("PLAIN", "OAUTHBEARER")]
REPEATED = re.compile(r"^\S+ +(?P<client>#\d+) .* SaslAuthenticate v\d", re.MULTILINE)
REFUSED = f"it authenticates with {SCRAM}, which proves it to one broker only, and the cluster has 3: .*listen.per-broker"


@pytest.fixture(scope="module")
def three():
    sessions = {"connections.max.reauth.ms": SESSION_S * 1000}
    with Cluster(brokers=3, security="SASL_PLAINTEXT", properties={**BROKER, **sessions}) as cluster:
        yield cluster


@pytest.fixture
def proxy(three, tmp_path):
    """It is told one broker only: that there are three, it has to learn."""
    recording = tmp_path / "recording.pcapng"
    settings = ("--traffic", "--traffic-all", "--record", str(recording))
    proxy = Kbridge(three, tmp_path, binary(), *settings, upstream=three.brokers[0].bootstrap)
    yield proxy
    proxy.stop()
    assert secrets_in(proxy.log.read_bytes() + recording.read_bytes()) == []


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("client", [JAVA, CONFLUENT, KAFKAJS], ids=lambda client: client.name)
def test_a_group_of_two_that_authenticates_gets_every_record_once(client, mechanism, three, proxy, name, tmp_path):
    direct = Direct(three.internal)
    values = [str(number) for number in range(RECORDS)]
    direct.create_topic(name, PARTITIONS)
    client = logged_in(client, Login(mechanism))
    members = [Consumer(client, number, proxy.address, name, name, tmp_path) for number in range(MEMBERS)]
    wait_for_members(members, lambda: direct.group_shares(name, MEMBERS))

    produce(client, proxy.address, name, values, tmp_path)

    wait_for_members(members, lambda: sum(len(each.values()) for each in members) >= RECORDS)
    wait_for_members(members, lambda: max(repeats(proxy).values()) > 1)
    for member in members:
        member.stop()
    assert direct.record_count(name) == RECORDS
    assert sorted(value for member in members for value in member.values()) == sorted(values)
    own = leaders(three.internal, name)
    proxy.process.wait_until(lambda: served(proxy, "Produce", name) == served(proxy, "Fetch", name) == own, CLIENT_TIMEOUT_S)
    assert len(own) == PARTITIONS
    assert not proxy.log_contains("ILLEGAL_SASL_STATE|SASL_AUTHENTICATION_FAILED|the broker closed")


def repeats(proxy: Kbridge) -> Counter[str]:
    """How often each connection has proven itself, from the traffic lines."""
    return Counter(line["client"] for line in REPEATED.finditer(proxy.log.read_text(errors="replace")))


def test_a_session_that_is_renewed_again_and_again_serves_all_partitions_without_an_error(three, proxy, name):
    errors: list[KafkaError] = []
    Direct(three.internal).create_topic(name, PARTITIONS)
    settings = {**Login("PLAIN").of_librdkafka(), "error_cb": errors.append, "log_level": 2}
    producer = Producer({"bootstrap.servers": proxy.address, **settings})

    def send() -> bool:
        for partition in range(PARTITIONS):
            producer.produce(name, b"x", partition=partition, on_delivery=lambda error, _: error and errors.append(error))
        producer.flush(CLIENT_TIMEOUT_S)
        time.sleep(0.05)
        return sum(count > SESSIONS for count in repeats(proxy).values()) >= len(three.brokers)

    wait_until(send, "a connection to each broker has been proven again")
    assert not errors
    assert not proxy.log_contains("the broker closed|SASL_AUTHENTICATION_FAILED|ILLEGAL_SASL_STATE")


@pytest.mark.parametrize("client", [JAVA, KAFKAJS], ids=lambda client: client.name)
def test_a_wrong_password_is_told_to_the_client_as_directly(client, three, name, request):
    client = logged_in(client, Login("PLAIN", "wrong"))

    def is_told(address: str) -> bool:
        command = client.produce(address, name, {})
        ran = subprocess.run(command, input="a record\n", capture_output=True, text=True, timeout=CLIENT_TIMEOUT_S)
        return "Authentication failed: Invalid username or password" in ran.stdout + ran.stderr

    # Directly before there is a kbridge, which would take the client for one that passed it by.
    assert is_told(three.brokers[0].bootstrap)
    assert is_told(request.getfixturevalue("proxy").address)


def test_a_wrong_password_is_an_authentication_error_of_librdkafka_as_directly(three, request):
    def refuses(address: str) -> None:
        errors: list[KafkaError] = []
        admin = admin_of(Login("PLAIN", "wrong"), address, errors)
        wait_until(lambda: KafkaError._AUTHENTICATION in codes(admin, errors), f"{address} refuses")

    refuses(three.brokers[0].bootstrap)
    refuses(request.getfixturevalue("proxy").address)


def test_scram_is_refused_with_a_sentence_that_names_what_to_do(three, proxy):
    # The first client that authenticates tells kbridge how many brokers there are.
    AdminClient({"bootstrap.servers": proxy.address, **Login("PLAIN").of_librdkafka()}).list_topics(timeout=CLIENT_TIMEOUT_S)
    errors: list[KafkaError] = []
    admin = admin_of(Login(SCRAM), proxy.address, errors)
    wait_until(lambda: codes(admin, errors) and proxy.log_contains(REFUSED), "SCRAM is refused")


def test_before_anybody_has_authenticated_kbridge_says_what_it_waits_for_and_is_healthy(three, proxy):
    proxy.process.wait_until(lambda: proxy.log_contains(r"answers only who has authenticated \(SASL\)"), CLIENT_TIMEOUT_S)
    ran = subprocess.run([str(binary()), "health", proxy.address], capture_output=True, text=True, timeout=CLIENT_TIMEOUT_S)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert not proxy.log_contains("waiting for the broker")


def admin_of(login: Login, address: str, errors: list[KafkaError]) -> AdminClient:
    """It tries for as long as it is kept."""
    return AdminClient({"bootstrap.servers": address, **login.of_librdkafka(), "error_cb": errors.append, "log_level": 2})


def codes(admin: AdminClient, errors: list[KafkaError]) -> set[int]:
    """Of what the application has been shown so far."""
    admin.poll(0)
    return {error.code() for error in errors}
