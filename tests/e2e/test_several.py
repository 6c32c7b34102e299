# SPDX-License-Identifier: Apache-2.0
"""Each client on three brokers behind the one port: every record once, every partition used, each node for its own."""

import pytest

from tests.e2e.clients import CLIENT_TIMEOUT_S, CORE_CLIENTS, MORE_CLIENTS, Consumer, produce
from tests.e2e.direct import Direct
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.served import leaders, served
from tests.kafka.cluster import Cluster

RECORDS = 10_000
PARTITIONS = 12
MEMBERS = 2
CLIENTS = [pytest.param(client, id=client.name) for client in CORE_CLIENTS + MORE_CLIENTS]


@pytest.fixture(scope="module")
def three():
    with Cluster(brokers=3) as cluster:
        yield cluster


@pytest.fixture
def proxy(three, tmp_path):
    proxy = Kbridge(three, tmp_path, binary(), "--traffic")
    yield proxy
    proxy.stop()


@pytest.mark.parametrize("client", CLIENTS)
def test_a_group_of_two_gets_every_record_of_three_brokers_once(client, three, proxy, name, tmp_path):
    direct = Direct(three.internal)
    values = [str(number) for number in range(RECORDS)]
    direct.create_topic(name, PARTITIONS)
    members = [Consumer(client, number, proxy.address, name, name, tmp_path) for number in range(MEMBERS)]
    for member in members:
        member.process.wait_until(lambda: direct.group_shares(name, MEMBERS), CLIENT_TIMEOUT_S)

    produce(client, proxy.address, name, values, tmp_path)

    for member in members:
        member.process.wait_until(lambda: sum(len(each.values()) for each in members) >= RECORDS, CLIENT_TIMEOUT_S)
    for member in members:
        member.stop()
    assert direct.record_count(name) == RECORDS
    assert sorted(value for member in members for value in member.values()) == sorted(values)
    assert proxy.log_contains("has 3 nodes")
    own = leaders(three.internal, name)
    assert served(proxy, "Produce", name) == served(proxy, "Fetch", name) == own and len(own) == PARTITIONS
    assert not proxy.log_contains(r" Produce v.* NOT_LEADER_OR_FOLLOWER")
