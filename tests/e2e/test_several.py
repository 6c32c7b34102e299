# SPDX-License-Identifier: Apache-2.0
"""Each client on three brokers behind the one port: every record once, every partition used, each node for its own."""

import pytest

from tests.e2e.clients import CORE_CLIENTS, MORE_CLIENTS
from tests.e2e.direct import Direct
from tests.e2e.exchange import group_of_two_gets_every_record_once
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.served import leaders, served
from tests.kafka.cluster import Cluster

PARTITIONS = 12
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


@pytest.mark.feature("group of two")
@pytest.mark.parametrize("client", CLIENTS)
def test_a_group_of_two_gets_every_record_of_three_brokers_once(client, three, proxy, name, tmp_path):
    group_of_two_gets_every_record_once(client, proxy.address, Direct(three.internal), name, PARTITIONS, tmp_path)
    assert proxy.log_contains("has 3 nodes")
    own = leaders(three.internal, name)
    assert served(proxy, "Produce", name) == served(proxy, "Fetch", name) == own and len(own) == PARTITIONS
    assert not proxy.log_contains(r" Produce v.* NOT_LEADER_OR_FOLLOWER")
