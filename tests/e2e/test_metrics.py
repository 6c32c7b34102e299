# SPDX-License-Identifier: Apache-2.0
"""What /metrics counts is what the clients of a real Kafka counted themselves."""

import re
import subprocess
import urllib.request
from collections import Counter

import pytest
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from tests.e2e.flow import wait_until
from tests.e2e.kbridge import Kbridge, binary
from tests.e2e.wire import listens
from tests.exposition import Exposition, problems
from tests.kafka.cluster import Cluster
from tests.kafka.net import free_port

RECORDS = 200
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

    proxy.process.wait_until(lambda: listens(port), WAIT_S)
    yield proxy, metrics
    proxy.stop()


METRIC = re.compile(r"^producer-metrics:([a-z-]+):\{client-id=sends\}\s*:\s*([\d.]+)$", re.MULTILINE)


def test_requests_bytes_and_connections_are_those_that_a_java_producer_counted(cluster, observed, name):
    proxy, metrics = observed
    properties = [f"bootstrap.servers={proxy.address}", "client.id=sends"]
    command = cluster.java(
        "org.apache.kafka.tools.ProducerPerformance", "--topic", name, "--num-records", str(RECORDS), "--record-size", "100",
        "--throughput", "-1", "--print-metrics", "--producer-props", *properties,
    )  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S)
    assert done.returncode == 0, done.stdout + done.stderr
    counted = {metric: float(value) for metric, value in METRIC.findall(done.stdout)}
    seen = metrics()
    assert problems(seen) == []
    rows = [
        ("requests", counted["request-total"], seen.value("kbridge_client_requests_total", client_id="sends")),
        ("answers", counted["response-total"], seen.total("kbridge_request_duration_seconds_count")),
        ("bytes sent", counted["outgoing-byte-total"], seen.value("kbridge_client_bytes_total", client_id="sends", direction="in")),
        ("bytes received", counted["incoming-byte-total"], seen.value("kbridge_client_bytes_total", client_id="sends", direction="out")),
        ("connections", counted["connection-creation-total"], seen.value("kbridge_connections_accepted_total")),
    ]
    for what, client, kbridge in rows:
        print(f"{what}: the client counted {client:.0f}, kbridge {kbridge:.0f}")
    assert [kbridge for _, _, kbridge in rows] == [client for _, client, _ in rows]
    assert sum(seen.by("kbridge_requests_total", "api").values()) == counted["request-total"]
    print("by API:", dict(seen.by("kbridge_requests_total", "api")))


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

        def shows() -> bool:
            seen = metrics()
            held = seen.total("kbridge_links", state="waiting") + seen.total("kbridge_links", state="dialling")
            return seen.value("kbridge_clients_waiting") > 0 and seen.value("kbridge_dial_failures_total") > 0 and held > 0

        wait_until(shows, "a client waits, whose link waits for a dial, and dials have failed", WAIT_S)
        del producer
    finally:
        cluster.brokers[0].start()
