# SPDX-License-Identifier: Apache-2.0
"""A socket for each of three brokers (listen.per-broker), a port or a loopback address: clients and Kafka's own tools see what they
see without kbridge, also where one port for all cannot be exact."""

import pytest

from tests.e2e.clients import CLIENT_TIMEOUT_S, CORE_CLIENTS
from tests.e2e.direct import Direct
from tests.e2e.exchange import group_of_two_gets_every_record_once
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.served import leaders, served
from tests.e2e.tables import add_row
from tests.e2e.tools import AUTHORIZED, HEAD, TOOLS, Tools, prepared
from tests.kafka.cluster import Cluster
from tests.kafka.net import free_ports

PARTITIONS = 12
BROKERS = 3
MODES = ["ports", "loopback"]
CLIENTS = [pytest.param(client, id=client.name) for client in CORE_CLIENTS]
TABLE = "Kafka's command-line tools on three brokers with a socket each"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("exact")


@pytest.fixture(scope="module")
def three(folder):
    with Cluster(brokers=BROKERS, properties=AUTHORIZED) as cluster, prepared(cluster, folder):
        yield cluster


@pytest.fixture(scope="module")
def tools(folder):
    tools = Tools(folder / "tools.log")
    yield tools
    tools.stop()


@pytest.fixture(params=MODES)
def proxy(request, three, tmp_path):
    ports = free_ports(BROKERS)
    sockets = f"{ports[0]}-{ports[-1]}" if request.param == "ports" else request.param
    proxy = Kbridge(three, tmp_path, binary(), "--traffic", "--traffic-all", "--listen.per-broker", sockets)
    yield proxy
    proxy.stop()


@pytest.mark.parametrize("client", CLIENTS)
def test_a_group_of_two_gets_every_record_of_three_brokers_once(client, three, proxy, name, tmp_path):
    group_of_two_gets_every_record_once(client, proxy.address, Direct(three.internal), name, PARTITIONS, tmp_path)
    own = leaders(three.internal, name)
    proxy.process.wait_until(lambda: served(proxy, "Produce", name) == served(proxy, "Fetch", name) == own, CLIENT_TIMEOUT_S)
    assert len(own) == PARTITIONS
    assert proxy.log_contains(r"client .* is told \S+, an? (port|address) for each node")


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_prints_the_same_with_and_without_kbridge(tool, three, proxy, tools, folder):
    add_row(TABLE, HEAD, *tools.compare(tool, proxy, three, folder))
