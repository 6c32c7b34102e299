# SPDX-License-Identifier: Apache-2.0
"""Clients that authenticate by SCRAM to three brokers: with a socket for each (listen.per-broker) it passes to every one of them,
also to a kbridge that knows nothing of the cluster yet; on one port for all it is refused with the line to configure."""

import pytest
from confluent_kafka.admin import AdminClient, ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from tests.e2e.clients import CLIENT_TIMEOUT_S, CORE_CLIENTS, KCAT, Client, Consumer, produce
from tests.e2e.direct import ANSWER_TIMEOUT_S, Direct
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.served import leaders, served
from tests.kafka.cluster import Cluster
from tests.kafka.net import free_ports

RECORDS = 1000
PARTITIONS = 6
BROKERS = 3
MODES = ["ports", "loopback"]
USER, PASSWORD = "alice", "alices-very-own-word"
LOGIN_MODULE = "org.apache.kafka.common.security.scram.ScramLoginModule required"
CLIENT_SETTINGS = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-256"}
LIBRDKAFKA_SETTINGS = {**CLIENT_SETTINGS, "sasl.username": USER, "sasl.password": PASSWORD}
JAVA_SETTINGS = {**CLIENT_SETTINGS, "sasl.jaas.config": f'{LOGIN_MODULE} username="{USER}" password="{PASSWORD}";'}
BROKER_SETTINGS = {
    "listener.security.protocol.map": "CLIENT:SASL_PLAINTEXT,DIRECT:PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "sasl.enabled.mechanisms": "SCRAM-SHA-256",
    "listener.name.client.scram-sha-256.sasl.jaas.config": f"{LOGIN_MODULE};",
}


def with_options(client: Client, flag: str, settings: dict[str, str]) -> Client:
    words = [word for name, value in settings.items() for word in (flag, f"{name}={value}")]
    return Client(
        client.name,
        produce=lambda *arguments: insert(client.produce(*arguments), words),
        consume=lambda *arguments: insert(client.consume(*arguments), words),
        value=client.value,
    )


def insert(command: list[str], words: list[str]) -> list[str]:
    """kcat takes topics at its end."""
    return [command[0], *words, *command[1:]] if command[0] == "kcat" else [*command, *words]


JAVA_CONSOLE = next(client for client in CORE_CLIENTS if client.name == "java-console")
# kcat (librdkafka 2.0.2) gets "invalid credentials" from the broker itself, too: it is only good for being refused before that.
CLIENTS = [with_options(JAVA_CONSOLE, "--command-property", JAVA_SETTINGS)]
REFUSED = with_options(KCAT, "-X", LIBRDKAFKA_SETTINGS)


@pytest.fixture(scope="module")
def three():
    with Cluster(brokers=BROKERS, properties=BROKER_SETTINGS) as cluster:
        secret = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096)
        user = UserScramCredentialUpsertion(USER, secret, PASSWORD.encode())
        admin = AdminClient({"bootstrap.servers": cluster.internal})  # gone with its last name, and what it does with it
        for done in admin.alter_user_scram_credentials([user]).values():
            done.result(ANSWER_TIMEOUT_S)
        yield cluster


@pytest.fixture(params=MODES)
def proxy(request, three, tmp_path):
    ports = free_ports(BROKERS)
    sockets = f"{ports[0]}-{ports[-1]}" if request.param == "ports" else request.param
    proxy = Kbridge(three, tmp_path, binary(), "--traffic", "--listen.per-broker", sockets)
    yield proxy
    proxy.stop()
    assert PASSWORD not in proxy.log.read_text(errors="replace")


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_scram_passes_to_each_of_three_brokers(client, three, proxy, name, tmp_path):
    Direct(three.internal).create_topic(name, PARTITIONS)
    values = [str(number) for number in range(RECORDS)]
    member = Consumer(client, 0, proxy.address, name, name, tmp_path)
    produce(client, proxy.address, name, values, tmp_path)
    member.process.wait_until(lambda: len(member.values()) >= RECORDS, CLIENT_TIMEOUT_S)
    member.stop()
    assert sorted(member.values()) == sorted(values)
    assert served(proxy, "Fetch", name) == leaders(three.internal, name)


def test_on_one_port_for_all_it_is_refused_with_the_line_to_configure(three, name, tmp_path):
    proxy = Kbridge(three, tmp_path, binary())
    member = Consumer(REFUSED, 0, proxy.address, name, name, tmp_path)
    member.process.wait_until(lambda: proxy.log_contains(r"SASL.*--listen\.per-broker 29093-29192"), CLIENT_TIMEOUT_S)
    member.stop()
    proxy.stop()
