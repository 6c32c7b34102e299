# SPDX-License-Identifier: Apache-2.0
"""Telemetry, on three brokers behind the one port: what a client pushes over a connection comes to the broker that has told it there
what to push, and brokers take it."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.e2e import toolchains
from tests.e2e.clients import CLIENT_TIMEOUT_S
from tests.e2e.direct import Direct
from tests.e2e.flow import Flow
from tests.e2e.served import BrokerLogs
from tests.e2e.tools import CLIENT_METRICS, NEW
from tests.kafka.cluster import Cluster
from tests.kafka.process import Process

HERE = Path(__file__).resolve().parent
PARTITIONS = 12
# A producer and two members of a group.
INSTANCES = 3
PUSHES = 3
LINE = re.compile(r" #(?P<connection>\d+) .* (GetTelemetrySubscriptions|PushTelemetry) v\d+ +node (?P<node>\S+) ")


@pytest.fixture
def three():
    jars = toolchains.java_classes(HERE / "java/Telemetry.java")
    properties = {"metric.reporters": "Telemetry"}
    with Cluster(brokers=3, properties=properties, logs_requests=True, jars=jars) as cluster:
        yield cluster


def test_what_clients_push_comes_to_the_broker_that_has_told_them_what_to_push(three, proxy, name, tmp_path):
    subscribe(three, tmp_path)
    Direct(three.internal).create_topic(name, PARTITIONS)
    logs = BrokerLogs(three)
    flow = Flow("Java", "through", proxy.address, name, tmp_path)
    flow.process.wait_until(lambda: have_pushed(logs), CLIENT_TIMEOUT_S)
    flow.finish()

    nodes: dict[str, set[str]] = defaultdict(set)
    for line in LINE.finditer(proxy.log.read_text()):
        nodes[line["connection"]].add(line["node"])
    assert len(nodes) >= INSTANCES
    assert all(len(each) == 1 for each in nodes.values()), dict(nodes)


def subscribe(cluster: Cluster, folder: Path) -> None:
    """All clients are to push, as often as they may."""
    what = ["--alter", "--name", NEW, "--metrics", "org.apache.kafka.", "--interval", "100"]
    command = toolchains.java(CLIENT_METRICS, "--bootstrap-server", cluster.internal, *what)
    Process("the subscription", command, folder / "subscription.log").finish(CLIENT_TIMEOUT_S)


def have_pushed(logs: BrokerLogs) -> bool:
    """All, as brokers say that have taken it."""
    taken: dict[str, int] = defaultdict(int)
    for exchange in logs.exchanges("PUSH_TELEMETRY"):
        taken[exchange["request"]["clientInstanceId"]] += exchange["response"]["errorCode"] == 0
    return len(taken) == INSTANCES and min(taken.values()) >= PUSHES
