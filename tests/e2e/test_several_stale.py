# SPDX-License-Identifier: Apache-2.0
"""Three kbridges behind a balancer, and leaders that move where none of them sees it: each finds out for itself, by the error of the
broker that was the leader, and no client waits for it.

Apart from test_several_moves.py because there clients run meanwhile, and correct what kbridge knows at once; here nobody asks
between the move and the moment that is looked at.
"""

import re
import shutil
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from confluent_kafka import Producer

from tests.e2e.direct import Direct
from tests.e2e.flow import wait_until
from tests.e2e.kbridge import binary
from tests.e2e.load import END_TIMEOUT_S, PARTITIONS, REPLICATED, create_topics
from tests.e2e.moves import move_replicas
from tests.e2e.raw import RawClient
from tests.e2e.replicas import Replica, Replicas
from tests.kafka.cluster import Broker, Cluster

OLD, NEW = 1, 2
# A client that hears of a new leader sends again after a tenth of a second or so.
SOON_S = 15
NONE, NOT_LEADER = 0, 6
STALE = re.compile(rf" Produce v\d+ +node {OLD} .*NOT_LEADER_OR_FOLLOWER")
FETCHED_FROM = re.compile(r" Fetch v4 +node (\d+) ")
# One that asks who leads only where it was told that somebody else does.
TRUSTING = {"topic.metadata.refresh.interval.ms": -1, "log.connection.close": False, "log_level": 2}


@pytest.fixture(scope="module")
def cluster():
    with Cluster(brokers=3, properties=REPLICATED) as cluster:
        yield cluster


@pytest.fixture
def replicas(cluster, tmp_path):
    if not shutil.which("haproxy"):
        pytest.skip("this test needs HAProxy")
    replicas = Replicas(cluster, tmp_path, binary(), "--traffic", "--traffic-all")
    yield replicas
    replicas.stop()


@pytest.fixture
def topic(cluster, name, tmp_path):
    """Led by the old one, as a whole."""
    create_topics(cluster.internal, name)
    lead_by(cluster, name, OLD, tmp_path)
    return name


def test_each_kbridge_passes_one_error_of_the_old_leader_and_then_goes_to_the_new_one(cluster, replicas, topic, tmp_path):
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(RawClient(replica.address))) for replica in replicas.each]
        assert [client.ask_records(topic) for client in clients] == [NONE] * 3
        lead_by(cluster, topic, NEW, tmp_path)
        assert [client.ask_records(topic) for client in clients] == [NOT_LEADER] * 3
        assert [client.ask_records(topic) for client in clients] == [NONE] * 3
    for replica in replicas.each:
        wait_until(lambda replica=replica: fetched_from(replica) == [OLD, OLD, NEW], f"{replica.log} tells where it went")


def test_clients_are_served_soon_though_no_kbridge_knows_the_new_leaders(cluster, replicas, topic, tmp_path):
    """One client knows as little as kbridge does. The other begins with what is true, which one kbridge hears, and the others do
    not."""
    lived = producer(replicas)
    write_everywhere(lived, topic)
    teach(replicas, topic)
    lead_by(cluster, topic, NEW, tmp_path)

    write_everywhere(lived, topic)
    wait_until(lambda: any(STALE.search(replica.log.read_text()) for replica in replicas.each), "an answer has told it")
    write_everywhere(producer(replicas), topic)

    assert Direct(cluster.internal).record_count(topic) == 3 * PARTITIONS


def lead_by(cluster: Cluster, topic: str, node: int, folder: Path) -> None:
    """Returns when each broker acts as it should: who was the leader takes a while to hear that it is not."""
    nodes = [node, *({1, 2, 3} - {node})]
    move_replicas(cluster.internal, topic, dict.fromkeys(range(PARTITIONS), nodes), folder)
    wait_until(lambda: all(serves(broker, topic) == (broker.node_id == node) for broker in cluster.brokers), f"{node} leads")


def serves(broker: Broker, topic: str) -> bool:
    with closing(RawClient(broker.direct)) as client:
        return client.ask_records(topic) == NONE


def teach(replicas: Replicas, topic: str) -> None:
    """Each hears who leads the topic now."""
    for replica in replicas.each:
        with closing(RawClient(replica.address)) as client:
            assert client.ask_records(topic) == NONE


def fetched_from(replica: Replica) -> list[int]:
    return [int(node) for node in FETCHED_FROM.findall(replica.log.read_text())]


def producer(replicas: Replicas) -> Producer:
    return Producer({**TRUSTING, "bootstrap.servers": replicas.address, "message.timeout.ms": END_TIMEOUT_S * 1000})


def write_everywhere(producer: Producer, topic: str) -> None:
    """One record to each partition, acknowledged."""
    failures = []
    for partition in range(PARTITIONS):
        producer.produce(topic, b"x", partition=partition, on_delivery=lambda error, _: error and failures.append(error))
    assert producer.flush(SOON_S) == 0
    assert not failures, failures
