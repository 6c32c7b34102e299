# SPDX-License-Identifier: Apache-2.0
"""Kafka's own command-line tools print through kbridge, on one broker, what they print directly."""

import pytest

from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.tables import add_row
from tests.e2e.tools import AUTHORIZED, HEAD, TOOLS, Tools, prepared
from tests.kafka.cluster import Cluster

TABLE = "Kafka's command-line tools on one broker"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tools")


@pytest.fixture(scope="module")
def one(folder):
    with Cluster(advertise="nowhere.invalid:1234", properties=AUTHORIZED) as cluster, prepared(cluster, folder):
        yield cluster


@pytest.fixture(scope="module")
def tools(folder):
    tools = Tools(folder / "tools.log")
    yield tools
    tools.stop()


@pytest.fixture
def proxy(one, tmp_path):
    proxy = Kbridge(one, tmp_path, binary())
    yield proxy
    proxy.stop()


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_prints_the_same_with_and_without_kbridge(tool, one, proxy, tools, folder):
    add_row(TABLE, HEAD, *tools.compare(tool, proxy, one, folder))
