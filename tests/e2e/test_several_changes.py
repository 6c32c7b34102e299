# SPDX-License-Identifier: Apache-2.0
"""The cluster itself changes while clients run: a broker is added, comes back at another address, is replaced by one with another
id at its old address; the controller moves."""

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from tests.e2e.direct import ANSWER_TIMEOUT_S
from tests.e2e.flow import wait_until
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.load import END_TIMEOUT_S, PARTITIONS, REPLICATED, Stream, create_topics
from tests.e2e.moves import move_replicas
from tests.e2e.served import leaders
from tests.kafka.cluster import Broker, Cluster
from tests.kafka.net import free_port, metadata_nodes

FIRST = 3


@pytest.fixture
def growing():
    """Three of five brokers run. The fifth has the address of the fourth, so only one of these can run at a time."""
    cluster = Cluster(brokers=5, properties=REPLICATED)
    fourth, fifth = cluster.brokers[FIRST:]
    fifth.configure("own", REPLICATED, client_port=fourth.client_port)
    try:
        for broker in cluster.brokers[:FIRST]:
            broker.start()
        wait_known(cluster, {1, 2, 3})
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def proxy(growing, tmp_path):
    upstream = ",".join(broker.bootstrap for broker in growing.brokers[:FIRST])
    proxy = Kbridge(growing, tmp_path, binary(), upstream=upstream)
    yield proxy
    proxy.stop()


def test_clients_go_on_when_a_broker_is_added_changes_its_address_and_is_replaced_by_another_id(growing, proxy, name, tmp_path):
    fourth, fifth = growing.brokers[FIRST:]
    internal = ",".join(broker.internal for broker in growing.brokers[:FIRST])
    create_topics(internal, name)
    stream = Stream(proxy.address, name).start()
    stream.wait_flowing()

    def lead_all_by(node: int) -> None:
        """Nothing flows any more unless kbridge reaches this node."""
        move_replicas(internal, name, {partition: [node, 1, 2] for partition in range(PARTITIONS)}, tmp_path)

        def flows_through_it() -> bool:
            stream.wait_flowing()
            return {leader for leader, _partition in leaders(internal, name)} == {node}

        # A broker that has stood still for too long loses what it leads, and gets it again soon.
        wait_until(flows_through_it, f"records come while {node} leads all", END_TIMEOUT_S)

    fourth.start()
    wait_known(growing, {1, 2, 3, 4})
    lead_all_by(4)

    fourth.stop()
    fourth.configure("own", REPLICATED, client_port=free_port())
    fourth.start()
    wait_until(lambda: {node for node, _partition in leaders(internal, name)} == {4}, "it leads again", END_TIMEOUT_S)
    stream.wait_flowing()

    lead_all_by(3)
    fourth.stop()
    fourth.configure("own", REPLICATED, client_port=fifth.client_port)
    fifth.start()
    wait_known(growing, {1, 2, 3, 5})
    lead_all_by(5)

    stream.finish()
    stream.check(internal)


def test_a_client_that_lives_on_creates_topics_after_the_controller_has_moved(tmp_path, name):
    """Where ZooKeeper keeps the metadata, only one broker creates topics."""
    with Cluster("2.8.2", brokers=3, properties=REPLICATED) as cluster:
        proxy = Kbridge(cluster, tmp_path, binary())
        admin = AdminClient({"bootstrap.servers": proxy.address, "log.connection.close": False, "log_level": 2})
        create(admin, f"{name}-before")
        before = controller(cluster)
        before.kill()
        wait_until(lambda: controller(cluster) not in (None, before), "another broker is the controller", END_TIMEOUT_S)
        create(admin, f"{name}-after")
        before.start()
        before.wait_ready()
        proxy.stop()


def create(admin: AdminClient, topic: str) -> None:
    """Tries again where a connection has ended with the broker behind it, as applications do."""

    def is_created() -> bool:
        try:
            admin.create_topics([NewTopic(topic, PARTITIONS, 2)])[topic].result(ANSWER_TIMEOUT_S)
        except KafkaException as problem:
            assert problem.args[0].code() in (KafkaError._TRANSPORT, KafkaError.TOPIC_ALREADY_EXISTS), problem
        try:
            return topic in admin.list_topics(timeout=ANSWER_TIMEOUT_S).topics
        except KafkaException as problem:
            assert problem.args[0].code() == KafkaError._TRANSPORT, problem
            return False

    wait_until(is_created, f"{topic} is there", END_TIMEOUT_S)


def controller(cluster: Cluster) -> Broker | None:
    """As a broker that lives says it."""
    alive = ",".join(broker.internal for broker in cluster.brokers if broker.pid)
    number = AdminClient({"bootstrap.servers": alive}).list_topics(timeout=ANSWER_TIMEOUT_S).controller_id
    return next((broker for broker in cluster.brokers if broker.node_id == number), None)


def wait_known(cluster: Cluster, node_ids: set[int]) -> None:
    """Returns when each of the first brokers knows of exactly these."""

    def knows(broker: Broker) -> bool:
        host, port = broker.internal.split(":")
        return {node for node, _host, _port in metadata_nodes(host, int(port))} == node_ids

    wait_until(lambda: all(knows(broker) for broker in cluster.brokers[:FIRST]), f"{node_ids} are known", END_TIMEOUT_S)
