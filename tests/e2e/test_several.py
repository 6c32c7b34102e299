# SPDX-License-Identifier: Apache-2.0
"""Each client on three brokers behind the one port: every record once, every partition used, each node for its own, as kbridge says
it and as the brokers themselves do."""

import pytest

from tests.e2e.clients import CLIENT_TIMEOUT_S, CORE_CLIENTS, JAVA_VERIFIABLE, MORE_CLIENTS, java_verifiable
from tests.e2e.direct import Direct
from tests.e2e.exchange import group_of_two_gets_every_record_once
from tests.e2e.served import leaders, served, told_by_brokers
from tests.kafka.cluster import Cluster

RECORDS = 30_000
PARTITIONS = 12
REPLICAS = 3
CLIENTS = [java_verifiable(RECORDS) if client is JAVA_VERIFIABLE else client for client in CORE_CLIENTS + MORE_CLIENTS]


@pytest.fixture(scope="module")
def three():
    with Cluster(brokers=3, logs_requests=True) as cluster:
        yield cluster


@pytest.mark.feature("group of two")
@pytest.mark.parametrize("client", [pytest.param(client, id=client.name) for client in CLIENTS])
def test_a_group_of_two_gets_every_record_of_three_brokers_once(client, three, proxy, name, tmp_path):
    group_of_two_gets_every_record_once(
        client, proxy.address, Direct(three.internal), name, PARTITIONS, tmp_path, RECORDS, replicas=REPLICAS
    )
    assert proxy.log_contains("has 3 nodes")
    own = leaders(three.internal, name)
    proxy.process.wait_until(lambda: served(proxy, "Produce", name) == served(proxy, "Fetch", name) == own, CLIENT_TIMEOUT_S)
    assert len(own) == PARTITIONS
    without_error = {(node, partition, 0) for node, partition in own}
    for api in ("PRODUCE", "FETCH"):
        # A broker writes down what it has answered a moment later.
        proxy.process.wait_until(lambda api=api: told_by_brokers(three, api, name) >= without_error, CLIENT_TIMEOUT_S)
        assert told_by_brokers(three, api, name) == without_error
    assert not proxy.log_contains(r" Produce v.* NOT_LEADER_OR_FOLLOWER")
