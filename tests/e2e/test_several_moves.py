# SPDX-License-Identifier: Apache-2.0
"""What kbridge has learned becomes wrong while clients run: leaders move, kbridges behind a balancer are restarted, a topic is
deleted and created again."""

import shutil
import time
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from tests.e2e.direct import Direct
from tests.e2e.flow import wait_until
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.load import END_TIMEOUT_S, PARTITIONS, REPLICATED, Stream, create_topics
from tests.e2e.moves import move_replicas
from tests.e2e.replicas import Replicas
from tests.e2e.served import leaders
from tests.kafka.cluster import Cluster

NODES = [1, 2, 3]


@pytest.fixture(scope="module")
def cluster():
    with Cluster(brokers=3, properties=REPLICATED) as cluster:
        yield cluster


@pytest.fixture
def proxy(cluster, tmp_path):
    proxy = Kbridge(cluster, tmp_path, binary())
    yield proxy
    proxy.stop()


@pytest.fixture
def replicas(cluster, tmp_path):
    if not shutil.which("haproxy"):
        pytest.skip("this test needs HAProxy")
    replicas = Replicas(cluster, tmp_path, binary())
    yield replicas
    replicas.stop()


def test_clients_follow_leaders_that_move_and_lose_nothing(cluster, proxy, name, tmp_path):
    stream = flowing_stream(cluster, proxy.address, name)
    for turn in range(3):
        move_leaders(cluster.internal, name, turn, tmp_path)
        stream.wait_flowing()
    stream.finish()
    stream.check(cluster.internal)


def test_kbridges_behind_a_balancer_may_restart_and_die_while_leaders_move(cluster, replicas, name, tmp_path):
    stream = flowing_stream(cluster, replicas.address, name)
    for turn, replica in enumerate(replicas.each):
        replica.restart()
        move_leaders(cluster.internal, name, turn, tmp_path)
        stream.wait_flowing()
    for replica in replicas.each:
        replica.kill()
        stream.wait_flowing()
        replica.start()
    stream.finish()
    stream.check(cluster.internal)


def test_clients_that_live_on_use_a_topic_that_was_deleted_and_created_again(cluster, proxy, name):
    admin = AdminClient({"bootstrap.servers": proxy.address})
    producer = Producer({"bootstrap.servers": proxy.address})
    for life in ("first", "second"):
        create_topics(proxy.address, name)
        wait_until(lambda: len(leaders(cluster.internal, name)) == PARTITIONS, "all partitions have leaders", END_TIMEOUT_S)
        Direct(cluster.internal).settle(NODES)
        produce_everywhere(producer, name, life)
        assert read(proxy.address, name, f"{name}-{life}", PARTITIONS) == [life] * PARTITIONS
        admin.delete_topics([name])[name].result(END_TIMEOUT_S)
        wait_until(lambda: name not in admin.list_topics(timeout=END_TIMEOUT_S).topics, "the topic has gone", END_TIMEOUT_S)
        Direct(cluster.internal).settle(NODES)


def flowing_stream(cluster: Cluster, bootstrap: str, topic: str) -> Stream:
    create_topics(cluster.internal, topic)
    stream = Stream(bootstrap, topic).start()
    stream.wait_flowing()
    return stream


def move_leaders(bootstrap: str, topic: str, turn: int, folder: Path) -> None:
    """Makes another node the leader of each partition."""
    nodes_of = {partition: [NODES[(partition + turn + place) % 3] for place in range(3)] for partition in range(PARTITIONS)}
    move_replicas(bootstrap, topic, nodes_of, folder)


def produce_everywhere(producer: Producer, topic: str, value: str) -> None:
    """One record to each partition, acknowledged."""
    failures = []
    for partition in range(PARTITIONS):
        producer.produce(topic, value, partition=partition, on_delivery=lambda error, _: error and failures.append(error))
    assert producer.flush(END_TIMEOUT_S) == 0
    assert not failures, failures


def read(bootstrap: str, topic: str, group: str, count: int) -> list[str]:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    values: list[str] = []
    deadline = time.monotonic() + END_TIMEOUT_S
    while len(values) < count:
        assert time.monotonic() < deadline, f"of {count} records came {len(values)}"
        for record in consumer.consume(count, 0.2):
            if record.error():
                raise KafkaException(record.error())
            values.append(record.value().decode())
    consumer.close()
    return values
