# SPDX-License-Identifier: Apache-2.0
"""Clients that authenticate by SCRAM to three brokers: with a socket for each (listen.per-broker) it passes to every one of them,
also to a kbridge that knows nothing of the cluster yet; on one port for all it is refused with the line to configure."""

import pytest

from tests.e2e.clients import CLIENT_TIMEOUT_S, JAVA, KCAT, Consumer, produce
from tests.e2e.direct import Direct
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.sasl import BROKER, SCRAM, Login, create_user, logged_in, secrets_in
from tests.e2e.served import leaders, served
from tests.kafka.cluster import Cluster
from tests.kafka.net import free_ports

RECORDS = 1000
PARTITIONS = 6
BROKERS = 3
MODES = ["ports", "loopback"]
# kcat (librdkafka 2.0.2) gets "invalid credentials" from the broker itself, too: it is only good for being refused before that.
CLIENTS = [logged_in(JAVA, Login(SCRAM))]
REFUSED = logged_in(KCAT, Login(SCRAM))
# Sessions without an end: authenticating again is another test's.
SETTINGS = {**BROKER, "connections.max.reauth.ms": 0}


@pytest.fixture(scope="module")
def three():
    with Cluster(brokers=BROKERS, security="SASL_PLAINTEXT", properties=SETTINGS) as cluster:
        create_user(cluster.internal)
        yield cluster


@pytest.fixture(params=MODES)
def proxy(request, three, tmp_path):
    ports = free_ports(BROKERS)
    sockets = f"{ports[0]}-{ports[-1]}" if request.param == "ports" else request.param
    recording = tmp_path / "recording.pcapng"
    shown = ("--traffic", "--traffic-all", "--record", str(recording))
    proxy = Kbridge(three, tmp_path, binary(), *shown, "--listen.per-broker", sockets)
    yield proxy
    proxy.stop()
    assert secrets_in(proxy.log.read_bytes() + recording.read_bytes()) == []


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_scram_passes_to_each_of_three_brokers(client, three, proxy, name, tmp_path):
    Direct(three.internal).create_topic(name, PARTITIONS)
    values = [str(number) for number in range(RECORDS)]
    member = Consumer(client, 0, proxy.address, name, name, tmp_path)
    produce(client, proxy.address, name, values, tmp_path)
    member.process.wait_until(lambda: len(member.values()) >= RECORDS, CLIENT_TIMEOUT_S)
    member.stop()
    assert sorted(member.values()) == sorted(values)
    proxy.process.wait_until(lambda: served(proxy, "Fetch", name) == leaders(three.internal, name), CLIENT_TIMEOUT_S)


def test_on_one_port_for_all_it_is_refused_with_the_line_to_configure(three, name, tmp_path):
    proxy = Kbridge(three, tmp_path, binary())
    member = Consumer(REFUSED, 0, proxy.address, name, name, tmp_path)
    member.process.wait_until(lambda: proxy.log_contains(r"SASL.*--listen\.per-broker 29093-29192"), CLIENT_TIMEOUT_S)
    member.stop()
    proxy.stop()
