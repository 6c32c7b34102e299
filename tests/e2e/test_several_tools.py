# SPDX-License-Identifier: Apache-2.0
"""Kafka's own command-line tools print through kbridge, on three brokers, what they print directly; what kbridge cannot offer
fails with an error that says so, and kbridge's log with what to do."""

import re

import pytest

from tests.e2e.flow import wait_until
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.served import BrokerLogs
from tests.e2e.tables import add_row
from tests.e2e.tools import AUTHORIZED, HEAD, TOOLS, Tools, expand, prepared
from tests.kafka.cluster import Cluster

# Only these two APIs are not offered while several brokers share a port, and this is what the tools that need one say. Neither
# ApiVersions nor an answer to one of the two has room for a sentence: what to do stands in kbridge's log.
NOT_OFFERED = re.compile(r"(AlterReplicaLogDirs|DescribeLogDirs)\(\d+\): .*")
ERROR = "does not support DESCRIBE_LOG_DIRS"
REMEDY = r"DescribeLogDirs and AlterReplicaLogDirs are not offered .*--listen\.per-broker \d+-\d+.*--listen\.per-broker loopback"
REFUSED = ["log dirs", "reassignment"]
# It asks every broker, and each answers for all, because kbridge cannot see which one is meant.
REPEATED = ["transactions: list"]
TABLE = "Kafka's command-line tools on three brokers behind one port"
APIS = "APIs that the tools used through kbridge, and which brokers answered"
APIS_HEAD = ["tool", "APIs and the nodes that answered them"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tools")


@pytest.fixture(scope="module")
def three(folder):
    with Cluster(brokers=3, properties=AUTHORIZED, logs_requests=True) as cluster, prepared(cluster, folder):
        yield cluster


@pytest.fixture(autouse=True)
def answered(request, three):
    """Whatever a tool asks through kbridge, the broker that answers it is one that serves it."""
    logs = BrokerLogs(three)
    yield
    # A broker writes down what it has answered a moment later.
    wait_until(logs.answered, "a broker has told of an answer")
    answered = logs.answered()
    add_row(APIS, APIS_HEAD, request.node.callspec.id, ", ".join(f"{api} {nodes}" for api, nodes in sorted(answered.items())))
    assert not logs.misled(), logs.misled()


@pytest.fixture(scope="module")
def tools(folder):
    tools = Tools(folder / "tools.log", masks=[(NOT_OFFERED, r"\1")])
    yield tools
    tools.stop()


@pytest.fixture
def proxy(three, tmp_path):
    proxy = Kbridge(three, tmp_path, binary())
    yield proxy
    proxy.stop()


def named(names: list[str]):
    return pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool.name in names], ids=lambda tool: tool.name)


@named([tool.name for tool in TOOLS if tool.name not in [*REFUSED, *REPEATED]])
def test_a_tool_prints_the_same_with_and_without_kbridge(tool, three, proxy, tools, folder):
    add_row(TABLE, HEAD, *tools.compare(tool, proxy, three, folder))


@named(REPEATED)
def test_a_transaction_is_listed_once_for_each_broker(tool, three, proxy, tools, folder):
    (directly,), (through,) = (tools.ask(tool, bootstrap, three, folder) for bootstrap in (three.internal, proxy.address))
    assert through[0] == directly[0]
    name, _coordinator, *more = directly[1].split()
    assert [line.split() for line in through[1:]] == [[name, str(broker.node_id), *more] for broker in three.brokers]
    add_row(TABLE, HEAD, tool.name, len(tool.commands), len(directly), "each transaction once for each broker")


@named(REFUSED)
def test_a_tool_is_refused_with_an_error_and_the_log_says_what_to_do(tool, three, proxy, tools, folder):
    for command in expand(tool.commands, three, folder):
        code, printed = tools.run(command, proxy.address)
        assert code != 0 and ERROR in printed
    assert proxy.log_contains(REMEDY)
    add_row(TABLE, HEAD, tool.name, len(tool.commands), "-", f"an error: {ERROR}")
