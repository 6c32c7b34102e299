# SPDX-License-Identifier: Apache-2.0
"""What /metrics says of a real Kafka: the errors that a client met, and a broker that is down."""

import urllib.request
from collections import Counter

import pytest
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from tests.e2e.flow import wait_until
from tests.e2e.kbridge import Kbridge, binary
from tests.exposition import Exposition
from tests.kafka.cluster import Cluster
from tests.kafka.net import free_port

WAIT_S = 60


@pytest.fixture(scope="module")
def cluster():
    with Cluster(advertise="nowhere.invalid:1234") as kafka:
        yield kafka


@pytest.fixture
def observed(cluster, tmp_path):
    """kbridge, and a function that reads its metrics."""
    port = free_port()
    proxy = Kbridge(cluster, tmp_path, binary(), "--admin.listen", f"localhost:{port}")

    def metrics() -> Exposition:
        with urllib.request.urlopen(f"http://localhost:{port}/metrics") as answer:
            return Exposition(answer.read().decode())

    yield proxy, metrics
    proxy.stop()


def failures(futures: dict) -> Counter:
    """The names of the errors with which they end."""
    found = Counter()
    for future in futures.values():
        try:
            future.result(WAIT_S)
        except KafkaException as error:
            found[error.args[0].name().lstrip("_")] += 1
    return found


def test_errors_are_those_that_the_client_met(observed, name):
    proxy, metrics = observed
    admin = AdminClient({"bootstrap.servers": proxy.address})
    assert not failures(admin.create_topics([NewTopic(name, 1, 1)]))
    met = Counter()
    for _ in range(3):
        met += failures(admin.create_topics([NewTopic(name, 1, 1)]))
    met += failures(admin.delete_topics([f"{name}-not-there", f"{name}-nor-this"]))
    seen = metrics()
    assert met == {"TOPIC_ALREADY_EXISTS": 3, "UNKNOWN_TOPIC_OR_PART": 2}
    assert seen.value("kbridge_errors_total", api="CreateTopics", error="TOPIC_ALREADY_EXISTS") == 3
    assert seen.value("kbridge_errors_total", api="DeleteTopics", error="UNKNOWN_TOPIC_OR_PARTITION") == 2
    print("errors:", dict(seen.by("kbridge_errors_total", "error")))


def test_a_broker_that_is_down_shows_in_dials_waiting_clients_and_health(cluster, observed):
    proxy, metrics = observed
    assert metrics().value("kbridge_clients_waiting") == 0
    cluster.brokers[0].kill()
    try:
        producer = Producer({"bootstrap.servers": proxy.address})
        wait_until(lambda: metrics().value("kbridge_clients_waiting") > 0, "a client waits", WAIT_S)
        assert metrics().value("kbridge_dial_failures_total") > 0
        assert metrics().total("kbridge_links", state="waiting") + metrics().total("kbridge_links", state="dialling") > 0
        del producer
    finally:
        cluster.brokers[0].start()
